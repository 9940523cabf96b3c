#!/usr/bin/env python3
"""lint: what it says of a small file of sentences, with and without an encoder."""
import json
import os
import unittest

import cli

EMBEDDER = os.path.join(cli.ROOT, 'tests/golden/architectures/electra-feature-extraction')
WORDS = {'music': ['play', 'some', 'jazz', 'song', 'loud'], 'alarm': ['wake', 'me', 'up', 'at', 'six']}


def sentences():
    """Two intents whose words differ, twelve sentences each; one label wrong, one text of both, one long."""
    rows = []
    for intent, words in WORDS.items():
        for i in range(12):
            rows.append((' '.join(words[(i * k + i // 5) % 5] for k in range(1, 5)) + ' ' + words[i % 5], intent))
    rows[3] = (rows[3][0], 'alarm')
    rows += [('Turn it OFF!', 'music'), ('turn it off', 'alarm'), ('play ' * 600, 'music'), ('only', 'single')]
    return cli.path('lint.csv', 'text,label\n' + ''.join(f'{text},{intent}\n' for text, intent in rows))


class Lint(cli.Case):
    def report(self, *arguments):
        result = cli.run('lint', *arguments, '--json')
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        return json.loads(result.stdout)

    def test_without_encoder(self):
        report = self.report(sentences())
        self.assertEqual([report[key] for key in ['sentences', 'intents', 'out_of_scope', 'median']], [28, 3, 0, 13])
        self.assertEqual([[(os.path.basename(s['at']), s['text'], s['intent']) for s in group] for group in report['same_text']],
                         [[('lint.csv:26', 'Turn it OFF!', 'music'), ('lint.csv:27', 'turn it off', 'alarm')]])
        self.assertEqual(report['small_intents'], [{'intent': 'single', 'sentences': 1}])
        self.assertIsNone(report['mislabels'])
        text = self.done('lint', sentences())
        self.assertIn('lint.csv:26  music', text)
        self.assertIn('pocketbert lint SENTENCES --encoder sentence-transformers/', text)

    def test_with_encoder(self):
        encoder = cli.model(EMBEDDER, '--weights', 'fp32')
        report = self.report(sentences(), '--encoder', encoder)
        self.assertEqual(report['not_judged'], 1)
        self.assertGreater(report['accuracy'], 0.5)
        wrong = {os.path.basename(entry['at']): entry for entry in report['mislabels']}
        self.assertEqual((wrong['lint.csv:5']['intent'], wrong['lint.csv:5']['predicted']), ('alarm', 'music'))
        self.assertIn('lint.csv:28', [os.path.basename(sentence['at']) for sentence in report['cut']])
        scores = [entry['score'] for entry in report['mislabels']]
        self.assertEqual(scores, sorted(scores, reverse=True))
        result = cli.run('lint', sentences(), '--encoder', encoder, '--top', '1')
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertIn('Labels that may be wrong', result.stdout)
        self.assertNotIn('An encoder tells more', result.stdout)

    def test_too_few_to_judge(self):
        few = cli.path('few.csv', 'text,label\na,x\nb,y\nc,x\nd,y\n')
        result = cli.run('lint', few, '--encoder', cli.model(EMBEDDER, '--weights', 'fp32'), '--json')
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertIn('few.csv: not judged by the encoder', result.stderr)
        self.assertEqual([json.loads(result.stdout)[key] for key in ['intents', 'mislabels']], [2, None])

    def test_help_names_every_key(self):
        page = self.done('lint', '--help')
        for key in self.report(sentences()):
            self.assertIn(key, page)
        self.assertIn('exit status is 0', page)

    def test_failures(self):
        self.assertIn('nothere.csv', self.complaint(cli.FAILED, 'lint', cli.path('nothere.csv')))
        self.assertIn('text-classification', self.complaint(
            cli.FAILED, 'lint', sentences(), '--encoder', cli.model()).lower().replace('textclass', 'text-class'))
        self.complaint(cli.WRONG_USAGE, 'lint', sentences(), '--encode', 'x')


if __name__ == '__main__':
    cli.main()
