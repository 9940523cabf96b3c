#!/usr/bin/env python3
"""Files made to take much: the command refuses each with one line, in an address space of half a gigabyte.

Nothing is timed: what once took minutes or gigabytes does not fit into that space either, or ended with a signal.
"""
import io
import json
import os
import resource
import shutil
import struct
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

SPACE = 512 << 20


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def checkpoint(name, **edit):
    """A copy of a small checkpoint, with config.json edited: None takes a key away."""
    folder = cli.path(name)
    shutil.copytree(cli.checkpoint(), folder)
    with open(os.path.join(folder, 'config.json')) as file:
        config = {**json.load(file), **edit}
    write(folder, 'config.json', json.dumps({key: value for key, value in config.items() if value is not None}))
    return folder


def write(folder, name, content):
    with open(os.path.join(folder, name), 'wb') as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def with_member(folder, name, key, text):
    """The JSON file with one more member, whose value is given as text."""
    with open(os.path.join(folder, name)) as file:
        value = json.load(file)
    value.pop(key, None)
    write(folder, name, json.dumps(value)[:-1] + f', "{key}": {text}}}')


def nested(depth, begin='[', end=']', inside=''):
    return begin * depth + inside + end * depth


def text(content):
    return b'X' + struct.pack('<I', len(content)) + content


STORAGE = b'(' + text(b'storage') + b'ctorch\nFloatStorage\n' + text(b'0') + text(b'cpu') + b'K\x01tQ'
TENSOR = b'ctorch._utils\n_rebuild_tensor_v2\n(' + STORAGE + b'K\x00K\x01\x85K\x01\x85\x89)tR'


