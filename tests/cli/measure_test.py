#!/usr/bin/env python3
"""pocketbert convert, inspect, eval and compare: what they measure, in which shapes."""
import csv
import json
import os
import statistics
import unittest

import cli

TEXTS = ['hello there', 'book a flight to rome', 'what is the weather', 'play some jazz', 'cancel that', 'my balance please',
         'is it going to rain', 'good morning', 'stop', 'fly me home', 'naïve café', 'turn it up', 'how much do i have', 'bye']
ACCURACY = ['dataset', 'examples', 'metric', 'int8', 'fp32', 'same_answer', 'mean_abs_score_diff', 'p_value',
            'in_scope_accuracy', 'out_of_scope_recall', 'in_scope_accuracy_rejecting', 'out_of_scope_recall_rejecting']


def answers(*flags):
    """What the model says about TEXTS: [(label, score)]."""
    out = cli.run('run', cli.model(), '--json', *flags, stdin='\n'.join(TEXTS))
    return [(a[0]['label'], a[0]['score']) for a in cli.json_lines(out.stdout)]


def dataset(name, labels):
    full = cli.path(name)
    with open(full, 'w', encoding='utf8', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['text', 'label'])
        writer.writerows(zip(TEXTS, labels))
    return full


def mixed_set(name):
    """The model's own answers, two of them spoilt, and the three least certain out of scope."""
    said = answers()
    labels = [label for label, _ in said]
    for i in sorted(range(len(said)), key=lambda i: said[i][1])[:3]:
        labels[i] = 'nothing like it'
    certain = sorted(range(len(said)), key=lambda i: said[i][1])[-2:]
    for i in certain:
        labels[i] = 'cancel' if labels[i] != 'cancel' else 'weather'
    return dataset(name, labels), ['--oos-label', 'nothing like it']


