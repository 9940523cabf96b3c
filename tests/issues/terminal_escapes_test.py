#!/usr/bin/env python3
"""What a model file, a text or a file's name holds cannot steer the terminal: it is shown as an escape. JSON stays exact."""
import json
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

LABEL = 'a\x1b[31m\x1b]0;owned\x07\u009b2J\u202ertl\nfake 0.99\r'
SHOWN = r'a\x1b[31m\x1b]0;owned\x07\x9b2J\u202ertl\nfake 0.99\r'
# Controls but the line's end, C1, and what changes the direction of writing.
STEERING = re.compile('[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]')


class TerminalEscapes(cli.Case):
    @classmethod
    def setUpClass(cls):
        folder = cli.path('steering')
        shutil.copytree(cli.checkpoint(), folder)
        path = os.path.join(folder, 'config.json')
        with open(path, encoding='utf8') as file:
            config = json.load(file)
        config['id2label'] = {i: LABEL + i for i in config['id2label']}
        config['label2id'] = {label: int(i) for i, label in config['id2label'].items()}
        with open(path, 'w', encoding='utf8') as file:
            json.dump(config, file)
        cls.model = cli.path('steering.pbert')
        result = cli.run('convert', folder, '-o', cls.model)
        assert result.returncode == cli.DONE, result.stderr
        assert not STEERING.search(result.stdout + result.stderr)

    def shown(self, *arguments, **options):
        result = cli.run(*arguments, **options)
        self.assertIsNone(STEERING.search(result.stdout + result.stderr), (arguments, result.stdout + result.stderr))
        return result

    def test_labels(self):
        self.assertIn(SHOWN, self.shown('run', self.model, 'hello').stdout)
        self.assertIn(SHOWN, self.shown('run', self.model, 'hello', '--table').stdout)
        self.assertIn(SHOWN, self.shown('chat', self.model, stdin='hello\n').stdout)
        self.assertIn(SHOWN[:40], self.shown('inspect', self.model).stdout)
        data = cli.path('set.csv', 'text,label\nhello,0\nthere,1\nyou,2\n')
        self.assertIn(SHOWN, self.shown('eval', self.model, data, '--errors', '3').stdout)
        self.assertEqual(len(self.shown('run', self.model, 'hello').stdout.splitlines()), 1)

    def test_json_is_exact(self):
        answer = json.loads(cli.run('run', self.model, 'hello', '--json').stdout)
        self.assertEqual(answer[0]['label'][:-1], LABEL)

    def test_texts(self):
        self.shown('tokenize', self.model, LABEL)
        self.shown('run', self.model, LABEL, '--table')
        self.shown('chat', self.model, stdin=LABEL + '\n')

    def test_names_and_messages(self):
        self.assertIn(r'\x1b[31m', self.shown('run', cli.path('no\x1b[31m\nfile'), 'hello').stderr)
        self.assertIn(r'\x1b', self.shown('run', self.model, 'hi', '--top-k', 'x\x1b[31m').stderr)
        self.assertIn(r'\u202e', self.shown('convert', cli.path('no\u202edirectory'), '-o', cli.path('x')).stderr)
        self.shown('run', self.model, '--input', 'jsonl', stdin='{"te\u202ext\x1b": 1}\n')


cli.main()
