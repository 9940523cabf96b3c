#!/usr/bin/env python3
"""The null threshold of question answering: convert --eval measures it on a set like SQuAD 2's, eval and run --impossible apply it.

What is right is said here by the definitions of SQuAD 2.0's evaluate script (get_raw_scores, apply_no_ans_threshold, make_eval_dict,
find_best_thresh), written again, and by what `run` answers.
"""
import collections
import json
import os
import re
import string
import struct

import cli

CHECKPOINT = os.path.join(cli.ROOT, 'tests/golden/architectures/electra-question-answering')
CONTEXTS = ['My name is Sarah and I live in London.', 'wolfgang works for siemens near berlin', 'The cat sat on a red mat.',
            'It rains often; bring your coat!', 'Two trains leave at nine, one for Rome.']
QUESTIONS = ['Where do I live?', 'who works for siemens', 'what is it', 'Why?', 'When does the train for Rome leave?', 'is it red']


def words(text):
    text = ''.join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r'\b(a|an|the)\b', ' ', text).split()


def exact_and_f1(answer, golds):
    golds = [gold for gold in golds if words(gold)] or ['']

    def f1(gold):
        want, have = words(gold), words(answer)
        if not want or not have:
            return float(want == have)
        same = sum((collections.Counter(want) & collections.Counter(have)).values())
        return 2 * same / (len(want) + len(have))
    return max(float(words(gold) == words(answer)) for gold in golds), max(map(f1, golds))


def as_float(number):
    """Rounded as a float of C is, which printed numbers stand for."""
    return struct.unpack('f', struct.pack('f', number))[0]


class Question:
    def __init__(self, question, context, model):
        self.question, self.context = question, context
        self.flags = ('--question', question, '--context', context)
        best = json.loads(cli.run('run', model, '--json', *self.flags).stdout)
        listed = json.loads(cli.run('run', model, '--json', '--impossible', '--top-k', '64', *self.flags).stdout)
        self.best = best['answer']
        none = max(a['score'] for a in listed if not a['answer'])
        self.margin = as_float(as_float(none) - as_float(best['score']))
        self.golds = []

    def answer(self, threshold):
        return '' if self.margin > threshold else self.best


def squad(name, questions):
    paragraphs = [{'context': q.context, 'qas': [{'id': str(i), 'question': q.question, 'is_impossible': not q.golds,
                                                  'answers': [{'text': gold, 'answer_start': 0} for gold in q.golds]}]}
                  for i, q in enumerate(questions)]
    return cli.path(name, json.dumps({'version': 'v2.0', 'data': [{'title': 'x', 'paragraphs': paragraphs}]}))


def figures(questions, threshold):
    """{metric: value} of all, and of each kind, as make_eval_dict counts them."""
    scores = [(bool(q.golds), *exact_and_f1(q.answer(threshold), q.golds)) for q in questions]
    out = {}
    for front, kinds in (('', (True, False)), ('has_answer_', (True,)), ('no_answer_', (False,))):
        some = [s for s in scores if s[0] in kinds]
        out[front + 'exact_match'] = sum(s[1] for s in some) / len(some)
        out[front + 'f1'] = sum(s[2] for s in some) / len(some)
    return out