class Convert(cli.Case):
    def test_table_and_json(self):
        output = cli.path('a.pbert')
        text = self.done('convert', cli.checkpoint(), '-o', output)
        for row in ('file', 'weights', 'size', 'logits against fp32'):
            self.assertIn('\n' + row, '\n' + text)
        out = json.loads(self.done('convert', cli.checkpoint(), '-o', output, '--json'))
        self.assertEqual(list(out), ['file', 'weights', 'source_bytes', 'file_bytes', 'reject_threshold', 'null_threshold',
                                     'vocabulary', 'report'])
        self.assertEqual(out['file_bytes'], os.path.getsize(output))
        self.assertEqual(out['report']['accuracy'], None)
        self.assertLess(out['report']['mean_logit_error'], out['report']['worst_logit_error'])

    def test_eval_finds_a_threshold(self):
        path, label = mixed_set('validation.csv')
        output = cli.path('threshold.pbert')
        out = json.loads(self.done('convert', cli.checkpoint(), '-o', output, '--json', '--eval', path, *label))
        accuracy = out['report']['accuracy']
        self.assertEqual(list(accuracy), ACCURACY)
        self.assertEqual(accuracy['examples'], len(TEXTS))
        self.assertEqual(accuracy['dataset'], 'validation.csv')
        self.assertEqual(accuracy['out_of_scope_recall'], 0)
        self.assertEqual(accuracy['out_of_scope_recall_rejecting'], 1)
        self.assertEqual(accuracy['in_scope_accuracy_rejecting'], accuracy['in_scope_accuracy'])
        scores = sorted(score for _, score in answers())
        self.assertTrue(scores[2] < out['reject_threshold'] < scores[3])

        # The file keeps it, and run, chat and eval apply it.
        inspected = json.loads(self.done('inspect', output, '--json'))
        self.assertEqual(inspected['heads'][0]['reject_threshold'], out['reject_threshold'])
        self.assertEqual(inspected['report'], out['report'])
        rejected = [json.loads(l)['rejected'] for l in self.done('run', output, '--json', '--reject', stdin='\n'.join(TEXTS)).splitlines()]
        self.assertEqual(sum(rejected), 3)
        lines = self.done('run', output, '--reject', stdin='\n'.join(TEXTS)).splitlines()
        self.assertEqual([line.startswith('not understood (') for line in lines], rejected)
        self.assertEqual(self.done('run', output, '--reject', '--table', *TEXTS).count('not understood'), 3)
        plain = cli.json_lines(self.done('run', output, '--json', stdin='\n'.join(TEXTS)))
        self.assertTrue(all(list(a[0]) == ['label', 'score'] for a in plain))
        self.assertEqual(self.done('chat', output, stdin='\n'.join(TEXTS)).count('not understood'), 3)

        # Without --reference eval knows fp32's figures of this very set from the report, and of no other.
        again = json.loads(self.done('eval', output, path, '--json', *label))
        for key in ACCURACY[3:]:
            self.assertAlmostEqual(again[key], accuracy[key], places=6)
        other = dataset('other.csv', ['cancel'] * len(TEXTS))
        self.assertIsNone(json.loads(self.done('eval', output, other, '--json'))['fp32'])

    def test_no_threshold_without_out_of_scope_texts(self):
        path = dataset('inside.csv', [label for label, _ in answers()])
        result = cli.run('convert', cli.checkpoint(), '-o', cli.path('b.pbert'), '--json', '--eval', path)
        self.assertEqual(result.returncode, cli.DONE)
        self.assertIn('no reject threshold', result.stderr)
        self.assertIsNone(json.loads(result.stdout)['reject_threshold'])
        self.assertEqual(json.loads(result.stdout)['report']['accuracy']['int8'], 1)

    def test_trimmed_vocabulary(self):
        texts, output = cli.path('texts.txt'), cli.path('trimmed.pbert')
        with open(texts, 'w') as file:
            file.write(TEXTS[0] + '\n')
        flags = ['convert', cli.checkpoint(), '-o', output, '--trim-vocab', texts]
        out = json.loads(self.done(*flags, '--json'))['vocabulary']
        self.assertEqual(list(out), ['pieces', 'pieces_before', 'bytes_before', 'test_texts', 'changed_texts', 'test_tokens',
                                     'test_tokens_before'])
        self.assertIsNone(out['test_texts'])
        self.assertLess(out['pieces'], out['pieces_before'])
        self.assertLess(os.path.getsize(output), out['bytes_before'])
        inspected = json.loads(self.done('inspect', output, '--json'))
        self.assertEqual(inspected['tokenizer']['pieces'], out['pieces'])
        self.assertIn(f", trim-vocab=texts.txt ({out['pieces']} of {out['pieces_before']} pieces)", inspected['provenance']['recipe'])

        more = dataset('more.csv', [label for label, _ in answers()])
        table = cli.run(*flags, '--eval', more).stdout
        self.assertRegex(table, r'tokenized differently +[1-9]\d* of \d+ texts')
        # Held against fp32 with the whole vocabulary, so that what trimming costs is among the figures.
        costly, whole = [json.loads(cli.run(*each, '--eval', more, '--json').stdout)['report']['accuracy'] for each in (flags, flags[:-2])]
        self.assertEqual(costly['fp32'], whole['fp32'])
        self.assertLess(costly['same_answer'], whole['same_answer'])
        both = json.loads(cli.run(*flags, '--trim-vocab', more, '--eval', more, '--json').stdout)
        self.assertEqual(both['vocabulary']['changed_texts'], 0)
        self.assertEqual(both['report']['accuracy']['int8'], 1)  # the labels are what the whole file answers
        self.assertIn('trim-vocab=texts.txt + more.csv (', self.done('inspect', output))

        self.assertIn('converted without --trim-vocab', self.complaint(cli.FAILED, 'compare', output, cli.checkpoint()))
        self.assertIn('no such file or folder', self.complaint(cli.FAILED, *flags[:-1], cli.path('none.txt')))

    def test_a_failure_leaves_nothing_behind(self):
        folder = cli.path('empty')
        os.makedirs(folder, exist_ok=True)
        bad = dataset('bad.csv', ['no such label'] * len(TEXTS))
        message = self.complaint(cli.FAILED, 'convert', cli.checkpoint(), '-o', folder + '/x.pbert', '--eval', bad)
        self.assertIn(f'{bad}: line 2: the model has no label `no such label`', message)
        self.assertEqual(os.listdir(folder), [])
        self.complaint(cli.FAILED, 'convert', cli.checkpoint(), '-o', folder + '/none/x.pbert')
        self.assertEqual(os.listdir(folder), [])


