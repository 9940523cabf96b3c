#!/usr/bin/env python3
"""A command that is interrupted dies by that signal and leaves no file behind."""
import csv
import os
import shutil
import signal
import subprocess
import time
import unittest

import cli

CHECKPOINT = os.path.join(cli.ROOT, 'platforms/demo/checkpoint')
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
MEGABYTE = 1 << 20
TRIES = 20  # to be there in time


def default_signals():
    """Whoever runs the tests may have turned some off (a shell's `&` does); and no core files."""
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


class Folders:
    """An empty folder for the result and one for temporary files."""

    def __init__(self):
        self.result, self.scratch = cli.path('result'), cli.path('scratch')
        for path in (self.result, self.scratch):
            shutil.rmtree(path, ignore_errors=True)
            os.mkdir(path)
        self.output = os.path.join(self.result, 'model.pbert')

    def start(self, *arguments, preexec_fn=default_signals):
        environment = {**os.environ, 'TMPDIR': self.scratch}
        return subprocess.Popen([cli.COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                env=environment, preexec_fn=preexec_fn)

    def files(self):
        return os.listdir(self.result) + os.listdir(self.scratch)


def largest(folder):
    """Bytes of the largest file in a folder; -1 where there is none."""
    size = -1
    for entry in os.scandir(folder):
        try:
            size = max(size, entry.stat().st_size)
        except FileNotFoundError:
            pass
    return size


def threads(process):
    try:
        return len(os.listdir(f'/proc/{process.pid}/task'))
    except FileNotFoundError:
        return 0


def labelled_texts():
    full = cli.path('texts.csv')
    with open(full, 'w', encoding='utf8', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['text', 'label'])
        writer.writerows([f'please book flight number {i} to rome for me', '0'] for i in range(20000))
    return full


class Interrupt(cli.Case):
    def interrupt(self, moment, number, *arguments):
        """Sends the signal once moment(folders, process) is true, in as many runs as it takes to come before the end."""
        for _ in range(TRIES):
            folders = Folders()
            process = folders.start(*(folders.output if a == 'OUTPUT' else a for a in arguments))
            deadline = time.monotonic() + 120
            while process.poll() is None and not moment(folders, process):
                self.assertLess(time.monotonic(), deadline, 'the moment never came')
            before = folders.files()
            process.send_signal(number)
            _, stderr = process.communicate(timeout=3600)
            if process.returncode == 0:
                continue
            self.assertEqual(process.returncode, -number, stderr)
            self.assertEqual(folders.files(), [], (number, before))
            return
        self.fail(f'{arguments}: always over before the signal')

    def test_convert(self):
        moments = {
            'the file exists': lambda folders, _: largest(folders.result) >= 0,
            'its copy exists': lambda folders, _: largest(folders.scratch) >= 0,
            'the file is being written': lambda folders, _: largest(folders.result) > MEGABYTE,
            'its copy is being written': lambda folders, _: largest(folders.scratch) > MEGABYTE,
            'its copy is nearly written': lambda folders, _: largest(folders.scratch) > 36 * MEGABYTE,
        }
        for name, moment in moments.items():
            for number in SIGNALS:
                with self.subTest(moment=name, signal=number):
                    self.interrupt(moment, number, 'convert', CHECKPOINT, '-o', 'OUTPUT')

    def test_convert_with_threads_at_work(self):
        texts = labelled_texts()
        for number in SIGNALS:
            with self.subTest(signal=number):
                self.interrupt(lambda _, process: threads(process) > 1, number, 'convert', CHECKPOINT, '-o', 'OUTPUT', '--eval', texts,
                               '--threads', '4')

    def test_other_commands(self):
        file, texts = cli.path('interrupt.pbert'), labelled_texts()
        self.done('convert', CHECKPOINT, '-o', file)
        for arguments in (['eval', file, texts, '--reference', CHECKPOINT], ['compare', file, CHECKPOINT]):
            with self.subTest(command=arguments[0]):
                self.interrupt(lambda folders, _: largest(folders.scratch) > MEGABYTE, signal.SIGTERM, *arguments)

    def test_an_old_file_stays(self):
        folders = Folders()
        with open(folders.output, 'w', encoding='utf8') as file:
            file.write('old')
        process = folders.start('convert', CHECKPOINT, '-o', folders.output)
        while process.poll() is None and largest(folders.scratch) < 0:
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=3600)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        self.assertEqual(folders.files(), ['model.pbert'])
        with open(folders.output, encoding='utf8') as file:
            self.assertEqual(file.read(), 'old')

    def test_a_signal_that_is_off_stays_off(self):
        folders = Folders()
        process = folders.start('convert', CHECKPOINT, '-o', folders.output,
                                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        while process.poll() is None and largest(folders.scratch) < 0:
            pass
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=3600)
        self.assertEqual((process.returncode, folders.files()), (cli.DONE, ['model.pbert']))

    def test_the_first_process_of_a_container(self):
        """The system spares it its own signals: it must end itself."""
        unshare = ['unshare', '--pid', '--fork', '--kill-child']
        if shutil.which('unshare') is None or subprocess.run([*unshare, 'true'], capture_output=True).returncode != 0:
            self.skipTest('it takes root and unshare to be one')
        folders = Folders()
        process = subprocess.Popen([*unshare, cli.COMMAND, 'convert', CHECKPOINT, '-o', folders.output], preexec_fn=default_signals,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, 'TMPDIR': folders.scratch})
        self.addCleanup(process.kill)  # and with it the command
        while process.poll() is None and largest(folders.scratch) < 0:
            pass
        with open(f'/proc/{process.pid}/task/{process.pid}/children', encoding='ascii') as file:
            os.kill(int(file.read().split()[0]), signal.SIGTERM)
        process.communicate(timeout=3600)
        self.assertEqual((process.returncode, folders.files()), (128 + signal.SIGTERM, []))


if __name__ == '__main__':
    cli.main()
