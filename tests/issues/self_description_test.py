#!/usr/bin/env python3
"""What a checkpoint says about itself in other words than usual: the answer is that of the same checkpoint in the usual
words, because the reference (transformers 4.57.6, sentence-transformers 5.1.2) reads both alike."""
import json
import math
import os
import shutil
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

NAME = 'distilbert-sequence-classification'
TEXT = 'please book a flight to paris'
ANY_SPACE = '\u2003\u00a0\t\x1c'


def variant(name, config=lambda c: c, tensors=None, files=()):
    """A copy of the checkpoint with other words in its files."""
    folder = cli.path(name)
    shutil.copytree(cli.checkpoint(NAME), folder)
    with open(folder + '/config.json') as file:
        read = json.load(file)
    text = config(read)
    with open(folder + '/config.json', 'w') as file:
        file.write(text if isinstance(text, str) else json.dumps(text if text is not None else read))
    if tensors:
        with open(folder + '/model.safetensors', 'rb') as file:
            size, = struct.unpack('<Q', file.read(8))
            header, data = json.loads(file.read(size)), file.read()
        header, data = tensors(header, data)
        head = json.dumps(header).encode()
        with open(folder + '/model.safetensors', 'wb') as file:
            file.write(struct.pack('<Q', len(head)) + head + data)
    for path, content in dict(files).items():
        os.makedirs(os.path.dirname(f'{folder}/{path}'), exist_ok=True)
        with open(f'{folder}/{path}', 'w') as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
    return folder


def convert(folder, *flags):
    return cli.run('convert', folder, '-o', folder + '.pbert', '--weights', 'fp32', *flags)


def answer(folder, *flags, text=TEXT):
    result = convert(folder)
    assert result.returncode == cli.DONE, result.stderr
    result = cli.run('run', folder + '.pbert', '--json', '--input', 'jsonl', *flags, stdin=json.dumps({'text': text}))
    assert result.returncode == cli.DONE, result.stderr
    return json.loads(result.stdout)


def to_doubles(header, data):
    out, made = b'', {}
    for name, entry in header.items():
        if name == '__metadata__':
            continue
        begin, end = entry['data_offsets']
        values = struct.unpack(f'<{(end - begin) // 4}f', data[begin:end])
        wide = struct.pack(f'<{len(values)}d', *values)
        made[name] = {'dtype': 'F64', 'shape': entry['shape'], 'data_offsets': [len(out), len(out) + len(wide)]}
        out += wide
    return made, out


def close(a, b, tolerance=1e-5):
    return len(a) == len(b) and all(abs(x - y) < tolerance * max(1, abs(y)) for x, y in zip(a, b))


class Config(unittest.TestCase):
    def setUp(self):
        self.expected = answer(variant(self.id() + '-plain'))

    def same(self, *arguments, **keywords):
        self.assertEqual(answer(variant(self.id(), *arguments, **keywords)), self.expected)

    def test_aliases(self):
        def rename(config):
            for own, alias in (('n_heads', 'num_attention_heads'), ('dim', 'hidden_size'), ('n_layers', 'num_hidden_layers')):
                config[alias] = config.pop(own)
        self.same(rename)

    def test_infinity(self):
        self.same(lambda config: json.dumps({**config, 'time_limit': math.inf, 'temperature': math.nan}))

    def test_doubles(self):
        self.same(tensors=to_doubles)

    def test_orig_mod(self):
        self.same(tensors=lambda header, data: ({'module._orig_mod.' + k: v for k, v in header.items() if k[0] != '_'}, data))


class Refusals(unittest.TestCase):
    def refused(self, *words, flags=(), **keywords):
        result = convert(variant(self.id() + '-'.join(words)[:20], **keywords), *flags)
        self.assertEqual(result.returncode, cli.FAILED, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_other_networks(self):
        for key, value in (('pruned_heads', {'0': [1]}), ('is_decoder', True), ('position_embedding_type', 'relative_key'),
                           ('activation', 'mish'), ('task_specific_params', {'text-classification': {'num_labels': 2}})):
            self.refused(key, config=lambda config: config.update({key: value}))

    def test_task_that_contradicts(self):
        self.refused('--task token-classification', 'text-classification', flags=('--task', 'token-classification'))

    def test_lfs_pointer(self):
        pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'
        for name in ('config.json', 'model.safetensors', 'vocab.txt', 'tokenizer_config.json'):
            folder = variant(self.id() + name)
            for other in ('tokenizer.json', name):
                if name == 'vocab.txt' and other == 'tokenizer.json' and os.path.exists(f'{folder}/{other}'):
                    os.remove(f'{folder}/{other}')
            with open(f'{folder}/{name}', 'w') as file:
                file.write(pointer)
            self.assertIn('git lfs pull', convert(folder).stderr, name)


class Encode(unittest.TestCase):
    """sentence-transformers' encode(), by Pooling.forward's formulas from the token vectors of the same network."""

    def folder(self, name, pooling, prompt='', **more):
        package = 'sentence_transformers.models.'
        return variant(f'{self.id()}-{name}', files={
            'modules.json': [{'idx': 0, 'name': '0', 'path': '', 'type': package + 'Transformer'},
                             {'idx': 1, 'name': '1', 'path': '1_Pooling', 'type': package + 'Pooling'}],
            '1_Pooling/config.json': {'pooling_mode_mean_tokens': False, **pooling, **more},
            'sentence_distilbert_config.json': {'max_seq_length': 64, 'do_lower_case': False},
            'config_sentence_transformers.json': {'prompts': {'q': prompt}, 'default_prompt_name': 'q' if prompt else None}})

    FORMULAS = {
        'cls_token': lambda rows, skip: rows[0],
        'mean_tokens': lambda rows, skip: [sum(c[skip:]) / max(len(c) - skip, 1e-9) for c in zip(*rows)],
        'max_tokens': lambda rows, skip: [max(c[skip:]) for c in zip(*rows)],
        'mean_sqrt_len_tokens': lambda rows, skip: [sum(c[skip:]) / math.sqrt(len(c) - skip) for c in zip(*rows)],
        'weightedmean_tokens': lambda rows, skip: [sum((i + 1) * x for i, x in enumerate(c) if i >= skip) /
                                                   sum(i + 1 for i in range(skip, len(c))) for c in zip(*rows)],
        'lasttoken': lambda rows, skip: rows[-1]}

    def test_pooling_prompt_and_white_space(self):
        prompt = ' query: '
        for include in (True, False):
            for flag, formula in self.FORMULAS.items():
                folder = self.folder(f'{flag}{include}', {'pooling_mode_' + flag: True}, prompt, include_prompt=include)
                got = answer(folder, '--pooling', 'model', text=TEXT + ANY_SPACE)
                rows = answer(folder, '--pooling', 'tokens', text=(prompt + TEXT).strip())[0]
                tokens = cli.run('tokenize', folder + '.pbert', '--json', prompt.strip())
                skip = 0 if include else len(json.loads(tokens.stdout)['ids']) - 1
                self.assertTrue(close(got, formula(rows, skip)), (flag, include))

    def test_only_white_space(self):
        folder = self.folder('plain', {'pooling_mode_mean_tokens': True})
        self.assertEqual(answer(folder, '--pooling', 'model', text=ANY_SPACE), answer(folder, '--pooling', 'model', text=''))


if __name__ == '__main__':
    cli.main()