class Inspect(cli.Case):
    def test_bytes_sum_up(self):
        for flags in ((), ('--weights', 'fp32')):
            out = json.loads(self.done('inspect', cli.model('distilbert-sequence-classification', *flags), '--json'))
            self.assertEqual(sum(out['bytes'].values()), out['file_bytes'])
            self.assertEqual(out['file_bytes'], os.path.getsize(out['file']))
            self.assertEqual(out['checksums'], {'metadata': 'ok', 'data': 'ok'})
            self.assertTrue(all(n >= 0 for n in out['bytes'].values()))
        self.assertEqual(out['encoder']['weights'], 'fp32')
        self.assertEqual(out['bytes']['scales'], 0)

    def test_for_people(self):
        out = self.done('inspect', cli.model())
        for word in ('encoder', 'embeddings', 'tokenizer', 'padding', 'labels', 'checksums ok'):
            self.assertIn(word, out)

    def test_memory(self):
        for flags in ((), ('--max-tokens', '20', '--threads', '3'), ('--backend', 'reference')):
            memory = json.loads(self.done('inspect', cli.model(), '--json', '--memory', *flags))['memory']
            steps = [step['name'] for step in memory['steps']]
            self.assertEqual(steps[:2] + steps[-2:], ['embed', 'qkv', 'head', 'read'])
            for step in memory['steps']:
                alive = [b for b in memory['buffers'] if step['name'] in b['alive']]
                self.assertEqual(step['alive_bytes'], sum(b['bytes'] for b in alive))
                places = sorted((b['offset'], b['offset'] + b['bytes']) for b in alive)
                self.assertTrue(all(end <= start for (_, end), (start, _) in zip(places, places[1:])))
                self.assertLessEqual(places[-1][1], memory['planned_bytes'])
            self.assertEqual(memory['most_alive_bytes'], max(step['alive_bytes'] for step in memory['steps']))
            self.assertLessEqual(memory['most_alive_bytes'], memory['planned_bytes'])
            self.assertLess(memory['planned_bytes'], memory['arena_bytes'])
            # Its picture says the same.
            picture = self.done('inspect', cli.model(), '--memory', *flags)
            self.assertIn(f'{memory["arena_bytes"]:,} bytes', picture)
            for buffer in memory['buffers']:
                line, = [line for line in picture.splitlines() if line.startswith(buffer['name'] + '  ')]
                self.assertIn(f' {buffer["bytes"]:,} ', line)
                self.assertEqual(line.count('\u2588'), 2 * len(buffer['alive']))
        # As `bench` counts the session for its longest text.
        bench = json.loads(self.done('bench', cli.model(), '--json', '--tokens', '20', '--iterations', '1').splitlines()[-1])
        memory = json.loads(self.done('inspect', cli.model(), '--json', '--memory', '--max-tokens', '20'))['memory']
        self.assertEqual(memory['arena_bytes'], bench['arena_bytes'])

    def test_flags_of_memory_alone(self):
        for flag in ('--max-tokens', '--threads'):
            self.assertIn('--memory', self.complaint(cli.WRONG_USAGE, 'inspect', cli.model(), flag, '2'))
        self.complaint(cli.FAILED, 'inspect', cli.model(), '--memory', '--max-tokens', '100000')


