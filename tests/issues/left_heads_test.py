#!/usr/bin/env python3
"""A head that the weights hold is not left behind without a word, and what is said about one that is missing is true."""
import json
import os
import shutil
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

BERT = os.path.join(cli.ROOT, 'tests/golden/field/empty-pair-bert/ckpt')


def variant(name, source, config=None, tensor=lambda name: name, files=()):
    """A copy with keys of config.json changed and tensors renamed, or left out by None."""
    folder = cli.path(name)
    shutil.copytree(source, folder)
    with open(folder + '/config.json') as file:
        read = {**json.load(file), **(config or {})}
    with open(folder + '/config.json', 'w') as file:
        json.dump(read, file)
    with open(folder + '/model.safetensors', 'rb') as file:
        size, = struct.unpack('<Q', file.read(8))
        header, data = json.loads(file.read(size)), file.read()
    header.pop('__metadata__', None)
    made, out = {}, b''
    for key, entry in header.items():
        if tensor(key) is None:
            continue
        begin, end = entry['data_offsets']
        made[tensor(key)] = {**entry, 'data_offsets': [len(out), len(out) + end - begin]}
        out += data[begin:end]
    head = json.dumps(made).encode()
    with open(folder + '/model.safetensors', 'wb') as file:
        file.write(struct.pack('<Q', len(head)) + head + out)
    for path, content in dict(files).items():
        with open(f'{folder}/{path}', 'w') as file:
            json.dump(content, file)
    return folder


class LeftHeads(cli.Case):
    def convert(self, folder, *flags):
        return cli.run('convert', folder, '-o', folder + '.pbert', *flags)

    def refused(self, folder, *flags):
        return self.complaint(cli.FAILED, 'convert', folder, '-o', folder + '.pbert', *flags)

    def task(self, folder):
        return json.loads(self.done('inspect', folder + '.pbert', '--json'))

    def test_an_encoder_that_has_a_head(self):
        """pipeline("text-classification") loads DistilBertForSequenceClassification whatever `architectures` says."""
        folder = variant('model-alone', cli.checkpoint(), {'architectures': ['DistilBertModel']})
        result = self.convert(folder)
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertRegex(result.stderr, r'\Apocketbert: [^\n]*the weights also hold a head, "classifier": '
                                        r'--task text-classification takes it\n\Z')
        self.assertEqual(self.convert(folder, '--task', 'feature-extraction').stderr, '')
        self.assertEqual(self.convert(folder, '--task', 'text-classification').stderr, '')
        self.assertEqual(json.loads(self.done('run', folder + '.pbert', '--json', 'hello')),
                         json.loads(self.done('run', cli.model(), '--json', 'hello')))

    def test_the_class_with_a_head_counts(self):
        folder = variant('both', cli.checkpoint(), {'architectures': ['DistilBertModel', 'DistilBertForSequenceClassification']})
        result = self.convert(folder)
        self.assertEqual((result.returncode, result.stderr), (cli.DONE, ''))
        self.assertEqual(self.done('run', folder + '.pbert', '--json', 'hello'), self.done('run', cli.model(), '--json', 'hello'))

    def test_a_classifier_without_its_pooler(self):
        said = self.refused(variant('no-pooler', BERT, tensor=lambda name: None if 'pooler' in name else name))
        self.assertIn('pooler.dense.weight": missing', said)
        self.assertIn('save_pretrained', said)
        self.assertNotIn('token-classification', said)
        self.assertNotIn('without a head', said)

    def test_what_peft_left_in_the_weights(self):
        for name, tensor in (('wrapped', lambda name: 'base_model.model.' + name),
                             ('saved', lambda name: name.replace('classifier.', 'classifier.modules_to_save.default.')),
                             ('layers', lambda name: name.replace('.query.', '.query.base_layer.')),
                             ('lora', lambda name: name.replace('embeddings.LayerNorm.bias', 'x.lora_A.default.weight'))):
            said = self.refused(variant(name, BERT, tensor=tensor))
            self.assertIn('model.safetensors: tensor "', said)
            self.assertIn('merge_and_unload', said)

    def test_an_adapter_beside_a_whole_model(self):
        result = self.convert(variant('beside', BERT, files={'adapter_config.json': {'peft_type': 'LORA'}}))
        self.assertEqual(result.returncode, cli.DONE)
        self.assertRegex(result.stderr, r'\Apocketbert: [^\n]*adapter_config\.json: [^\n]*without the adapter[^\n]*\n\Z')

    def test_return_all_scores(self):
        result = self.convert(variant('all', cli.checkpoint(), {'return_all_scores': True}))
        self.assertEqual(result.returncode, cli.DONE)
        self.assertRegex(result.stderr, r'\Apocketbert: [^\n]*"return_all_scores": [^\n]*--top-k 0[^\n]*\n\Z')
        self.assertEqual(self.convert(variant('not-all', cli.checkpoint(), {'return_all_scores': False})).stderr, '')

    def test_labels_that_are_no_strings(self):
        """The reference prints them as Python does."""
        with open(cli.checkpoint() + '/config.json') as file:
            count = len(json.load(file)['id2label'])
        labels = [5, True, False, 1.5, 'x', -1, 0][:count]
        folder = variant('numbers', cli.checkpoint(), {'id2label': {str(i): label for i, label in enumerate(labels)}})
        self.assertEqual(self.convert(folder).returncode, cli.DONE)
        answer = json.loads(self.done('run', folder + '.pbert', '--json', '--top-k', '0', 'hello'))
        self.assertEqual({entry['label'] for entry in answer}, {str(label) for label in labels})

    def test_a_mask_that_is_not_there(self):
        source = os.path.join(cli.ROOT, 'tests/golden/architectures/electra-fill-mask')
        folder = variant('no-mask', source)
        for name in ('tokenizer_config.json', 'special_tokens_map.json'):
            path = os.path.join(folder, name)
            if os.path.exists(path):
                with open(path) as file:
                    read = {**json.load(file), 'mask_token': None}
                with open(path, 'w') as file:
                    json.dump(read, file)
        self.assertRegex(self.refused(folder), r'tokenizer_config\.json: "mask_token": there is none')


cli.main()
