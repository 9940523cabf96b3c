#!/usr/bin/env python3
"""build: a bot of a small file of sentences, on a tiny encoder."""
import json
import os
import unittest

import cli

EMBEDDER = os.path.join(cli.ROOT, 'tests/golden/architectures/electra-feature-extraction')
WORDS = {'play_music': ['play', 'some', 'jazz', 'song', 'loud'], 'SetAlarm': ['wake', 'me', 'up', 'at', 'six']}


def sentences(out_of_scope=0):
    """Two intents whose words differ, twelve sentences each, and others that are out of scope."""
    rows = [(' '.join(words[(i * k + i // 5) % 5] for k in range(1, 5)), intent)
            for intent, words in WORDS.items() for i in range(12)]
    rows += [(f'weather {"abcdefgh"[i % 8]} {i * i}', 'oos') for i in range(out_of_scope)]
    return cli.path(f'sentences{out_of_scope}.csv', 'text,label\n' + ''.join(f'{text},{intent}\n' for text, intent in rows))


def tensors(path):
    """The bytes behind the metadata: a header word says where they begin."""
    with open(path, 'rb') as file:
        data = file.read()
    begin = int.from_bytes(data[16:20], 'little')
    return data[begin:]


class Build(cli.Case):
    def setUp(self):
        self.encoder = cli.model(EMBEDDER)

    def build(self, *arguments, output='bot.pbert'):
        bot = cli.path(output)
        result = cli.run('build', *arguments, '-o', bot, '--json')
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        return bot, json.loads(result.stdout)

    def test_a_bot(self):
        bot, report = self.build(sentences(), '--encoder', self.encoder)
        self.assertEqual([report[key] for key in ['intents', 'sentences', 'out_of_scope']], [2, 24, 0])
        self.assertGreater(report['accuracy'], 0.8)
        self.assertIsNone(report['out_of_scope_found'])
        self.assertEqual(report['file_bytes'], os.path.getsize(bot))
        answers = [json.loads(line) for line in
                   self.done('run', bot, 'some song play jazz', 'me six wake at', '--json', '--reject').splitlines()]
        self.assertEqual([answer['answer'][0]['label'] for answer in answers], ['play_music', 'SetAlarm'])
        for answer in answers:
            self.assertEqual(answer['rejected'], answer['understood'] < 0.5)

    def test_the_encoder_is_copied_byte_for_byte_and_still_embeds(self):
        bot, _ = self.build(sentences(), '--encoder', self.encoder)
        encoder = tensors(self.encoder)
        self.assertEqual(tensors(bot)[:len(encoder)], encoder)
        self.assertEqual(self.done('similarity', bot, 'play', 'wake'), self.done('similarity', self.encoder, 'play', 'wake'))

    def test_the_same_file_by_any_number_of_threads_and_any_instruction_set(self):
        files = []
        for name, environment, threads in [('a', {}, '1'), ('b', {}, '3'), ('c', {'POCKETBERT_ISA': 'scalar'}, '2')]:
            bot = cli.path(name + '.pbert')
            result = cli.run('build', sentences(30), '-o', bot, '--encoder', self.encoder, '--threads', threads,
                             env={**os.environ, **environment})
            self.assertEqual(result.returncode, cli.DONE, result.stderr)
            with open(bot, 'rb') as file:
                files.append(file.read())
        self.assertEqual(files[0], files[1])
        self.assertEqual(files[0], files[2])

    def test_out_of_scope_sentences_are_no_intent(self):
        _, report = self.build(sentences(30), '--encoder', self.encoder)
        self.assertEqual([report[key] for key in ['intents', 'sentences', 'out_of_scope']], [2, 24, 30])
        self.assertTrue(0 <= report['out_of_scope_found'] <= 1)
        _, report = self.build(sentences(30), '--encoder', self.encoder, '--oos-label', 'other', output='all.pbert')
        self.assertEqual([report[key] for key in ['intents', 'out_of_scope']], [3, 0])

    def test_chat_learns_and_keeps_what_it_learned(self):
        bot, _ = self.build(sentences(), '--encoder', self.encoder)
        learned = cli.path('learned.pbll')
        lines = '/learn weather: will it rain today; is it sunny outside\nwill it rain today\n'
        out = self.done('chat', bot, '--learned', learned, stdin=lines)
        self.assertIn('learned from 2 sentences', out)
        self.assertRegex(out, r'weather +[01]\.')
        self.assertLess(os.path.getsize(learned), 16384)
        self.assertRegex(self.done('chat', bot, '--learned', learned, stdin='is it sunny outside\n'), r'weather +[01]\.')
        out = self.done('chat', bot, '--learned', learned, stdin='/forget weather\n/forget weather\n/learn x\nis it sunny\n')
        self.assertIn('no label of this name was learned', out)
        self.assertIn('/learn takes a name', out)
        self.assertNotRegex(out, r'weather +[01]\.')
        self.assertIn('cannot learn', self.done('chat', cli.model(), stdin='/learn a: b\n'))

    def test_a_checkpoint_is_an_encoder_too(self):
        _, report = self.build(sentences(), '--encoder', EMBEDDER)
        self.assertEqual(report['intents'], 2)

    def test_intents_of_two_sentences(self):
        few = cli.path('few.csv', 'text,label\nplay a,x\nplay b,x\nwake c,y\nwake d,y\n')
        self.build(few, '--encoder', self.encoder, output='few.pbert')

    def test_help_names_every_key(self):
        page = self.done('build', '--help')
        for key in self.build(sentences(), '--encoder', self.encoder)[1]:
            self.assertIn(key, page)

    def test_failures(self):
        bot = cli.path('none.pbert')
        message = self.complaint(cli.FAILED, 'build', sentences(), '-o', bot)
        self.assertIn('--encoder is missing', message)
        self.assertIn('hf download sentence-transformers/all-MiniLM-L6-v2', message)
        one = cli.path('one.csv', 'text,label\na,x\nb,x\n')
        self.assertIn('there must be two intents at least', self.complaint(cli.FAILED, 'build', one, '-o', bot, '--encoder', self.encoder))
        lone = cli.path('lone.csv', 'text,label\na,x\nb,x\nc,y\n')
        self.assertIn('intent y: only one sentence',
                      self.complaint(cli.FAILED, 'build', lone, '-o', bot, '--encoder', self.encoder))
        self.assertIn('an encoder for sentences is wanted',
                      self.complaint(cli.FAILED, 'build', sentences(), '-o', bot, '--encoder', cli.model()))
        self.assertIn('-o FILE is missing', self.complaint(cli.WRONG_USAGE, 'build', sentences()))
        self.assertFalse(os.path.exists(bot))


if __name__ == '__main__':
    cli.main()
