#!/usr/bin/env python3
"""pocketbert bench and doctor: what they print, and that the figures agree with each other."""
import json
import os
import shutil
import tempfile
import unittest

import cli

PARTS = ['tokenizer', 'embedding', 'qkv', 'attention', 'attention_output', 'norm_quantize', 'ffn1_activation', 'ffn2', 'head']
LENGTH_KEYS = ['tokens', 'threads', 'backend', 'isa', 'min_ms', 'median_ms', 'p99_ms', 'gmacs', 'limit_ms', 'roofline_share']

MACHINE_KEYS = ['load_ms', 'first_answer_ms', 'cold_first_answer_ms', 'arena_bytes', 'peak_rss_bytes', 'dot_isa', 'peak_gmacs',
                'peak_gbytes', 'notes']


def macs(tokens):
    """Multiply-accumulates of the matrix products, counted from the fixture's config."""
    config = json.load(open(cli.checkpoint() + '/config.json'))
    h, f, layers = config['dim'], config['hidden_dim'], config['n_layers']
    row = 2 * h * h + 2 * h * f  # Q, the attention's output, both of the FFN
    head = h * h + h * len(config['id2label'])
    return layers * tokens * 2 * h * h + (layers - 1) * tokens * row + row + head


class Bench(cli.Case):
    def test_json(self):
        out = cli.json_lines(self.done('bench', cli.model(), '--json', '--tokens', '3,8', '--iterations', '20', '--threads', '2'))
        self.assertEqual(len(out), 3)
        for length, row in zip((3, 8), out):
            self.assertEqual(list(row), LENGTH_KEYS)
            self.assertEqual((row['tokens'], row['threads']), (length, 2))
            self.assertTrue(0 < row['min_ms'] <= row['median_ms'] <= row['p99_ms'])
            self.assertNotEqual(row['backend'], 'auto')
            self.assertAlmostEqual(row['gmacs'], macs(length) / row['min_ms'] * 1e-6, delta=0.02 * row['gmacs'] + 0.006)
            self.assertTrue(0 < row['roofline_share'] <= 1)
        self.assertEqual(list(out[2]), MACHINE_KEYS)
        self.assertTrue(all(v > 0 for k, v in out[2].items() if k not in ('dot_isa', 'notes', 'cold_first_answer_ms')))
        self.assertIsInstance(out[2]['notes'], list)
        self.assertTrue(out[2]['cold_first_answer_ms'] is None or out[2]['cold_first_answer_ms'] > 0)

    def test_threads_auto(self):
        cores = json.loads(self.done('doctor', '--json'))['big_cores']
        out = cli.json_lines(self.done('bench', cli.model(), '--json', '--tokens', '8', '--iterations', '3', '--threads', 'auto'))
        self.assertTrue(1 <= out[0]['threads'] <= cores)
        self.assertIn('(the fastest number here)', self.done('bench', cli.model(), '--tokens', '8', '--iterations', '3', '--threads', 'auto'))
        one_core = os.sched_getaffinity(0)
        try:
            os.sched_setaffinity(0, {min(one_core)})
            out = cli.json_lines(self.done('bench', cli.model(), '--json', '--tokens', '8', '--iterations', '3', '--threads=auto'))
        finally:
            os.sched_setaffinity(0, one_core)
        self.assertEqual(out[0]['threads'], 1)
        self.complaint(cli.WRONG_USAGE, 'bench', cli.model(), '--threads', 'automatic')

    def test_first_answer_from_a_cache_that_cannot_be_dropped(self):
        if not os.path.isdir('/dev/shm'):
            self.skipTest('no /dev/shm')
        with tempfile.TemporaryDirectory(dir='/dev/shm') as folder:
            path = shutil.copy(cli.model(), folder)
            out = cli.json_lines(self.done('bench', path, '--json', '--tokens', '8', '--iterations', '3'))
        self.assertIsNone(out[1]['cold_first_answer_ms'])
        self.assertGreater(out[1]['first_answer_ms'], 0)

    def test_the_backend_is_the_one_that_ran(self):
        """Our own products are of int8 only: an fp32 file's are XNNPACK's, whatever was asked for."""
        floats = cli.model('distilbert-sequence-classification', '--weights', 'fp32')
        for backend in ('auto', 'xnnpack'):
            rows = cli.json_lines(self.done('bench', floats, '--json', '--tokens', '8', '--iterations', '3', '--backend', backend))
            self.assertEqual(rows[0]['backend'], 'xnnpack')

    def test_limit_is_the_arithmetic_or_the_weights(self):
        length, machine = cli.json_lines(self.done('bench', cli.model(), '--json', '--tokens', '64', '--iterations', '5'))
        self.assertAlmostEqual(length['limit_ms'], macs(64) / machine['peak_gmacs'] * 1e-6, delta=1.1e-4)

    def test_profile_adds_up(self):
        row = cli.json_lines(self.done('bench', cli.model(), '--json', '--tokens', '64', '--iterations', '30', '--profile'))[0]
        self.assertEqual(list(row), LENGTH_KEYS + ['profile_ms'])
        self.assertEqual(list(row['profile_ms']), PARTS)
        self.assertTrue(all(ms > 0 for ms in row['profile_ms'].values()))
        total = sum(row['profile_ms'].values())
        self.assertTrue(0.5 * row['min_ms'] < total < 10 * row['min_ms'], (total, row))
        text = self.done('bench', cli.model(), '--tokens', '8', '--iterations', '3', '--profile')
        for part in PARTS:
            self.assertIn('\n' + part, text)

    def test_report_is_a_row(self):
        out = self.done('bench', cli.model(), '--tokens', '8,16', '--iterations', '3', '--report')
        self.assertEqual(out.count('\n'), 1)
        cells = [c.strip() for c in out.strip().strip('|').split('|')]
        self.assertEqual(len(cells), 7)
        self.assertRegex(cells[3], r'^8: \d+\.\d\d, 16: \d+\.\d\d$')
        self.assertRegex(cells[5], r'^[0-9a-f]{16}$')
        self.complaint(cli.WRONG_USAGE, 'bench', cli.model(), '--report', '--json')

    def test_memory_is_not_that_of_who_started_it(self):
        ballast = b'x' * (200 << 20)
        out = cli.json_lines(self.done('bench', cli.model(), '--json', '--tokens', '8', '--iterations', '3'))
        self.assertLess(out[1]['peak_rss_bytes'], 64 << 20)
        del ballast

    def test_for_people(self):
        out = self.done('bench', cli.model(), '--iterations', '3', '--tokens', '8', '--backend', 'reference')
        for word in ('tokens', 'median', 'p99', 'GMAC/s', 'limit', 'arena', 'peak resident', 'first answer', 'reference'):
            self.assertIn(word, out)