class NullThreshold(cli.Case):
    @classmethod
    def setUpClass(cls):
        cls.plain = cli.path('plain.pbert')
        assert cli.run('convert', CHECKPOINT, '-o', cls.plain).returncode == cli.DONE
        questions = [Question(q, c, cls.plain) for q in QUESTIONS for c in CONTEXTS]
        # The lower half by margin has answers, though not all of them right ones; of the others some have, too.
        questions.sort(key=lambda q: q.margin)
        for i, q in enumerate(questions):
            if i < len(questions) // 2 and i % 5 != 4:
                q.golds = [q.best if i % 3 else q.best + ' and more', 'London']
            elif i % 7 == 0:
                q.golds = ['nothing like it']
        cls.questions = questions
        cls.path = squad('squad2.json', questions)
        cls.measured = cli.path('measured.pbert')
        done = cli.run('convert', CHECKPOINT, '-o', cls.measured, '--json', '--eval', cls.path)
        assert done.returncode == cli.DONE and not done.stderr, done.stderr
        cls.converted = json.loads(done.stdout)

    def test_the_best_threshold_is_stored(self):
        thresholds = [q.margin for q in self.questions]
        best = as_float(self.converted['null_threshold'])
        self.assertIn(best, thresholds)
        expected = figures(self.questions, best)
        for other in thresholds:
            self.assertLess(figures(self.questions, other)['f1'], expected['f1'] + 1e-9)
        for other in (min(thresholds) - 1, 0, 1):  # the set says something: none answered, no threshold, all answered
            self.assertLess(figures(self.questions, other)['f1'], expected['f1'] - 0.01)
        self.assertAlmostEqual(self.converted['report']['accuracy']['int8'], expected['exact_match'], places=6)

        inspected = json.loads(self.done('inspect', self.measured, '--json'))
        self.assertEqual(inspected['heads'][0]['null_threshold'], self.converted['null_threshold'])
        self.assertEqual(inspected['report'], self.converted['report'])
        self.assertIn(f'\nnull threshold       {best:.4f}, ', self.done('inspect', self.measured))
        self.assertIsNone(json.loads(self.done('inspect', self.plain, '--json'))['heads'][0]['null_threshold'])
        self.assertNotIn('null threshold', self.done('inspect', self.plain))

    def test_eval_applies_it_and_says_so(self):
        threshold = self.converted['null_threshold']
        for model, t in ((self.measured, threshold), (self.plain, None)):
            out = json.loads(self.done('eval', model, self.path, '--json'))
            self.assertEqual(out['null_threshold'], t)
            self.assertEqual(out['unanswerable'], sum(not q.golds for q in self.questions))
            expected = figures(self.questions, as_float(t or 0))
            self.assertEqual(list(out['metrics']), list(expected))
            for name, value in expected.items():
                self.assertAlmostEqual(out['metrics'][name]['int8'], value, places=6, msg=name)
            self.assertEqual(out['int8'], out['metrics']['exact_match']['int8'])
        self.assertIn(f"above the file's null threshold, {threshold:.4f}\n", self.done('eval', self.measured, self.path))
        self.assertIn('the file has no null threshold\n', self.done('eval', self.plain, self.path))
        both = json.loads(self.done('eval', self.measured, self.path, '--json', '--reference', CHECKPOINT))
        self.assertIsNotNone(both['metrics']['no_answer_f1']['fp32'])
        self.assertIsNotNone(both['p_value'])

    def test_run_applies_it(self):
        threshold = self.converted['null_threshold']
        said = [json.loads(self.done('run', self.measured, '--json', '--impossible', *q.flags))['answer'] for q in self.questions]
        self.assertEqual(said, [q.answer(as_float(threshold)) for q in self.questions])
        self.assertGreater(said.count(''), 0)
        self.assertLess(said.count(''), len(said))
        for q in self.questions[:3]:  # only where it is allowed
            self.assertEqual(json.loads(self.done('run', self.measured, '--json', *q.flags))['answer'], q.best)

    def test_write_report_keeps_it(self):
        self.done('eval', self.measured, self.path, '--write-report')
        inspected = json.loads(self.done('inspect', self.measured, '--json'))
        self.assertEqual(inspected['heads'][0]['null_threshold'], self.converted['null_threshold'])

    def test_sets_of_one_kind_have_none(self):
        output = cli.path('other.pbert')
        answerable = squad('one.json', [q for q in self.questions if q.golds])
        out = json.loads(self.done('convert', CHECKPOINT, '-o', output, '--json', '--eval', answerable))
        self.assertIsNone(out['null_threshold'])
        for model in (output, self.measured):  # "no answer" is not allowed in SQuAD 1.1
            out = json.loads(self.done('eval', model, answerable, '--json'))
            self.assertEqual((list(out['metrics']), out['unanswerable'], out['null_threshold']), (['exact_match', 'f1'], 0, None))
        without = squad('none.json', [q for q in self.questions if not q.golds])
        said = cli.run('convert', CHECKPOINT, '-o', output, '--json', '--eval', without)
        self.assertEqual(said.returncode, cli.DONE)
        self.assertIn('no null threshold', said.stderr)
        self.assertIsNone(json.loads(said.stdout)['null_threshold'])


cli.main()
