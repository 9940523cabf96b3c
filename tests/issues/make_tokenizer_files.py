#!/usr/bin/env python3
"""Makes tokenizer_files.json: what AutoTokenizer of transformers 4.57.6 answers for checkpoints that say the same thing in different files.

Each case changes files of tests/golden/checkpoints/distilbert-sequence-classification (null: the file is left out; a dictionary is merged
into JSON) and has texts with the reference's ids and offsets; `decoded` has pieces and what the reference makes of them.
"""
import json
import os
import shutil
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BASE = os.path.join(HERE, '../golden/checkpoints/distilbert-sequence-classification')


def write_case(directory, files):
    for name in os.listdir(BASE):
        shutil.copy(os.path.join(BASE, name), directory)
    for name, content in files.items():
        path = os.path.join(directory, name)
        if content is None:
            if name == 'tokenizer.json':  # older checkpoints have the vocabulary alone
                with open(path, encoding='utf8') as file:
                    vocabulary = json.load(file)['model']['vocab']
                with open(os.path.join(directory, 'vocab.txt'), 'w', encoding='utf8') as file:
                    file.write(''.join(piece + '\n' for piece in sorted(vocabulary, key=vocabulary.get)))
            os.remove(path)
            continue
        if name == 'tokenizer.json' or name.startswith('tokenizer.4') or name.startswith('tokenizer.9'):
            with open(os.path.join(BASE, 'tokenizer.json'), encoding='utf8') as file:
                whole = json.load(file)
            for key, value in content.items():
                if isinstance(value, dict) and isinstance(whole.get(key), dict):
                    whole[key].update(value)
                else:
                    whole[key] = value
            content = whole
        elif name == 'config.json':
            with open(os.path.join(BASE, name), encoding='utf8') as file:
                content = {**json.load(file), **content}
        with open(path, 'w', encoding='utf8') as file:
            json.dump(content, file, ensure_ascii=False)


def mask(**flags):
    return {'content': '[MASK]', 'lstrip': False, 'rstrip': False, 'single_word': False, 'normalized': False, **flags}


CASED = {'normalizer': {'lowercase': False}}
SPLIT = {'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [{'type': 'WhitespaceSplit'}, {'type': 'BertPreTokenizer'}]}}
GENERIC = {'tokenizer_class': 'PreTrainedTokenizerFast', 'unk_token': '[UNK]'}
CASES = {
    'class in config.json, flags from tokenizer_config.json': {'config.json': {'tokenizer_class': 'PreTrainedTokenizerFast'}, 'tokenizer_config.json': {'do_lower_case': True}, 'tokenizer.json': CASED},
    'tokenizer_config.json before config.json': {'config.json': {'tokenizer_class': 'PreTrainedTokenizerFast'}, 'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer'}, 'tokenizer.json': CASED},
    'class of model_type': {'tokenizer_config.json': {}, 'tokenizer.json': CASED},
    'no tokenizer_config.json': {'tokenizer_config.json': None, 'tokenizer.json': CASED},
    'no tokenizer_config.json, a generic class': {'config.json': {'tokenizer_class': 'PreTrainedTokenizerFast'}, 'tokenizer_config.json': None, 'tokenizer.json': CASED},
    'another pre-tokenizer': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'do_lower_case': True}, 'tokenizer.json': {**CASED, **SPLIT}},
    'MPNet leaves Chinese characters alone': {'tokenizer_config.json': {'tokenizer_class': 'MPNetTokenizer', 'tokenize_chinese_chars': False, 'do_lower_case': False}},
    'flags in added_tokens_decoder': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'added_tokens_decoder': {'4': mask(lstrip=True, rstrip=True, special=True)}}},
    'flags in special_tokens_map.json, vocab.txt': {'tokenizer.json': None, 'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer'}, 'special_tokens_map.json': {'mask_token': mask(lstrip=True, single_word=True)}},
    'flags in special_tokens_map.json, tokenizer.json before it': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer'}, 'special_tokens_map.json': {'mask_token': mask(lstrip=True)}},
    'flags in tokenizer_config.json, vocab.txt': {'tokenizer.json': None, 'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'mask_token': mask(rstrip=True, __type='AddedToken')}},
    'the mask of ALBERT takes the space before it': {'tokenizer_config.json': {'tokenizer_class': 'AlbertTokenizer'}},
    'another special token': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'additional_special_tokens': ['play']}},
    'a first token': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'bos_token': 'play'}},
    'added_tokens.json': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer'}, 'added_tokens.json': {'play': 3}},
    'added_tokens.json, an id of its own': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer'}, 'added_tokens.json': {'play': 2000}},
    'added_tokens.json, vocab.txt': {'tokenizer.json': None, 'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer'}, 'added_tokens.json': {'play': 3}},
    'added_tokens.json beside added_tokens_decoder': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'added_tokens_decoder': {}}, 'added_tokens.json': {'play': 3}},
    'split_special_tokens': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'split_special_tokens': True}},
    'split_special_tokens, a token that is not special': {'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', 'split_special_tokens': True, 'added_tokens_decoder': {'9': {'content': 'play', 'special': False}}}},
    'the newest file': {'tokenizer_config.json': {**GENERIC, 'fast_tokenizer_files': ['tokenizer.4.0.0.json', 'tokenizer.json', 'tokenizer.4.9.0.json']}, 'tokenizer.4.0.0.json': {}, 'tokenizer.4.9.0.json': CASED},
    'a file that is too new': {'tokenizer_config.json': {**GENERIC, 'fast_tokenizer_files': ['tokenizer.json', 'tokenizer.9.0.0.json']}, 'tokenizer.9.0.0.json': CASED},
}
TEXTS = ['Play some [MASK] by The Café', 'x[MASK]y [MASK] ', 'play playing 音楽 PLAY']


def main():
    import transformers
    assert transformers.__version__ == '4.57.6', transformers.__version__
    cases = []
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as directory:
            write_case(directory, files)
            tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
            expected = [tokenizer(text, return_offsets_mapping=True) for text in TEXTS]
        cases.append({'name': name, 'files': files, 'types': 'token_type_ids' in tokenizer.model_input_names,
                      'ids': [e['input_ids'] for e in expected], 'offsets': [e['offset_mapping'] for e in expected]})
    with open(os.path.join(HERE, 'tokenizer_files.json'), 'w', encoding='utf8') as file:
        file.write('{"texts": ' + json.dumps(TEXTS, ensure_ascii=False) + ', "cases": [\n' +
                   ',\n'.join(json.dumps(case, ensure_ascii=False) for case in cases) + '\n]}\n')


if __name__ == '__main__':
    main()
