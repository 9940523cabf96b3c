#!/usr/bin/env python3
"""pocketbert run, tokenize and chat: answers in their shapes, as they arrive."""
import json
import os
import re
import subprocess
import unittest

import cli


class Run(cli.Case):
    def golden(self, name):
        with open(os.path.join(cli.checkpoint(name), 'golden.json'), encoding='utf8') as file:
            return json.load(file)

    def test_answers_are_the_references(self):
        for name in sorted(os.listdir(cli.CHECKPOINTS)):
            golden = self.golden(name)
            if golden['kind'] != 'sequence-classification':
                continue
            rows = [{k: c[k] for k in ('text', 'text_pair') if c.get(k) is not None} for c in golden['cases']]
            out = cli.run('run', cli.model(name, '--weights', 'fp32'), '--raw', '--input', 'jsonl', '--max-tokens',
                          str(golden['max_length']), stdin=''.join(json.dumps(r) + '\n' for r in rows))
            self.assertEqual(out.returncode, cli.DONE)
            answers = cli.json_lines(out.stdout)
            self.assertEqual(len(answers), len(rows))
            for case, answer in zip(golden['cases'], answers):
                self.assertEqual(list(answer), ['input_ids', 'logits', 'shape'])
                self.assertEqual(answer['input_ids'], case['input_ids'])
                self.assertEqual(answer['shape'], case['logits_shape'])
                for ours, theirs in zip(answer['logits'], case['logits']):
                    self.assertAlmostEqual(ours, theirs, delta=2e-4)

    def test_each_head_answers_as_in_a_file_of_its_own(self):
        both = cli.path('both.pbert')
        self.done('convert', cli.checkpoint(), '-o', both, '--add-head', 'feature-extraction', '--json')
        alone = cli.model('distilbert-sequence-classification', '--task', 'feature-extraction')
        text = 'where can i get the form'
        for flags in (['--json'], ['--raw'], ['--json', '--pooling', 'mean']):
            self.assertEqual(self.done('run', both, text, '--task', 'feature-extraction', *flags),
                             self.done('run', alone, text, *flags))
        self.assertEqual(self.done('run', both, text, '--json'), self.done('run', cli.model(), text, '--json'))
        self.assertEqual(self.done('run', both, text, '--task', 'text-classification', '--json'),
                         self.done('run', both, text, '--json'))
        heads = json.loads(self.done('inspect', both, '--json'))['heads']
        self.assertEqual([head['task'] for head in heads], ['TextClassification', 'FeatureExtraction'])
        self.assertIn('no head for fill-mask (it has text-classification, feature-extraction)',
                      self.complaint(cli.FAILED, 'run', both, text, '--task', 'fill-mask'))
        self.assertIn('the answer here is embeddings',
                      self.complaint(cli.WRONG_USAGE, 'run', both, text, '--task', 'feature-extraction', '--reject'))
        self.assertIn('its head is for text-classification, for which the file has one already',
                      self.complaint(cli.FAILED, 'convert', cli.checkpoint(), '-o', both, '--add-head', cli.checkpoint()))

    def test_json_is_the_pipelines(self):
        file, text = cli.model(), 'where can i get the form'
        rows = [{'text': text}, {'text': text, 'top_k': 3}, {'text': text, 'top_k': None}, {'text': text, 'text_pair': 'b'},
                {'text': text, 'text_pair': 'b', 'top_k': 1}, {'text': text, 'text_pair': None}]
        one, three, all_, pair, pair_list, no_pair = cli.json_lines(
            self.done('run', file, '--json', '--input', 'jsonl', stdin='\n'.join(map(json.dumps, rows))))
        self.assertEqual(len(one), 1)
        self.assertEqual(list(one[0]), ['label', 'score'])
        self.assertEqual(len(three), 3)
        self.assertEqual(one[0], all_[0])
        self.assertAlmostEqual(sum(x['score'] for x in all_), 1, places=5)
        self.assertEqual(all_, sorted(all_, key=lambda x: -x['score']))
        self.assertEqual(list(pair), ['label', 'score'])
        self.assertEqual(pair_list, [pair])
        self.assertEqual(no_pair, one)
        self.assertEqual(cli.json_lines(self.done('run', file, text, '--json', '--top-k', '0')), [all_])
        self.assertEqual(cli.json_lines(self.done('run', file, text, '--json', '--pair', 'b')), [pair])

    def test_numbers_read_back_as_the_same_floats(self):
        import struct
        for number in cli.json_lines(self.done('run', cli.model(), 'hello there', '--raw'))[0]['logits']:
            as_float = struct.unpack('f', struct.pack('f', number))[0]
            self.assertEqual(struct.pack('f', as_float), struct.pack('f', number))
            self.assertLessEqual(len(repr(number)), 14)

    def test_function_to_apply(self):
        rows = [{'text': 'hi', 'top_k': None, 'function_to_apply': f} for f in ('none', 'sigmoid', 'softmax')]
        none, sigmoid, softmax = cli.json_lines(
            self.done('run', cli.model(), '--json', '--input', 'jsonl', stdin='\n'.join(map(json.dumps, rows))))
        plain = cli.json_lines(self.done('run', cli.model(), 'hi', '--json', '--top-k', '0'))[0]
        self.assertEqual([x['label'] for x in none], [x['label'] for x in plain])
        for a, b in zip(softmax, plain):
            self.assertAlmostEqual(a['score'], b['score'], places=6)
        self.assertTrue(all(0 < x['score'] < 1 for x in sigmoid))
        self.assertTrue(any(x['score'] < 0 for x in none))

    def test_a_failing_line_does_not_stop_the_others(self):
        lines = ['{"text": "a"}', 'nonsense', '', '{"txt": "a"}', '{"text": 5}', '{"text": "a", "top_k": 0}',
                 '{"text": "a", "topk": 1}', '[1]', '{"text": "a", "max_length": 1}', '{"text": "\\ud800"}', '{"text": "b"}']
        result = cli.run('run', cli.model(), '--json', '--input', 'jsonl', stdin='\n'.join(lines) + '\n')
        self.assertEqual(result.returncode, cli.FAILED)
        answers = cli.json_lines(result.stdout)
        self.assertEqual(len(answers), len(lines))
        for answer in answers[1:-1]:
            self.assertEqual(list(answer), ['error'])
        for answer in (answers[0], answers[-1]):
            self.assertEqual(list(answer[0]), ['label', 'score'])
        self.assertIn('did you mean `top_k`?', answers[6]['error'])

    def test_lines(self):
        file = cli.model()
        lines = ['hello', '', '  ', 'a\0b', 'naïve café 東京', '\r', 'last without line end']
        out = self.done('run', file, '--json', stdin='\n'.join(lines))
        self.assertEqual(len(cli.json_lines(out)), len(lines))
        self.assertEqual(self.done('run', file, stdin=''), '')
        self.assertEqual(self.done('run', file, '--json', stdin='\n'), self.done('run', file, '--json', ''))

    def test_bytes_that_are_not_utf8(self):
        out = self.done('run', cli.model(), '--json', stdin=b'\xff\xfe\xc3(\n\xed\xa0\x80\n', text=False)
        self.assertEqual(len(cli.json_lines(out.decode())), 2)
        self.done('tokenize', cli.model(), stdin=b'\xff\xfe\xc3(\n', text=False).decode()
        result = cli.run('run', cli.model(), '--json', '--input', 'jsonl', stdin=b'{"text": "\xff"}\n', text=False)
        self.assertEqual(result.returncode, cli.FAILED)
        self.assertIn('error', json.loads(result.stdout.decode()))

    def test_keeps_up_with_a_pipe(self):
        for flags in (['run', cli.model(), '--json'], ['run', cli.model(), '--json', '--input', 'jsonl'],
                      ['tokenize', cli.model(), '--json']):
            with subprocess.Popen([cli.COMMAND, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding='utf8') as child:
                for i in range(5):
                    child.stdin.write(json.dumps({'text': f'text {i}'}) + '\n')
                    child.stdin.flush()
                    self.assertTrue(json.loads(child.stdout.readline()))
                child.stdin.close()
                self.assertEqual(child.stdout.read(), '')
                self.assertEqual(child.wait(timeout=3600), 0)

    def test_lines_that_come_together_are_answered_like_single_ones(self):
        embeds = cli.model('distilbert-sequence-classification', '--task', 'feature-extraction')
        good = [{'text': 'where can i get the form', 'top_k': 2}, {'text': ''}, {'text': 'word ' * 300}, {'text': 'a', 'text_pair': 'b'}]
        bad = [{'text': 'x', 'targets': ['y']}, {'text': 'x', 'nothing': 1}, {'text': 'x', 'max_length': 1}]
        lines = [json.dumps(line) for line in (good * 9 + bad + good * 9)] + ['no JSON', json.dumps(good[0])]
        for file in (cli.model(), embeds):
            for flags in ([], ['--json']):
                together = cli.run('run', file, '--input', 'jsonl', *flags, stdin='\n'.join(lines))
                self.assertEqual(together.returncode, cli.FAILED)
                single = {line: cli.run('run', file, '--input', 'jsonl', *flags, stdin=line).stdout for line in set(lines)}
                self.assertEqual(together.stdout, ''.join(single[line] for line in lines))

    def test_texts_that_look_like_something_else(self):
        file = cli.model()
        texts = ['-5 degrees', '- yes', '-', '++', 'chat', '[MASK]', '[a,b]', '{}', '', '%', '-well then']
        out = cli.json_lines(self.done('run', file, '--json', *texts))
        self.assertEqual(out, cli.json_lines(self.done('run', file, '--json', stdin='\n'.join(texts) + '\n')))
        self.assertEqual(self.done('run', file, '--', '--json'), self.done('run', file, stdin='--json'))
        for pair in ('', '{}', '[a,b]', '--json', '-o'):
            wanted = json.dumps({'text': 'x', 'text_pair': pair})
            self.assertEqual(self.done('run', file, 'x', '--pair', pair, '--raw'),
                             self.done('run', file, '--raw', '--input', 'jsonl', stdin=wanted), pair)

    def test_truncation_is_told_on_standard_error_only(self):
        result = cli.run('run', cli.model(), 'word ' * 1000, '--json')
        self.assertEqual(result.returncode, cli.DONE)
        self.assertRegex(result.stderr, r'\Apocketbert: run: text 1: it is longer than \d+ tokens: [^\n]*\n\Z')
        self.assertEqual(list(json.loads(result.stdout)[0]), ['label', 'score'])
        raw = json.loads(cli.run('run', cli.model(), 'a b c d e f', '--raw', '--max-tokens', '4').stdout)
        self.assertEqual(len(raw['input_ids']), 4)
        self.assertEqual(len(json.loads(cli.run('run', cli.model(), '--input', 'jsonl', '--raw',
                                                stdin='{"text": "a b c d e f", "max_length": 5}').stdout)['input_ids']), 5)

    def test_for_people(self):
        file = cli.model()
        self.assertRegex(self.done('run', file, 'hello'), r'\A\w+ \d\.\d{4}\n\Z')
        self.assertRegex(self.done('run', file, 'hello', '--top-k', '2'), r'\A\w+ \d\.\d{4}, \w+ \d\.\d{4}\n\Z')
        table = self.done('run', file, '--table', 'hello', '東京 タワー').split('\n')
        self.assertEqual(table[0].split(), ['sentence', 'intent', 'confidence', 'milliseconds'])
        self.assertEqual(len(table), 5)

    def test_backends_and_threads_agree(self):
        wanted = json.loads(self.done('run', cli.model(), 'hello', '--raw'))['logits']
        for flags in (['--backend', 'reference'], ['--backend', 'xnnpack'], ['--threads', '2']):
            logits = json.loads(self.done('run', cli.model(), 'hello', '--raw', *flags))['logits']
            for a, b in zip(wanted, logits):
                self.assertAlmostEqual(a, b, delta=5e-2)
        automatic = cli.run('run', cli.model(), 'hello', '--raw', '--threads', 'auto')
        self.assertRegex(automatic.stderr, r'\Apocketbert: run: --threads auto: \d+\n\Z')
        for a, b in zip(wanted, json.loads(automatic.stdout)['logits']):
            self.assertAlmostEqual(a, b, delta=5e-2)


class Tokenize(cli.Case):
    def test_json(self):
        out = json.loads(self.done('tokenize', cli.model(), 'Café x', '--json', '--pair', 'é'))
        self.assertEqual(list(out), ['ids', 'tokens', 'offsets', 'type_ids'])
        self.assertEqual(len({len(v) for v in out.values()}), 1)
        self.assertEqual(out['tokens'][0], '[CLS]')
        self.assertEqual(out['offsets'][0], [0, 0])
        self.assertEqual(out['offsets'][-2], [0, 1])
        self.assertEqual(out['type_ids'][-1], 1)

    def test_nothing_is_truncated_and_megabytes_are_fine(self):
        out = json.loads(self.done('tokenize', cli.model(), '--json', stdin='hello wörld ' * 80000))
        self.assertGreater(len(out['ids']), 160000)
        self.assertEqual(out['offsets'][-2][1], 80000 * 12 - 1)

    def test_for_people(self):
        out = self.done('tokenize', cli.model(), 'hi\tthere')
        self.assertTrue(out.startswith('id') or out.lstrip().startswith('id'))
        self.assertIn('[CLS]', out)

    def test_run_options_are_no_inputs(self):
        result = cli.run('tokenize', cli.model(), '--json', '--input', 'jsonl', stdin='{"text": "a", "top_k": 1}\n')
        self.assertEqual(result.returncode, cli.FAILED)
        self.assertIn('top_k', json.loads(result.stdout)['error'])


class Chat(cli.Case):
    def test_without_a_terminal(self):
        out = self.done('chat', cli.model(), stdin='hello\n\nbook a flight\n')
        self.assertEqual([line for line in out.split('\n') if line.startswith('>')], ['> hello', '> book a flight'])
        self.assertEqual(out.count(' ms, '), 2)

    def test_commands(self):
        out = self.done('chat', cli.model(), stdin='/top 1\nhello\n/top 0\n/nothing\n/help\nquit\nnot reached\n')
        self.assertEqual(out.count('█') > 0, True)
        answer = out[out.index('> hello'):out.index('> /top 0')].split('\n')
        self.assertEqual(len(answer), 4)  # the line, one label, the time, and what follows the last end
        self.assertIn('from 1 to 50', out)
        self.assertIn('no such command', out)
        self.assertNotIn('not reached', out)
        self.assertNotIn('\033', out)

    def architecture(self, name):
        return os.path.join(cli.ROOT, 'tests/golden/architectures', name)

    def chat(self, name, stdin):
        model = cli.path(name + '.pbert')
        self.assertEqual(cli.run('convert', self.architecture(name), '-o', model).returncode, cli.DONE)
        return self.done('chat', model, stdin=stdin)

    def test_every_task(self):
        text = 'Wolfgang lives in Berlin.'
        marked = self.chat('electra-token-classification', text + '\n').split('\n')[1]
        self.assertEqual(re.sub(r'\[([^|\]]*)\|[A-Z]*\]', r'\1', marked).strip(), text)
        out = self.chat('electra-question-answering', f'who?\n/context {text}\nwho?\n')
        self.assertIn('first say what', out)
        self.assertTrue(any(line.strip().split('  ')[0] in text for line in out.split('> who?')[2].split('\n') if line.strip()))
        self.assertIn('has no [MASK]', self.chat('electra-fill-mask', 'nothing\n'))
        out = self.chat('electra-feature-extraction', 'one\ntwo\none\n')
        self.assertIn('noted', out)
        self.assertRegex(out.split('> one')[2], r'\n  one +1\.0000\n')


if __name__ == '__main__':
    cli.main()
