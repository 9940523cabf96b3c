#!/usr/bin/env python3
"""An empty second text is none, to the reference's fast tokenizers; a blank one is one."""
import json

import pipeline_cases
from pipeline_cases import cli


class EmptyPair(pipeline_cases.Case):
    def test_is_no_pair(self):
        self.holds('empty-pair-bert')

    def test_whatever_the_tokenizer(self):
        for name in ('empty-pair-bert', 'long-label-zero-shot', 'crlf-lines'):  # WordPiece, Unigram, bytes
            with self.subTest(name):
                model = self.model(name)
                one, empty, blank = (
                    json.loads(self.done('tokenize', model, '--json', 'hello', *pair))
                    for pair in ([], ['--pair', ''], ['--pair', ' ']))
                self.assertEqual(empty, one)
                self.assertGreater(len(blank['ids']), len(one['ids']))
                raw = [json.loads(self.done('run', model, '--raw', 'hello', *pair))['input_ids'] for pair in ([], ['--pair', ''])]
                self.assertEqual(raw[0], raw[1])


cli.main()