def archive(entries, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', method) as files:
        for name, content in entries.items():
            files.writestr(name, content)
    return out.getvalue()


def with_compressed_size(content, size):
    """The archive, whose directory says this of its first entry."""
    at = content.index(b'PK\x01\x02') + 20
    return content[:at] + struct.pack('<I', size) + content[at + 4:]


class HostileCheckpoints(cli.Case):
    def refused(self, folder, pattern):
        complaint = self.complaint(cli.FAILED, 'convert', folder, '-o', cli.path('out.pbert'), preexec_fn=limited)
        self.assertRegex(complaint, pattern)
        self.assertLess(len(complaint), 1500)

    def test_nested_json(self):
        deep = 'nested more than 64 deep'
        for depth in (65, 1000000):
            folder = checkpoint(f'deep{depth}')
            with_member(folder, 'config.json', 'dim', nested(depth))
            self.refused(folder, 'config.json: ' + deep)
            folder = checkpoint(f'added{depth}')
            with_member(folder, 'tokenizer.json', 'added_tokens', '[{"id": 0, "content": ' + nested(depth) + '}]')
            self.refused(folder, 'tokenizer.json: ' + deep)
            folder = checkpoint(f'said{depth}')
            with_member(folder, 'tokenizer_config.json', 'cls_token', nested(depth, '{"a":', '}', '1'))
            self.refused(folder, 'tokenizer_config.json: ' + deep)
        folder = checkpoint('normalizers')
        sequence = nested(100000, '{"type": "Sequence", "normalizers": [', ']}', '{"type": "Lowercase"}')
        with_member(folder, 'tokenizer.json', 'normalizer', sequence)
        self.refused(folder, 'tokenizer.json: ' + deep)
        folder = checkpoint('index')
        os.remove(os.path.join(folder, 'model.safetensors'))
        write(folder, 'model.safetensors.index.json', '{"weight_map": ' + nested(1000000) + '}')
        self.refused(folder, 'index.json: ' + deep)

    def test_a_deep_request_does_not_end_the_stream(self):
        deep = '{"text": "hello", "targets": ' + nested(1000000) + '}'
        result = cli.run('run', cli.model(), '--input', 'jsonl', '--json', preexec_fn=limited,
                         stdin='{"text": "hello"}\n' + deep + '\n' + '[' * 1000000 + '\n{"text": "hello"}\n')
        self.assertEqual(result.returncode, cli.FAILED)
        answers = cli.json_lines(result.stdout)
        self.assertEqual(len(answers), 4)
        self.assertEqual(answers[0], answers[3])
        for answer in answers[1:3]:
            self.assertIn('nested more than 64 deep', json.dumps(answer))

    def test_data_sets(self):
        for name, content, said in [
                ('deep.jsonl', '{"text": "a", "label": ' + nested(1000000) + '}\n', 'line 1: .*nested more than 64'),
                ('deep.json', '{"test": ' + nested(1000000) + '}', 'nested more than 64'),
                ('columns.csv', 'text,label\n' + ',' * 20000000, '20000001 columns where the header has 2'),
                ('header.csv', ',' * 20000000, 'more columns than 4096'),
                ('quotes.csv', 'text,label\n' + '"' * 100001, 'never closed'),
                ('bomb.csv.zip', archive({'bomb.csv': b'text,label\n' + b'a' * (64 << 20)}, zipfile.ZIP_DEFLATED),
                 'the limit for an archive of this size'),
                ('size.csv.zip', with_compressed_size(archive({'a.csv': 'text,label\nhello,0\n'}), 0), 'damaged'),
                ('empty.csv.zip', archive({'a.csv': ''}), 'it is empty')]:
            with self.subTest(name):
                complaint = self.complaint(cli.FAILED, 'eval', cli.model(), cli.path(name, content), preexec_fn=limited)
                self.assertRegex(complaint, said)
                self.assertLess(len(complaint), 1000)

    def test_numbers_of_the_configuration(self):
        self.refused(checkpoint('labels', id2label=None, label2id=None, num_labels=1 << 30),
                     r'1073741824 labels, but tensor "classifier.weight" has shape')
        self.refused(checkpoint('positions', max_position_embeddings=2000000), 'max_position_embeddings.*16384')
        self.refused(checkpoint('layers', n_layers=1 << 30), 'n_layers.*256')
        self.refused(checkpoint('vocabulary', vocab_size=1 << 30), 'vocab_size')

    def test_paths(self):
        for number, path in enumerate(['../../../../../etc', '/etc/hostname']):
            folder = checkpoint(f'modules{number}')
            write(folder, 'modules.json', json.dumps([{'path': path, 'type': 'sentence_transformers.models.Transformer'}]))
            self.refused(folder, "leads out of the checkpoint's directory")

    def test_pickles(self):
        # Some 3 MB: lists, places in the memory, and the same name and tensor recalled again and again.
        named = (b'\x80\x02' + text(b'n' * 500000) + b'q\x010' + TENSOR + b'q\x020' + b'}(' + b'h\x01h\x02' * 100000 + b'u.')
        for name, content, said in [('lists', b'\x80\x02' + b']' * 3000000 + b'.', 'times its size in memory'),
                                    ('places', b'\x80\x02N' + b'\x94' * 3000000 + b'.', 'times its size in memory'),
                                    ('marks', b'\x80\x02' + b'(' * 3000000 + b'.', 'a value is missing'),
                                    ('names', named, 'name in its pickle has 500000 bytes'),
                                    ('long', b'\x80\x02' + b']' * 60000000 + b'.', 'too large'),
                                    ('empty', b'', 'ends too early')]:
            with self.subTest(name):
                folder = checkpoint('pickle-' + name)
                os.remove(os.path.join(folder, 'model.safetensors'))
                write(folder, 'pytorch_model.bin', archive({'archive/data.pkl': content, 'archive/data/0': b'\0' * 4}))
                self.refused(folder, said)
        folder = checkpoint('pickle-size')
        os.remove(os.path.join(folder, 'model.safetensors'))
        content = archive({'archive/data.pkl': b'\x80\x02}.', 'archive/data/0': b'\0' * 4})
        write(folder, 'pytorch_model.bin', with_compressed_size(content, 0))
        self.refused(folder, 'data.pkl is stored and should have 4 bytes, but has 0')

    def test_links_of_the_cache_are_followed(self):
        folder = checkpoint('snapshot')
        blobs = cli.path('blobs')
        os.mkdir(blobs)
        for name in os.listdir(folder):
            shutil.move(os.path.join(folder, name), os.path.join(blobs, name))
            os.symlink(os.path.join('..', 'blobs', name), os.path.join(folder, name))
        self.assertEqual(cli.run('convert', folder, '-o', cli.path('linked.pbert')).returncode, cli.DONE)


cli.main()
