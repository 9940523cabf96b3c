#!/usr/bin/env python3
"""convert replaces no device, pipe or file of the checkpoint, and finds room for its report whatever the names' lengths are."""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402


class ConvertTarget(cli.Case):
    def test_a_pipe_stays_a_pipe(self):
        pipe = cli.path('pipe')
        os.mkfifo(pipe)
        self.assertIn('not a regular file', self.complaint(cli.FAILED, 'convert', cli.checkpoint(), '-o', pipe))
        self.assertTrue(os.path.exists(pipe) and not os.path.isfile(pipe))

    def test_a_link_stays_a_link_and_a_file_keeps_its_mode(self):
        target, link = cli.path('kept.pbert', b'before'), cli.path('link.pbert')
        os.chmod(target, 0o640)
        os.symlink('kept.pbert', link)
        result = cli.run('convert', cli.checkpoint(), '-o', link)
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertTrue(os.path.islink(link))
        self.assertGreater(os.path.getsize(target), 1000)
        self.assertEqual(os.stat(target).st_mode & 0o777, 0o640)

    def test_a_link_that_leads_nowhere_stays_one(self):
        link = cli.path('nowhere.pbert')
        os.symlink('no-such-folder/x.pbert', link)
        self.complaint(cli.FAILED, 'convert', cli.checkpoint(), '-o', link)
        self.assertTrue(os.path.islink(link))

    def copy(self, name, checkpoint=cli.checkpoint()):
        folder = cli.path(name)
        shutil.copytree(checkpoint, folder)
        return folder

    def test_a_file_of_the_checkpoint_is_kept(self):
        folder = self.copy('own')
        weights = os.path.join(folder, 'model.safetensors')
        before = os.path.getsize(weights)
        self.assertIn('of the checkpoint itself', self.complaint(cli.FAILED, 'convert', folder, '-o', weights))
        self.assertEqual(os.path.getsize(weights), before)

    def test_labels_of_any_length(self):
        """The report's room is counted in bytes that depend on where the strings before it end."""
        folder = self.copy('lengths', os.path.join(cli.ROOT, 'tests/golden/architectures/roberta-text-classification'))
        path = os.path.join(folder, 'config.json')
        with open(path, encoding='utf8') as file:
            config = json.load(file)
        for length in range(1, 66):
            config['id2label']['0'] = 'x' * length
            config['label2id'] = {label: int(i) for i, label in config['id2label'].items()}
            with open(path, 'w', encoding='utf8') as file:
                json.dump(config, file)
            result = cli.run('convert', folder, '-o', cli.path('lengths.pbert'))
            self.assertEqual(result.returncode, cli.DONE, (length, result.stderr))


cli.main()
