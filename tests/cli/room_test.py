#!/usr/bin/env python3
"""A disk without room: convert says how much it needs where and what to do, and leaves nothing behind."""
import os
import resource
import shutil
import signal
import subprocess
import unittest

import cli

CHECKPOINT = os.path.join(cli.ROOT, 'platforms/demo/checkpoint')
TRIES = 20  # to be there in time


class Room(cli.Case):
    def disk(self, size):
        """An empty file system of this size in a folder, for the time of the test."""
        folder = cli.path(f'disk-{size}')
        os.makedirs(folder, exist_ok=True)
        mount = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs', folder], capture_output=True, encoding='utf8')
        if mount.returncode != 0:
            self.skipTest('a small file system can only be mounted by root: ' + mount.stderr.strip())
        self.addCleanup(subprocess.run, ['umount', folder], check=True)
        return folder

    def folder(self, name):
        folder = cli.path(name)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        return folder

    def refused(self, scratch, output, *flags):
        """The complaint; nothing is left."""
        message = self.complaint(cli.FAILED, 'convert', CHECKPOINT, '-o', output, *flags, env={**os.environ, 'TMPDIR': scratch})
        self.assertEqual(os.listdir(scratch) + os.listdir(os.path.dirname(output)), [])
        return message

    def sizes(self):
        """Bytes of the model in int8 and in fp32."""
        for weights in ('int8', 'fp32'):
            file = cli.path(weights + '.pbert')
            if not os.path.exists(file):
                self.done('convert', CHECKPOINT, '-o', file, '--weights', weights)
            yield os.path.getsize(file)

    def needed(self, message):
        return int(message.split(' bytes are needed here')[0].split()[-1])

    def test_for_the_copy(self):
        small = self.disk('2m')
        int8, fp32 = self.sizes()
        message = self.refused(small, os.path.join(self.folder('wide'), 'model.pbert'))
        self.assertRegex(message, rf'\Apocketbert: convert: {small}: not enough room: \d+ bytes are needed here, 2097152 are free, '
                                  r'for a copy of the model that goes away again: .*TMPDIR=')
        self.assertAlmostEqual(self.needed(message), fp32, delta=1000)

    def test_for_the_model(self):
        small = self.disk('2m')
        int8, _ = self.sizes()
        message = self.refused(self.folder('wide'), os.path.join(small, 'model.pbert'))
        self.assertTrue(message.startswith(f'pocketbert: convert: {small}: not enough room: {int8} bytes are needed here, '), message)
        self.assertNotIn('TMPDIR', message)

    def test_for_both_on_one_disk(self):
        disk = self.disk('40m')  # enough for each of them
        int8, fp32 = self.sizes()
        os.mkdir(os.path.join(disk, 'a'))
        os.mkdir(os.path.join(disk, 'b'))
        message = self.refused(os.path.join(disk, 'a'), os.path.join(disk, 'b', 'model.pbert'))
        self.assertAlmostEqual(self.needed(message), int8 + fp32, delta=1000)
        self.assertIn('TMPDIR=', message)

    def test_the_model_alone_is_enough(self):
        """The copy takes nothing beside the result, and neither does the report."""
        disk = self.disk('10m')
        int8, _ = self.sizes()
        self.assertLess(int8, 10 << 20)
        file = os.path.join(disk, 'model.pbert')
        self.done('convert', CHECKPOINT, '-o', file, env={**os.environ, 'TMPDIR': self.folder('wide')})
        self.assertEqual((os.listdir(disk), os.path.getsize(file)), (['model.pbert'], int8))

    def test_other_commands(self):
        small = self.disk('2m')
        list(self.sizes())
        message = self.complaint(cli.FAILED, 'compare', cli.path('int8.pbert'), CHECKPOINT, env={**os.environ, 'TMPDIR': small})
        self.assertIn('bytes are needed here', message)
        self.assertIn('TMPDIR=', message)
        self.assertEqual(os.listdir(small), [])

    def test_taken_by_others_meanwhile(self):
        """There was room when the work began: the write that fails says the same."""
        disk = self.disk('12m')
        int8, _ = self.sizes()
        scratch, filler = self.folder('wide'), os.path.join(disk, 'filler')
        for _ in range(TRIES):
            process = subprocess.Popen([cli.COMMAND, 'convert', CHECKPOINT, '-o', os.path.join(disk, 'model.pbert')],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding='utf8',
                                       env={**os.environ, 'TMPDIR': scratch})
            written = 0
            while process.poll() is None and written == 0:
                written = sum(entry.stat().st_size for entry in os.scandir(disk))
            process.send_signal(signal.SIGSTOP)
            with open(filler, 'wb', buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
            process.send_signal(signal.SIGCONT)
            stderr = process.communicate(timeout=3600)[1]
            if process.returncode == cli.DONE:  # it had written all
                os.remove(os.path.join(disk, 'model.pbert'))
                os.remove(filler)
                continue
            self.assertEqual(process.returncode, cli.FAILED)
            self.assertTrue(stderr.startswith(f'pocketbert: convert: {disk}: No space left on device: {int8} bytes are needed here, '),
                            stderr)
            self.assertEqual((os.listdir(disk), os.listdir(scratch)), (['filler'], []))
            return
        self.fail('always written before the disk was full')

    def test_a_limit_of_the_file_size(self):
        """Not the end by SIGXFSZ, which would leave the files behind."""
        folder, scratch = self.folder('wide'), self.folder('scratch')
        message = self.complaint(cli.FAILED, 'convert', CHECKPOINT, '-o', os.path.join(folder, 'model.pbert'),
                                 env={**os.environ, 'TMPDIR': scratch},
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
        self.assertIn('File too large', message)
        self.assertEqual(os.listdir(folder) + os.listdir(scratch), [])

    def test_a_folder_that_is_none(self):
        missing = cli.path('missing')
        output = os.path.join(self.folder('wide'), 'model.pbert')
        message = self.complaint(cli.FAILED, 'convert', CHECKPOINT, '-o', output, env={**os.environ, 'TMPDIR': missing})
        self.assertIn(f'{missing}: cannot create a file here', message)
        self.assertEqual(os.listdir(os.path.dirname(output)), [])


if __name__ == '__main__':
    cli.main()
