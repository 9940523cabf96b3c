#!/usr/bin/env python3
"""Exit statuses, messages, suggestions and --help of the command."""
import json
import os
import re
import unittest

import cli

COMMANDS = ['convert', 'run', 'chat', 'tokenize', 'inspect', 'eval', 'compare', 'bench', 'doctor']


class Usage(cli.Case):
    def test_no_command(self):
        self.assertIn('--help', self.complaint(cli.WRONG_USAGE))

    def test_help(self):
        text = self.done('--help')
        for command in COMMANDS:
            self.assertIn(f'  {command} ', text)
            own = self.done(command, '--help')
            self.assertTrue(own.startswith(f'usage: pocketbert {command} '), own)
            self.assertIn('Example', own)
            self.assertEqual(own, self.done('help', command))
            self.assertLessEqual(max(map(len, own.split('\n'))), 120)
            if command not in ('chat',):
                self.assertIn('JSON', own)
        self.assertEqual(text, self.done('help'))

    def test_help_lists_every_json_key(self):
        file = cli.model()
        outputs = {
            'convert': cli.run('convert', cli.checkpoint(), '-o', cli.path('help.pbert'), '--json').stdout,
            'inspect': self.done('inspect', file, '--memory', '--json'),
            'compare': self.done('compare', file, cli.checkpoint(), '--json'),
        }

        def keys(value):
            if isinstance(value, dict):
                return set(value) | {k for v in value.values() for k in keys(v)}
            return {k for v in value for k in keys(v)} if isinstance(value, list) else set()

        for command, output in outputs.items():
            text = self.done(command, '--help')
            for key in keys(json.loads(output)) - (keys(json.loads(output)['report']) if command == 'inspect' else set()):
                self.assertIn(key, text)

    def test_version(self):
        text = self.done('--version')
        self.assertRegex(text, r'\Apocketbert \d+\.\d+\.\d+\ncommit: \S+\ncompiler: (g\+\+|clang) .+\nbackends: .+\n'
                               r'instruction set: .+ \(this machine\)\n\Z')
        doctor = json.loads(self.done('doctor', '--json'))
        self.assertIn(f'\ncommit: {doctor["commit"]}\n', text)
        self.assertIn(f'\ninstruction set: {doctor["isa"].split(" ")[0]} ', text)
        backends = re.search('backends: (.+)', text)[1].split(' ')
        for backend in ['xnnpack', 'native', 'reference']:
            # `native` is there only where the processor has what it needs.
            status = cli.run('run', cli.model(), 'hello', '--backend', backend).returncode
            self.assertEqual(backend in backends, status == cli.DONE, backend)

    def test_suggestions(self):
        for arguments, wanted in [(('covnert',), '`convert`'), (('--versoin',), '`--version`'),
                                  (('run', 'x', '--jsn'), '`--json`'), (('run', 'x', '--topk', '3'), '`--top-k`'),
                                  (('bench', 'x', '--iter', '3'), '`--iterations`'),
                                  (('eval', 'x', 'y', '--refrence=z'), '`--reference`'),
                                  (('run', 'x', '--backend', 'xnpack'), '`xnnpack`')]:
            message = self.complaint(cli.WRONG_USAGE, *arguments)
            self.assertTrue(message.endswith(f'did you mean {wanted}?'), message)
        self.assertNotIn('did you mean', self.complaint(cli.WRONG_USAGE, 'run', 'x', '--zzzzzzzz'))

    def test_wrong_usage(self):
        file = cli.model()
        for arguments in [('run',), ('inspect', 'a', 'b'), ('run', file, '--threads', '0'), ('run', file, '--threads', 'x'),
                          ('run', file, '--threads'), ('run', file, '--json=yes'), ('run', file, '--input', 'csv'),
                          ('run', file, 'text', '--input', 'jsonl'), ('run', file, '--table', '--json'),
                          ('run', file, '--raw', '--reject'), ('run', file, '--max-tokens', '-1'),
                          ('bench', file, '--tokens', '8,,9'), ('bench', file, '--tokens', '2'),
                          ('bench', file, '--tokens', '100000'), ('convert', 'x'), ('convert', 'x', '-o', 'y', '--weights', 'int4'),
                          ('convert', 'x', '-o', 'y', '--reject-cost', '-1'), ('nothing',)]:
            self.complaint(cli.WRONG_USAGE, *arguments)

    def test_failures_say_what_where_why(self):
        missing = cli.path('missing.pbert')
        text_file = cli.path('text.pbert', 'hello ' * 100)
        for command in ['run', 'chat', 'tokenize', 'inspect', 'bench']:
            message = self.complaint(cli.FAILED, command, missing)
            self.assertTrue(message.startswith(f'pocketbert: {command}: {missing}: '), message)
            message = self.complaint(cli.FAILED, command, text_file)
            self.assertTrue(message.startswith(f'pocketbert: {command}: {text_file}: '), message)
        message = self.complaint(cli.FAILED, 'convert', cli.path('nowhere'), '-o', missing)
        self.assertTrue(message.startswith(f'pocketbert: convert: {cli.path("nowhere")}: '), message)
        message = self.complaint(cli.FAILED, 'eval', cli.model(), cli.path('none.csv'))
        self.assertEqual(message, f'pocketbert: eval: {cli.path("none.csv")}: no such file or folder')
        message = self.complaint(cli.FAILED, 'run', cli.model(), 'x', '--reject')
        self.assertIn('it has no reject threshold', message)
        self.assertFalse(os.path.exists(missing))

    def test_a_damaged_file_is_found_by_inspect(self):
        with open(cli.model(), 'rb') as file:
            data = bytearray(file.read())
        data[-100] ^= 1
        damaged = cli.path('damaged.pbert', bytes(data))
        self.assertTrue(self.complaint(cli.FAILED, 'inspect', damaged).startswith(f'pocketbert: inspect: {damaged}: '))

    def test_a_full_disk_is_a_failure(self):
        for arguments in [('run', cli.model(), 'hello'), ('inspect', cli.model()), ('--help',), ('run', '--help')]:
            with open('/dev/full', 'w', encoding='utf8') as full:
                result = cli.run(*arguments, stdout=full, stderr=-1)
            self.assertEqual(result.returncode, cli.FAILED)
            self.assertIn('standard output: No space left on device', result.stderr)
        with open('/dev/full', 'w', encoding='utf8') as full:
            result = cli.run('run', cli.model(), '--json', '--input', 'jsonl', stdin='{"text": "a"}\n' * 3, stdout=full, stderr=-1)
        self.assertEqual(result.returncode, cli.FAILED)
        self.assertEqual(result.stderr.count('\n'), 1)

    def test_closed_standard_output_spoils_no_file(self):
        output = cli.path('closed.pbert')
        import subprocess
        result = subprocess.run(['sh', '-c', '"$0" "$@" >&-', cli.COMMAND, 'convert', cli.checkpoint(), '-o', output],
                                stderr=subprocess.PIPE, encoding='utf8', timeout=3600)
        self.assertEqual(result.returncode, cli.FAILED)
        self.assertIn('standard output', result.stderr)
        self.done('inspect', output)

    def test_a_reader_that_leaves_early(self):
        import subprocess
        result = subprocess.run(['sh', '-c', 'yes hello | head -2000 | "$0" run "$1" | head -1', cli.COMMAND, cli.model()],
                                capture_output=True, encoding='utf8', timeout=3600)
        self.assertEqual(result.stderr, '')
        self.assertEqual(result.stdout.count('\n'), 1)


if __name__ == '__main__':
    cli.main()
