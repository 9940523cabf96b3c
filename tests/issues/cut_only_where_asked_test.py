#!/usr/bin/env python3
"""A text is cut only where that is asked for, or where the model has no more positions."""
import json

import pipeline_cases
from pipeline_cases import cli

TEXT = 'one two three four five six seven eight nine ten please book a flight to paris tomorrow morning'


class CutOnlyWhereAsked(pipeline_cases.Case):
    def test_not_at_model_max_length(self):
        self.holds('long-not-cut')
        self.holds('long-not-cut-mask')

    def test_zero_shot_cuts_the_text_alone_or_nothing(self):
        self.holds('long-label-zero-shot')

    def tokens(self, **options):
        """How many tokens the network saw."""
        out = cli.run('run', self.model('long-not-cut'), '--raw', '--input', 'jsonl', stdin=json.dumps({'text': TEXT, **options}))
        answer = json.loads(out.stdout)
        return len(answer['input_ids']) if 'input_ids' in answer else answer['error']

    def test_truncation_means_what_it_does_to_the_references_tokenizers(self):
        full = self.tokens()
        self.assertGreater(full, 16)
        for options, wanted in (({'truncation': True}, 16), ({'truncation': 'longest_first'}, 16), ({'truncation': None}, full),
                                ({'truncation': False}, full), ({'truncation': 'do_not_truncate'}, full),
                                ({'max_length': 9}, 9), ({'max_length': 9, 'truncation': True}, 9),
                                ({'max_length': 9, 'truncation': False}, full), ({'max_length': 9, 'padding': True}, full),
                                ({'max_length': 9, 'padding': False}, 9), ({'tokenizer_kwargs': {'truncation': True}}, 16),
                                ({'truncation': 'only_first', 'max_length': 9}, 9)):
            with self.subTest(options):
                self.assertEqual(self.tokens(**options), wanted)
        self.assertIn('truncation: it is true', self.tokens(truncation='yes'))

    def test_of_a_pair_one_text_alone(self):
        """As the reference's tokenizer cuts, with [CLS] and two [SEP]; where it raises an error, so is here."""
        first, second = 'one two three four', 'five six seven'
        whole = [self.ids(text=first), self.ids(text=second)]
        a, b = (ids[1:-1] for ids in whole)
        cls, sep = whole[0][0], whole[0][-1]
        for length in range(3 + len(a) + len(b), 2, -1):
            for how, cut_a, cut_b in (('only_second', a, b[:max(0, length - 3 - len(a))]),
                                      ('only_first', a[:max(0, length - 3 - len(b))], b)):
                answer = self.answers(self.model('long-not-cut'), [
                    {'text': first, 'text_pair': second, 'truncation': how, 'max_length': length}])[0]
                if cut_a and cut_b:
                    self.assertEqual(self.ids(text=first, text_pair=second, truncation=how, max_length=length),
                                     [cls, *cut_a, sep, *cut_b, sep], (how, length))
                else:
                    self.assertIn('alone does not help', answer['error'], (how, length))
        answer, = self.answers(self.model('long-not-cut'), [{'text': TEXT, 'truncation': 'only_second', 'max_length': 8}])
        self.assertIn('alone does not help', answer['error'])

    def ids(self, **row):
        return json.loads(cli.run('run', self.model('long-not-cut'), '--raw', '--input', 'jsonl', stdin=json.dumps(row)).stdout)['input_ids']

    def test_what_was_cut_is_said_by_every_task(self):
        for name, text in (('long-not-cut', TEXT), ('long-not-cut-mask', '[MASK] ' + TEXT), ('ner-lstrip-word', TEXT)):
            with self.subTest(name):
                model = self.model(name)
                self.assertIn('it is longer than 8 tokens', cli.run('run', model, '--max-tokens', '8', text).stderr)
                self.assertEqual(cli.run('run', model, text[:14]).stderr, '')


cli.main()
