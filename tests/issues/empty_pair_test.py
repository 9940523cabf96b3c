#!/usr/bin/env python3
"""An empty second text is none to the reference's pipelines; a blank one is one. `tokenize` gives what the tokenizers library gives,
to which an empty one is a pair too."""
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
                one, empty = (json.loads(self.done('tokenize', model, '--json', 'hello', *pair))
                              for pair in ([], ['--pair', '']))
                self.assertGreater(len(empty['ids']), len(one['ids']))
                raw = [json.loads(self.done('run', model, '--raw', 'hello', *pair))['input_ids'] for pair in ([], ['--pair', ''])]
                self.assertEqual(raw[0], raw[1])


cli.main()
