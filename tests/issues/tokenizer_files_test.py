#!/usr/bin/env python3
"""What a checkpoint says about its tokenizer in one of several files is heard, whichever it is: ids and offsets of the reference
(tokenizer_files.json, made by make_tokenizer_files.py). What is not implemented is refused by name, what nobody knows is warned of."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../cli'))
sys.path.insert(0, HERE)
import cli  # noqa: E402
import make_tokenizer_files as files  # noqa: E402

NUMBER = iter(range(10**6))


def write(changes):
    directory = cli.path(f'case-{next(NUMBER)}')
    os.mkdir(directory)
    files.write_case(directory, changes)
    return directory


def convert(changes):
    """The result of converting, and the model."""
    directory = write(changes)
    return cli.run('convert', directory, '-o', directory + '.pbert'), directory + '.pbert'


class TokenizerFiles(cli.Case):
    def test_as_the_reference_reads_them(self):
        with open(os.path.join(HERE, 'tokenizer_files.json'), encoding='utf8') as file:
            golden = json.load(file)
        for case in golden['cases']:
            with self.subTest(case['name']):
                result, model = convert(case['files'])
                self.assertEqual((result.returncode, result.stderr), (cli.DONE, ''))
                lines = cli.json_lines(self.done('tokenize', '--json', model, *golden['texts']))
                self.assertEqual([line['ids'] for line in lines], case['ids'])
                self.assertEqual([line['offsets'] for line in lines], case['offsets'])

    def test_a_class_that_is_not_implemented_is_refused_by_name(self):
        for changes, where in (({'tokenizer_config.json': {'tokenizer_class': 'BertJapaneseTokenizer'}}, 'tokenizer_config.json'),
                               ({'tokenizer_config.json': {}, 'config.json': {'tokenizer_class': 'BertJapaneseTokenizer'}}, '/config.json'),
                               ({'tokenizer_config.json': None, 'config.json': {'tokenizer_class': 'BertJapaneseTokenizer'}}, '/config.json')):
            result, _ = convert(changes)
            self.assertEqual(result.returncode, cli.FAILED, changes)
            self.assertIn('BertJapaneseTokenizer', result.stderr)
            self.assertIn(where, result.stderr)

    def test_a_special_token_beyond_the_embedding_is_refused_by_name(self):
        """The reference fails at the first text that has it."""
        for changes in ({'tokenizer_config.json': {'additional_special_tokens': ['[NEW]']}},
                        {'tokenizer_config.json': {'extra_special_tokens': {'new_token': '[NEW]'}}},
                        {'special_tokens_map.json': {'additional_special_tokens': ['[NEW]']}},
                        {'added_tokens.json': {'[NEW]': 5000}}):
            result, _ = convert(changes)
            self.assertEqual(result.returncode, cli.FAILED, changes)
            self.assertIn('added token "[NEW]" has id', result.stderr)

    def test_the_old_name_of_the_limit_counts_where_the_new_one_is_not_there(self):
        """kwargs.pop("model_max_length", kwargs.pop("max_len", None)): a null is there."""
        row = json.dumps({'text': 'play some jazz by the cafe ' * 3, 'truncation': True})
        lengths = []
        for config in ({'max_len': 8}, {'model_max_length': 8, 'max_len': 5}, {'model_max_length': None, 'max_len': 8}, {}):
            result, model = convert({'tokenizer_config.json': {'tokenizer_class': 'BertTokenizer', **config}})
            self.assertEqual(result.returncode, cli.DONE, result.stderr)
            lengths.append(len(json.loads(cli.run('run', model, '--raw', '--input', 'jsonl', stdin=row).stdout)['input_ids']))
        self.assertEqual(lengths[:2], [8, 8])
        self.assertEqual(lengths[2], lengths[3])
        self.assertGreater(lengths[3], 8)

    def test_a_decoder_that_is_not_implemented_is_refused_by_name(self):
        result, _ = convert({'tokenizer.json': {'decoder': {'type': 'CTC', 'pad_token': '[PAD]'}}})
        self.assertEqual(result.returncode, cli.FAILED)
        self.assertIn('decoder CTC is not supported', result.stderr)

    def test_a_key_that_nobody_knows_is_warned_of(self):
        for changes, name, key in (({'tokenizer_config.json': {'do_upper_case': True}}, 'tokenizer_config.json', 'do_upper_case'),
                                   ({'special_tokens_map.json': {'magic_token': '[M]'}}, 'special_tokens_map.json', 'magic_token'),
                                   ({'tokenizer.json': {'normalizer': {'uppercase': True}}}, 'tokenizer.json', 'BertNormalizer.uppercase'),
                                   ({'tokenizer.json': {'postscript': 1}}, 'tokenizer.json', 'postscript')):
            result, model = convert(changes)
            self.assertEqual(result.returncode, cli.DONE, result.stderr)
            self.assertRegex(result.stderr, rf'\Apocketbert: convert: [^\n]*/{name}: key "{key}": not known here; ignored\n\Z')
            self.assertTrue(os.path.exists(model))


if __name__ == '__main__':
    cli.main()
