#!/usr/bin/env python3
"""The manual page and the completions in platforms/cli/share: that they are current, and that their readers take them."""
import os
import shutil
import subprocess
import unittest

import cli

SHARE = os.path.join(cli.ROOT, 'platforms/cli/share')
FILES = {'man': 'pocketbert.1', 'bash': 'pocketbert.bash', 'zsh': '_pocketbert', 'fish': 'pocketbert.fish'}


def share(kind):
    return os.path.join(SHARE, FILES[kind])


def installed(program):
    """Skips a test, loudly, where its program is missing."""
    return unittest.skipUnless(shutil.which(program), f'{program} is not installed: platforms/cli/share is not tried with it')


class Generated(cli.Case):
    def setUp(self):
        self.maxDiff = None
        self.here = cli.path('here')  # where files are completed
        os.makedirs(os.path.join(self.here, 'my folder'), exist_ok=True)
        for name in ['intent.pbert', 'texts.csv']:
            open(os.path.join(self.here, name), 'w', encoding='utf8').close()

    def output(self, *arguments, **options):
        """What a program prints that must neither fail nor complain."""
        result = subprocess.run(arguments, capture_output=True, encoding='utf8', timeout=3600, cwd=self.here, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ''), arguments)
        return result.stdout

    def bash(self, *words):
        """What bash offers for the last of these words."""
        script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pocketbert; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        return sorted(self.output('bash', '-c', script, share('bash'), 'pocketbert', *words).split('\n')[:-1])

    def fish(self, words):
        """What fish offers for the end of this command line."""
        home = {**os.environ, 'HOME': cli.folder()}
        output = self.output('fish', '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', share('fish'),
                             'pocketbert ' + words, env=home)
        return [line.split('\t')[0] for line in output.split('\n')[:-1]]

    def test_they_are_current(self):
        for kind, name in FILES.items():
            with open(share(kind), encoding='utf8') as file:
                self.assertEqual(file.read(), self.done('--generate', kind),
                                 f'pocketbert --generate {kind} >platforms/cli/share/{name}')

    def test_wrong_usage(self):
        self.assertIn('did you mean `fish`', self.complaint(cli.WRONG_USAGE, '--generate', 'fsih'))
        self.complaint(cli.WRONG_USAGE, '--generate')

    def test_man_page_has_every_flag(self):
        with open(share('man'), encoding='utf8') as file:
            page = file.read()
        self.assertTrue(page.isascii())
        for line in self.done('run', '--help').split('\n'):
            flag = line.strip().split(' ')[0]
            if line.startswith('  ') and flag.startswith('--'):
                self.assertIn('\\fB' + flag.replace('-', '\\-') + '\\fR', page)

    @installed('groff')
    def test_groff(self):
        text = self.output('groff', '-man', '-Tutf8', '-ww', '-P-cbou', share('man'))
        for wanted in ['NAME\n', 'pocketbert - answer texts', '--top-k N', 'pocketbert run intent.pbert --json --reject']:
            self.assertIn(wanted, text.replace('\N{MINUS SIGN}', '-'))

    @installed('bash')
    def test_bash(self):
        self.output('bash', '-n', share('bash'))
        self.assertEqual(self.bash('conv'), ['convert'])
        self.assertEqual(self.bash('run', '--top'), ['--top-k'])
        self.assertEqual(self.bash('help', 'tok'), ['tokenize'])
        self.assertEqual(self.bash('run', '--backend', ''), ['auto', 'native', 'reference', 'xnnpack'])
        self.assertEqual(self.bash('run', '--backend', '=', 'x'), ['xnnpack'])
        self.assertEqual(self.bash('run', '--backend', '='), ['auto', 'native', 'reference', 'xnnpack'])
        self.assertEqual(self.bash('run', '--top-k', ''), [''])
        self.assertEqual(self.bash('convert', '--weights', 'i'), ['int8'])

    @installed('bash')
    def test_bash_completes_files(self):
        models, folders, files = ['intent.pbert', 'my folder'], ['my folder'], ['intent.pbert', 'my folder', 'texts.csv']
        for words, wanted in [(['run', ''], models), (['run', '--json', '--pair', 'x', ''], models),
                              (['run', '--pair', '=', 'x', ''], models), (['convert', ''], folders),
                              (['convert', 'x', '-o', ''], models), (['eval', 'x', ''], files), (['compare', 'x', ''], folders),
                              (['compare', '--backend', 'auto', 'x', 'y', 't'], ['texts.csv']), (['run', '--', 'int'], models[:1])]:
            self.assertEqual(self.bash(*words), wanted, words)
        self.assertIn('--top-k', self.bash('run', 'intent.pbert', ''))
        self.assertEqual(self.bash('run', '--', 'intent.pbert', '-'), [''])  # a text

    @installed('zsh')
    def test_zsh(self):
        self.output('zsh', '-n', share('zsh'))

    @installed('fish')
    def test_fish(self):
        self.output('fish', '--no-execute', share('fish'))
        self.assertEqual(self.fish('conv'), ['convert'])
        self.assertEqual(self.fish('run --top'), ['--top-k'])
        self.assertEqual(self.fish('run --backend x'), ['xnnpack'])
        self.assertEqual(self.fish('run int'), ['intent.pbert'])
        self.assertEqual(self.fish('compare x my'), ['my folder/'])
        self.assertEqual(self.fish('eval --backend auto x te'), ['texts.csv'])


if __name__ == '__main__':
    cli.main()