class Eval(cli.Case):
    KEYS = ['metric', 'n', 'int8', 'fp32', 'same_answer', 'mean_abs_score_diff', 'p_value', 'in_scope_accuracy',
            'out_of_scope_recall', 'in_scope_accuracy_rejecting', 'out_of_scope_recall_rejecting', 'reject_threshold', 'flips',
            'drop', 'labels', 'confusions', 'errors']

    def test_alone(self):
        path, label = mixed_set('alone.csv')
        out = json.loads(self.done('eval', cli.model(), path, '--json', *label))
        self.assertEqual(list(out), self.KEYS)
        self.assertEqual((out['metric'], out['n'], out['fp32'], out['p_value'], out['flips']), ('accuracy', 14, None, None, None))
        self.assertAlmostEqual(out['int8'], 9 / 14, places=6)
        self.assertAlmostEqual(out['in_scope_accuracy'], 9 / 11, places=6)
        self.assertEqual(out['out_of_scope_recall'], 0)
        self.assertIsNone(out['in_scope_accuracy_rejecting'])
        self.assertEqual(out, json.loads(self.done('eval', cli.model(), path, '--json', '--threads', '1', *label)))

    def test_beside_fp32(self):
        path, label = mixed_set('beside.csv')
        out = json.loads(self.done('eval', cli.model(), path, '--json', '--reference', cli.checkpoint(), *label))
        self.assertEqual(list(out), self.KEYS)
        fp32 = cli.run('run', cli.model('distilbert-sequence-classification', '--weights', 'fp32'), '--json', '--top-k', '0',
                       stdin='\n'.join(TEXTS)).stdout
        ours, theirs = answers(), [{x['label']: x['score'] for x in a} for a in cli.json_lines(fp32)]
        best = [max(a, key=a.get) for a in theirs]
        self.assertEqual(out['flips'], sum(a[0] != b for a, b in zip(ours, best)))
        self.assertAlmostEqual(out['same_answer'], 1 - out['flips'] / 14, places=6)
        difference = sum(abs(score - t[label]) for (label, score), t in zip(ours, theirs)) / 14
        self.assertAlmostEqual(out['mean_abs_score_diff'], difference, places=5)
        self.assertAlmostEqual(out['drop'], out['fp32'] - out['int8'], places=5)
        text = self.done('eval', cli.model(), path, '--reference', cli.checkpoint(), *label)
        for word in ('accuracy', 'in-scope accuracy', 'out-of-scope recall', 'flips', 'drop', 'McNemar'):
            self.assertIn(word, text)

    def test_another_checkpoint_is_no_reference(self):
        path, label = mixed_set('other-checkpoint.csv')
        self.assertIn('was not made from', self.complaint(cli.FAILED, 'eval', cli.model(), path, '--reference',
                                               cli.checkpoint('distilbert-multi-label'), *label))

    def test_several_labels_and_regression(self):
        """The figures by their definitions, from what `run` answers."""
        model = cli.model('distilbert-multi-label')
        scores = [{a['label']: a['score'] for a in answer} for answer in
                  cli.json_lines(cli.run('run', model, '--json', '--top-k', '99', stdin='\n'.join(TEXTS)).stdout)]
        names = sorted(scores[0])
        expected = [{names[i % len(names)], names[(i // 2) % len(names)]} for i in range(len(TEXTS))]
        given = [{name for name, score in one.items() if score >= 0.5} for one in scores]
        out = json.loads(self.done('eval', model, dataset('several.csv', ['|'.join(sorted(e)) for e in expected]), '--json'))
        right = sum(len(e & g) for e, g in zip(expected, given))
        micro = 2 * right / (sum(map(len, expected)) + sum(map(len, given)))
        self.assertEqual(out['metric'], 'micro_f1')
        self.assertAlmostEqual(out['int8'], micro, places=6)
        self.assertAlmostEqual(out['metrics']['subset_accuracy']['int8'],
                               sum(e == g for e, g in zip(expected, given)) / len(TEXTS), places=6)
        each = []
        for name in names:
            both = sum(name in e and name in g for e, g in zip(expected, given))
            either = sum(name in e for e in expected) + sum(name in g for g in given)
            each.append(2 * both / either if either else 0)
        self.assertAlmostEqual(out['metrics']['macro_f1']['int8'], sum(each) / len(each), places=6)

        model = cli.model('distilbert-regression')
        values = [a[0]['score'] for a in cli.json_lines(cli.run('run', model, '--json', stdin='\n'.join(TEXTS)).stdout)]
        wanted = [i / 7 for i in range(len(TEXTS))]
        out = json.loads(self.done('eval', model, dataset('numbers.csv', [repr(w) for w in wanted]), '--json'))
        self.assertEqual(out['metric'], 'pearson')
        self.assertAlmostEqual(out['int8'], statistics.correlation(values, wanted), places=5)
        self.assertAlmostEqual(out['metrics']['mean_absolute_error']['int8'],
                               statistics.fmean(abs(v - w) for v, w in zip(values, wanted)), places=5)
        self.assertIn('is none', self.complaint(cli.FAILED, 'eval', model, dataset('words.csv', ['warm'] * len(TEXTS))))

    def test_labels_confusions_and_errors(self):
        path, label = mixed_set('labels.csv')
        given = [a for a, _ in answers()]
        with open(path, encoding='utf8') as file:
            wanted = [row['label'] for row in csv.DictReader(file)]
        table = cli.path('confusion.csv')
        out = json.loads(self.done('eval', cli.model(), path, '--json', '--errors', '2', '--confusion', table, *label))
        for row in out['labels']:
            support = wanted.count(row['label'])
            right = sum(w == g == row['label'] for w, g in zip(wanted, given))
            self.assertEqual(row['support'], support)
            if support:
                self.assertAlmostEqual(row['recall'], right / support, places=6)
            if given.count(row['label']):
                self.assertAlmostEqual(row['precision'], right / given.count(row['label']), places=6)
        for row in out['confusions']:
            self.assertEqual(row['count'], sum(w == row['label'] and g == row['taken_for'] for w, g in zip(wanted, given)))
        self.assertLessEqual(len(out['errors']), 2)
        for row in out['errors']:
            self.assertNotEqual(row['label'], row['answer'])
            self.assertEqual(given[TEXTS.index(row['text'])], row['answer'])
        with open(table, encoding='utf8') as file:
            counts = list(csv.DictReader(file))
        self.assertEqual(sum(int(v) for row in counts for k, v in row.items() if k != 'expected'), len(TEXTS))

    def test_write_report(self):
        model = cli.path('reported.pbert')
        self.assertEqual(cli.run('convert', cli.checkpoint(), '-o', model).returncode, cli.DONE)
        path, label = mixed_set('reported.csv')
        out = json.loads(self.done('eval', model, path, '--json', '--write-report', *label))
        report = json.loads(self.done('inspect', model, '--json'))['report']
        self.assertEqual(report['accuracy']['dataset'], 'reported.csv')
        self.assertAlmostEqual(report['accuracy']['int8'], out['int8'], places=6)

    def test_unknown_labels(self):
        path = dataset('unknown.csv', ['cancel', 'cancle'] + ['cancel'] * 12)
        with open(cli.checkpoint() + '/config.json') as file:
            labels = list(json.load(file)['id2label'].values())
        there = ', '.join(labels) if len(labels) <= 6 else ', '.join(labels[:5]) + f' and {len(labels) - 5} more'
        self.assertTrue(self.complaint(cli.FAILED, 'eval', cli.model(), path).endswith(
            f'{path}: line 3: the model has no label `cancle`: did you mean `cancel`? It has {there}'))


class Compare(cli.Case):
    def test_json(self):
        for texts in ([], [cli.path('texts.txt', '\n'.join(TEXTS))]):
            out = json.loads(self.done('compare', cli.model(), cli.checkpoint(), *texts, '--json'))
            self.assertEqual(list(out), ['texts', 'tokens', 'layers', 'logits', 'same_answer', 'matrices', 'keep'])
            self.assertEqual([x['name'] for x in out['layers']], ['embeddings', 'layer 1', 'layer 2'])
            self.assertIsNone(out['layers'][0]['attention'])
            for layer in [*out['layers'], *[x['attention'] for x in out['layers'][1:]], out['logits']]:
                self.assertGreater(layer['snr_db'], 10)
                self.assertGreater(layer['cosine'], 0.97)
        self.assertEqual(out['texts'], len(TEXTS))
        self.assertIn('layer 2', self.done('compare', cli.model(), cli.checkpoint()))

    def test_matrices(self):
        """What compare says of a matrix is what convert --keep gives; all matrices kept are an fp32 file."""
        said = json.loads(self.done('compare', cli.model(), cli.checkpoint(), '--json'))
        names = [m['name'] for m in said['matrices']]
        self.assertEqual(sorted(n for n in names if n.startswith('layer.1.')),
                         [f'layer.1.{part}.weight' for part in ('attention_output', 'ffn_in', 'ffn_out', 'key', 'query', 'value')])
        shares = [m['noise_share'] for m in said['matrices']]
        self.assertEqual(shares, sorted(shares, reverse=True))
        best = said['matrices'][0]
        self.assertGreater(best['noise_share'], 0.05)
        self.assertGreater(best['snr_db'], said['logits']['snr_db'])
        self.assertEqual(said['keep'][0], 'fp32:' + best['name'])

        kept = cli.model('distilbert-sequence-classification', '--keep', 'fp32:' + best['name'])
        again = json.loads(self.done('compare', kept, cli.checkpoint(), '--json'))
        self.assertEqual(again['logits']['snr_db'], best['snr_db'])
        self.assertNotIn(best['name'], [m['name'] for m in again['matrices']])
        plain = json.loads(self.done('inspect', cli.model(), '--json'))
        seen = json.loads(self.done('inspect', kept, '--json'))
        self.assertEqual((plain['encoder']['kept_fp32'], seen['encoder']['kept_fp32']), ([], [best['name']]))
        self.assertEqual(seen['encoder']['weights'], 'int8')
        self.assertIn('keep=fp32:' + best['name'], seen['provenance']['recipe'])
        self.assertIn(best['name'], self.done('inspect', kept))
        # The report's strings and the data's alignment aside, the file grows by what was said.
        self.assertLess(abs(seen['file_bytes'] - plain['file_bytes'] - best['extra_bytes']), 512)

        everything = cli.model('distilbert-sequence-classification', '--keep', 'fp32:*', '--keep', 'fp32:layer.0.*')
        exact = json.loads(self.done('compare', everything, cli.checkpoint(), '--json'))
        self.assertEqual((exact['logits']['worst_error'], exact['matrices'], exact['keep']), (0, [], []))
        layers = json.loads(self.done('compare', cli.model(), cli.checkpoint(), '--json', '--layers-only'))
        self.assertEqual(layers, {**said, 'matrices': [], 'keep': []})

    def test_kept_matrices_run_on_every_backend(self):
        """Either type of weights in either place of a layer: the backends agree, and each is nearer to fp32 than int8."""
        for pattern in ('*.query.weight', '*.key.weight', '*.attention_output.weight', '*.ffn_in.weight', '*.ffn_out.weight', 'layer.0.*',
                        'embeddings.*'):
            kept = cli.model('distilbert-sequence-classification', '--keep', 'fp32:' + pattern)
            worst = {}
            for backend in ('xnnpack', 'reference'):
                out = json.loads(self.done('compare', kept, cli.checkpoint(), '--json', '--layers-only', '--backend', backend))
                worst[backend] = out['logits']['snr_db']
            plain = json.loads(self.done('compare', cli.model(), cli.checkpoint(), '--json', '--layers-only'))
            self.assertLess(abs(worst['xnnpack'] - worst['reference']), 1, pattern)
            self.assertGreater(worst['xnnpack'], plain['logits']['snr_db'] - 0.5, pattern)

    def test_what_cannot_be_kept(self):
        out = cli.path('never.pbert')
        self.assertIn('did you mean `layer.0.ffn_in.weight`', self.complaint(
            cli.FAILED, 'convert', cli.checkpoint(), '-o', out, '--keep', 'fp32:layer.0.ffn_im.weight'))
        self.assertIn("it is fp32:NAME", self.complaint(
            cli.WRONG_USAGE, 'convert', cli.checkpoint(), '-o', out, '--keep', 'layer.0.ffn_in.weight'))
        self.assertFalse(os.path.exists(out))

    def test_an_fp32_file_equals_its_checkpoint(self):
        out = json.loads(self.done('compare', cli.model('distilbert-sequence-classification', '--weights', 'fp32'),
                                   cli.checkpoint(), '--json'))
        self.assertEqual(out['logits']['worst_error'], 0)
        self.assertIsNone(out['logits']['snr_db'])

    def test_another_checkpoint(self):
        self.assertIn('was not made from', self.complaint(cli.FAILED, 'compare', cli.model(),
                                                             cli.checkpoint('distilbert-multi-label')))


if __name__ == '__main__':
    cli.main()
