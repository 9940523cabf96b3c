#!/usr/bin/env python3
"""Each allocation of the command in turn fails, and then all from it on: it ends with status 1 and one line, or it did not need it.
Nothing half-written stays. (Every so many-th where there are thousands.)"""
import os
import shutil
import subprocess

import cli

MOST = 60  # failures tried for each command


class NoMemory(cli.Case):
    @classmethod
    def setUpClass(cls):
        compiler = shutil.which('cc') or shutil.which('gcc')
        cls.library = cli.path('failing_malloc.so')
        source = os.path.join(cli.ROOT, 'tests/support/failing_malloc.c')
        if compiler is None or subprocess.run([compiler, '-shared', '-fPIC', '-O1', source, '-o', cls.library]).returncode != 0:
            raise cli.unittest.SkipTest('no C compiler')

    def run_failing(self, arguments, **environment):
        return cli.run(*arguments, env={**os.environ, 'LD_PRELOAD': self.library, **environment})

    def every_failure(self, *arguments, output=None):
        count = cli.path('count')
        good = self.run_failing(arguments, COUNT_FILE=count)
        self.assertEqual(good.returncode, cli.DONE, good.stderr)
        with open(count, encoding='utf8') as file:
            total = int(file.read())
        self.assertGreater(total, 10)
        for at in range(1, total + 1, max(1, total // MOST)):
            for everything in ({}, {'FAIL_ALL': '1'}):
                if output is not None and os.path.exists(output):
                    os.remove(output)
                result = self.run_failing(arguments, FAIL_AT=str(at), **everything)
                where = (arguments[0], at, everything, result.stderr)
                if result.returncode == cli.DONE:
                    if 'second' not in good.stdout:  # how fast it was
                        self.assertEqual(result.stdout, good.stdout, where)
                    continue
                self.assertEqual(result.returncode, cli.FAILED, where)
                self.assertRegex(result.stderr, r'\Apocketbert: [^\n]+\n\Z', where)
                if output is not None:
                    # Whole, where memory ended in the report about it.
                    if os.path.exists(output):
                        self.assertEqual(cli.run('inspect', output).returncode, cli.DONE, where)
                    left = [name for name in os.listdir(os.path.dirname(output)) if name.endswith('.tmp')]
                    self.assertEqual(left, [], where)

    def test_run(self):
        self.every_failure('run', cli.model(), 'hello there')

    def test_tokenize(self):
        self.every_failure('tokenize', cli.model(), 'hello there')

    def test_inspect(self):
        self.every_failure('inspect', cli.model())

    def test_convert(self):
        output = cli.path('made.pbert')
        self.every_failure('convert', cli.checkpoint(), '-o', output, output=output)

    def test_eval(self):
        self.every_failure('eval', cli.model(), cli.path('few.csv', 'text,label\nhello,0\nthere,1\n'))


cli.main()
