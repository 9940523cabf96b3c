#!/usr/bin/env python3
"""Filled masks are decoded by tokenizer.json's decoder and clean_up_tokenization_spaces, not by the kind of the model; an id without a
token is nothing. Expected: AutoTokenizer.decode of transformers 4.57.6 for the fixture field/padded-vocabulary, on the same ids."""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

CHECKPOINT = os.path.join(cli.SHARED, 'fixtures/field/padded-vocabulary/ckpt')
TEXT = "my [MASK] is , don ' t a ."
CASES = [
    (None, False, {307: ['', "my is , do ##n ' t a ."], 1: ['[UNK]', "my is , do ##n ' t a ."], 209: ['travel', "my travel is , do ##n ' t a ."], 68: ['##e', "my ##e is , do ##n ' t a ."]}),
    (None, True, {307: ['', "my is, do ##n't a."], 1: ['[UNK]', "my is, do ##n't a."], 209: ['travel', "my travel is, do ##n't a."], 68: ['##e', "my ##e is, do ##n't a."]}),
    ({'type': 'WordPiece', 'prefix': '##', 'cleanup': False}, False, {307: ['', "my is , don ' t a ."], 1: ['[UNK]', "my is , don ' t a ."], 209: ['travel', "my travel is , don ' t a ."], 68: ['##e', "mye is , don ' t a ."]}),
    ({'type': 'WordPiece', 'prefix': '##', 'cleanup': False}, True, {307: ['', "my is, don't a."], 1: ['[UNK]', "my is, don't a."], 209: ['travel', "my travel is, don't a."], 68: ['##e', "mye is, don't a."]}),
    ({'type': 'WordPiece', 'prefix': '', 'cleanup': True}, False, {307: ['', "myis,do##n'ta."], 1: ['[UNK]', "myis,do##n'ta."], 209: ['travel', "mytravelis,do##n'ta."], 68: ['##e', "my##eis,do##n'ta."]}),
    ({'type': 'ByteLevel', 'add_prefix_space': True, 'trim_offsets': True, 'use_regex': True}, False, {307: ['', "myis,do##n'ta."], 1: ['[UNK]', "myis,do##n'ta."], 209: ['travel', "mytravelis,do##n'ta."], 68: ['##e', "my##eis,do##n'ta."]}),
    ({'type': 'Metaspace', 'replacement': '#', 'prepend_scheme': 'always', 'split': True}, False, {307: ['', "myis,do  n'ta."], 1: ['[UNK]', "myis,do  n'ta."], 209: ['travel', "mytravelis,do  n'ta."], 68: ['e', "my  eis,do  n'ta."]}),
    ({'type': 'Metaspace', 'replacement': 'a', 'prepend_scheme': 'never', 'split': True}, False, {307: ['', "myis,do##n't ."], 1: ['[UNK]', "myis,do##n't ."], 209: ['tr vel', "mytr velis,do##n't ."], 68: ['##e', "my##eis,do##n't ."]}),
    ({'type': 'BPEDecoder', 'suffix': 'e'}, False, {307: ['', "myis,do##n'ta."], 1: ['[UNK]', "myis,do##n'ta."], 209: ['travl', "mytrav lis,do##n'ta."], 68: ['##', "my## is,do##n'ta."]}),
    ({'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': {'String': '##'}, 'content': ' _'}, {'type': 'Fuse'}, {'type': 'Strip', 'content': ' ', 'start': 1, 'stop': 0}]}, False, {307: ['', "myis,do _n'ta."], 1: ['[UNK]', "myis,do _n'ta."], 209: ['travel', "mytravelis,do _n'ta."], 68: ['_e', "my _eis,do _n'ta."]}),
    ({'type': 'Strip', 'content': '#', 'start': 1, 'stop': 1}, False, {307: ['', "myis,do#n'ta."], 1: ['[UNK]', "myis,do#n'ta."], 209: ['travel', "mytravelis,do#n'ta."], 68: ['#e', "my#eis,do#n'ta."]}),
    ({'type': 'Sequence', 'decoders': [{'type': 'ByteFallback'}, {'type': 'WordPiece', 'prefix': '##', 'cleanup': True}]}, False, {307: ['', "my is, don ' t a."], 1: ['[UNK]', "my is, don ' t a."], 209: ['travel', "my travel is, don ' t a."], 68: ['##e', "mye is, don ' t a."]}),
    ({'type': 'Fuse'}, False, {307: ['', "myis,do##n'ta."], 1: ['[UNK]', "myis,do##n'ta."], 209: ['travel', "mytravelis,do##n'ta."], 68: ['##e', "my##eis,do##n'ta."]}),
    ({'type': 'Sequence', 'decoders': []}, False, {307: ['', "myis,do##n'ta."], 1: ['[UNK]', "myis,do##n'ta."], 209: ['travel', "mytravelis,do##n'ta."], 68: ['##e', "my##eis,do##n'ta."]}),
]


class Decoder(cli.Case):
    def test_decoders(self):
        if not os.path.exists(CHECKPOINT):
            self.skipTest(f'no {CHECKPOINT}')
        for number, (decoder, clean_up, expected) in enumerate(CASES):
            with self.subTest(decoder=decoder, clean_up=clean_up):
                directory = cli.path(f'decoder-{number}')
                shutil.copytree(CHECKPOINT, directory)
                for name, change in (('tokenizer.json', {'decoder': decoder}), ('tokenizer_config.json', {'clean_up_tokenization_spaces': clean_up})):
                    with open(os.path.join(directory, name), encoding='utf8') as file:
                        content = {**json.load(file), **change}
                    with open(os.path.join(directory, name), 'w', encoding='utf8') as file:
                        json.dump(content, file)
                self.done('convert', directory, '-o', directory + '.pbert', '--weights', 'fp32')
                fills = json.loads(self.done('run', directory + '.pbert', '--json', '--top-k', '310', TEXT))
                answers = {fill['token']: [fill['token_str'], fill['sequence']] for fill in fills}
                self.assertEqual({token: answers[token] for token in expected}, expected)


if __name__ == '__main__':
    cli.main()