class Doctor(cli.Case):
    def test_json(self):
        out = json.loads(self.done('doctor', '--json'))
        self.assertEqual((out['model'], out['backend'], out['layout'], out['packed_bytes']), (None,) * 4)
        self.assertGreater(out['peak_gmacs'], 0)
        self.assertEqual([l['tokens'] for l in out['limits']], [8, 16, 32, 64, 128])
        used = [s['name'] for s in out['instruction_sets'] if s['used']]
        self.assertEqual(used, out['isa'].split()[:1])
        self.assertEqual([s['name'] for s in out['instruction_sets'] if s['on_this_cpu']], out['isa'].split())
        with_model = json.loads(self.done('doctor', cli.model(), '--json'))
        self.assertEqual(with_model['model'], cli.model())
        self.assertIn(with_model['backend'], ('xnnpack', 'native'))
        self.assertLess(with_model['limits'][0]['limit_ms'], out['limits'][0]['limit_ms'])

    def test_portable_products_are_the_best_ones(self):
        best = json.loads(self.done('doctor', '--json'))
        portable = json.loads(self.done('doctor', '--json', env={**os.environ, 'POCKETBERT_ISA': 'portable'}))
        self.assertEqual(portable['dot_isa'], best['dot_isa'])

    def test_for_people(self):
        out = self.done('doctor', cli.model())
        for word in ('processor', 'instruction sets', 'big cores', 'core', 'page size', 'layout', 'at least, ms'):
            self.assertIn(word, out)
        for isa, used, sentence in (('scalar', 'scalar', 'keeps it to scalar'), ('portable', 'portable', 'keeps it to portable'),
                                    ('mmx', None, 'this build lacks')):
            out = self.done('doctor', '--json', env={**os.environ, 'POCKETBERT_ISA': isa})
            sets = {s['name']: s['used'] for s in json.loads(out)['instruction_sets']}
            self.assertEqual(list(sets.values()).count(True), 1)
            self.assertTrue(sets[used or json.loads(out)['isa'].split()[0]])
            self.assertIn(sentence, ' '.join(json.loads(out)['slow']))
        self.complaint(cli.FAILED, 'doctor', cli.path('nothing.pbert'))


if __name__ == '__main__':
    cli.main()
