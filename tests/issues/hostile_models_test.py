#!/usr/bin/env python3
"""The models that fuzzing kept, through the command: an answer or one line of error, whatever is asked of them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

KEPT = os.path.join(cli.ROOT, 'tests/fuzz/kept/model')
TEXT = 'hello a b [MASK] there'


class HostileModels(cli.Case):
    def ends_well(self, *arguments, **options):
        result = cli.run(*arguments, **options)
        self.assertIn(result.returncode, (cli.DONE, cli.FAILED, cli.WRONG_USAGE), (arguments, result.stderr))
        return result

    def test_every_command(self):
        names = sorted(os.listdir(KEPT))
        self.assertGreater(len(names), 8)
        data = cli.path('set.csv', 'text,label\n' + 'hello there,0\na b,0\n' * 20)
        for name in names:
            model = os.path.join(KEPT, name)
            for flags in ([], ['--json', '--top-k', '0'], ['--function-to-apply', 'softmax', '--top-k', '0'], ['--table'], ['--raw'],
                          ['--pair', 'a b'], ['--question', 'a', '--context', 'a b a b']):
                self.ends_well('run', model, *([] if '--question' in flags else [TEXT]), *flags)
            request = '{"text": "a b", "candidate_labels": ["x", "y"], "multi_label": true}\n'
            self.ends_well('run', model, '--input', 'jsonl', '--json', stdin=request)
            self.ends_well('tokenize', model, TEXT)
            self.ends_well('inspect', model)
            self.ends_well('chat', model, stdin=TEXT + '\n/context a b\na\n')
            self.ends_well('eval', model, data, '--errors', '3')

    def test_scores_that_are_no_numbers_are_sorted(self):
        """56 labels, of which some have NaN: a sort whose order contradicts itself leaves its array."""
        model = os.path.join(KEPT, 'nan.pbert')
        for function in ('softmax', 'sigmoid', 'none'):
            result = self.ends_well('run', model, TEXT, '--function-to-apply', function, '--top-k', '0')
            self.assertEqual(result.returncode, cli.DONE, result.stderr)
            self.assertIn('nan', result.stdout)


cli.main()
