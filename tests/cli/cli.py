"""What the tests of the command share: they drive it as a user would.

The command is $POCKETBERT_COMMAND, else build/release/pocketbert. A test file ends with cli.main().
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMAND = os.path.abspath(os.environ.get('POCKETBERT_COMMAND') or os.path.join(ROOT, 'build/release/pocketbert'))
CHECKPOINTS = os.path.join(ROOT, 'tests/golden/checkpoints')
SHARED = os.environ.get('POCKETBERT_SHARED', os.path.join(ROOT, '../shared'))

DONE, FAILED, WRONG_USAGE = 0, 1, 2

_folder = None
_models = {}


def folder():
    """A temporary folder that goes away at the end."""
    global _folder
    _folder = _folder or tempfile.mkdtemp(prefix='pocketbert-cli-')
    return _folder


def path(name, content=None):
    """A path in the temporary folder, of a file with this content if one is given."""
    full = os.path.join(folder(), name)
    if content is not None:
        with open(full, 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())
    return full


def checkpoint(name='distilbert-sequence-classification'):
    return os.path.join(CHECKPOINTS, name)


def model(name='distilbert-sequence-classification', *flags):
    """A checkpoint converted, once for each set of flags."""
    key = (name, *flags)
    if key not in _models:
        _models[key] = path(f'model{len(_models)}.pbert')
        result = run('convert', checkpoint(name), '-o', _models[key], *flags)
        assert result.returncode == DONE, result.stderr
    return _models[key]


def run(*arguments, stdin='', text=True, **options):
    """Runs the command to its end. With text=False input and output are bytes."""
    if text:
        options.update(encoding='utf8')
    return subprocess.run([COMMAND, *arguments], input=stdin if text or isinstance(stdin, bytes) else stdin.encode(),
                          capture_output='stdout' not in options, timeout=3600, **options)


def json_lines(text):
    return [json.loads(line) for line in text.split('\n') if line]


class Case(unittest.TestCase):
    """With checks of how the command ended."""

    def done(self, *arguments, **options):
        result = run(*arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (DONE, type(result.stderr)()), arguments)
        return result.stdout

    def complaint(self, status, *arguments, **options):
        """The one line on standard error."""
        result = run(*arguments, **options)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertRegex(result.stderr, r'\Apocketbert: [^\n]+\n\Z')
        return result.stderr.rstrip('\n')


class _Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f'SKIPPED: {test.id()}: {reason}')


def main():
    if not os.path.exists(COMMAND):
        print(f'SKIPPED: {os.path.basename(sys.argv[0])}: not built: {COMMAND}')
        sys.exit(77)
    try:
        program = unittest.main(exit=False, testRunner=unittest.TextTestRunner(resultclass=_Result))
    finally:
        if _folder:
            shutil.rmtree(_folder, ignore_errors=True)
    result = program.result
    bad, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    print(f'[pocketbert] {result.testsRun - bad - skipped} passed, {bad} failed, {skipped} skipped')
    sys.exit(1 if bad else 77 if skipped == result.testsRun else 0)
