#!/usr/bin/env python3
"""chat --flow: the café's conversation is as it is written down, with a bot that is built here, and what chat says of bad flows.

The bot stands on the encoder of platforms/demo/checkpoint, or on the file that POCKETBERT_TEST_ENCODER names."""
import json
import os
import shutil
import struct
import subprocess
import sys
import unittest

import cli

DEMO = os.path.join(cli.ROOT, 'platforms/demo')
FLOW = os.path.join(DEMO, 'cafe/flow.yaml')


def bot():
    """Built once."""
    built = cli.path('bot.pbert')
    if not os.path.exists(built):
        encoder = os.environ.get('POCKETBERT_TEST_ENCODER')
        if not encoder:
            encoder = cli.path('encoder.pbert')
            done = cli.run('convert', os.path.join(DEMO, 'checkpoint'), '--task', 'feature-extraction', '-o', encoder)
            assert done.returncode == cli.DONE, done.stderr
        done = cli.run('build', os.path.join(DEMO, 'cafe/nlu.yml'), '--encoder', encoder, '-o', built)
        if 'made without yaml-cpp' in done.stderr:
            raise unittest.SkipTest('this build cannot read YAML')
        assert done.returncode == cli.DONE, done.stderr
    return built


def tagging_bot():
    """A classifier with a second head, which marks all of a text as `item`, and the classifier's labels."""
    tagger = cli.path('tagger')
    shutil.copytree(cli.checkpoint(), tagger)
    with open(os.path.join(tagger, 'config.json'), encoding='utf8') as file:
        config = json.load(file)
    labels = list(config['id2label'].values())
    config['architectures'] = ['DistilBertForTokenClassification']
    config['id2label'] = {str(i): 'I-item' if i == 0 else f'I-{i}' for i in range(len(labels))}
    config['label2id'] = {label: int(i) for i, label in config['id2label'].items()}
    with open(os.path.join(tagger, 'config.json'), 'w', encoding='utf8') as file:
        json.dump(config, file)
    weights = os.path.join(tagger, 'model.safetensors')
    with open(weights, 'rb') as file:
        content = bytearray(file.read())
    size, = struct.unpack('<Q', content[:8])
    header = json.loads(content[8:8 + size])
    begin, end = (8 + size + offset for offset in header['classifier.weight']['data_offsets'])
    content[begin:end] = bytes(end - begin)
    begin, end = (8 + size + offset for offset in header['classifier.bias']['data_offsets'])
    content[begin:end] = struct.pack(f'<{len(labels)}f', 9, *[0] * (len(labels) - 1))
    with open(weights, 'wb') as file:
        file.write(content)
    both = cli.path('both.pbert')
    done = cli.run('convert', cli.checkpoint(), '-o', both, '--add-head', tagger)
    assert done.returncode == cli.DONE, done.stderr
    return both, labels


class Flow(cli.Case):
    def test_the_conversation_of_the_example(self):
        with open(os.path.join(DEMO, 'cafe/transcript.txt'), encoding='utf8') as file:
            transcript = file.read()
        said = ''.join(line[2:] + '\n' for line in transcript.splitlines() if line.startswith('> '))
        self.assertEqual(self.done('chat', bot(), '--flow', FLOW, stdin=said), transcript)

    def test_the_example_is_consistent(self):
        try:
            import yaml  # noqa: F401
        except ImportError:
            self.skipTest('no PyYAML')
        checked = subprocess.run([sys.executable, os.path.join(DEMO, 'check_examples.py')], capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ''))

    def test_a_day_and_a_time_are_said_as_typed(self):
        out = self.done('chat', bot(), '--flow', FLOW, stdin='\nbook a table for six people tomorrow at 7:30 pm\nquit\nnot reached\n')
        self.assertEqual(out.splitlines()[1:], ['A table for 6 on tomorrow at 7:30 pm, is that right?', '> quit'])

    def test_what_a_head_marks_fills_slots(self):
        both, labels = tagging_bot()
        form = '{form: [{slot: item, entity: number, ask: What}, {slot: count, entity: number, default: none}], ' \
            'say: "{item}, {count}", cancelled: None}'
        flow = cli.path('tagged.yaml', 'fallback: Sorry\nintents:\n' + ''.join(f'  {label}: {form}\n' for label in labels))
        # A number in it is its value, and fills no other slot.
        self.assertEqual(self.done('chat', both, '--flow', flow, stdin='any form\nhalf a dozen\n'),
                         '> any form\nany form, none\n> half a dozen\n6, none\n')

    def test_what_is_wrong_with_a_flow(self):
        with open(FLOW, encoding='utf8') as file:
            flow = file.read()
        for wrong, said in ((flow.replace('  greet:\n', '  great:\n'), 'line 88: `great` is no key of `intents`: did you mean `greet`?'),
                            (flow.replace('confirm: "That is {quantity}', 'confirm: "That is {quantty}'), 'did you mean `quantity`?'),
                            (flow.replace('fallback', 'falback'), 'did you mean `fallback`?'), ('', 'should be a map')):
            path = cli.path('wrong.yaml', wrong)
            complaint = self.complaint(cli.FAILED, 'chat', bot(), '--flow', path)
            self.assertIn('wrong.yaml: line', complaint)
            self.assertIn(said, complaint)
        self.complaint(cli.FAILED, 'chat', bot(), '--flow', cli.path('none.yaml'))

    def test_a_model_without_intents(self):
        self.assertIn('text-classification',
                      self.complaint(cli.FAILED, 'chat', cli.model(os.path.join(cli.ROOT, 'tests/golden/architectures/electra-token-classification')), '--flow', FLOW))


if __name__ == '__main__':
    cli.main()
