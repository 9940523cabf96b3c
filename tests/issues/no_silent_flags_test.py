#!/usr/bin/env python3
"""A flag that the model's task would not read is an error that says which tasks it is for."""
import json

import pipeline_cases
from pipeline_cases import cli

CLASSIFIER, MASK, TAGGER, EMBEDDER = 'empty-pair-bert', 'long-not-cut-mask', 'ner-lstrip-word', 'st-strip'


class NoSilentFlags(pipeline_cases.Case):
    def test_of_another_task(self):
        for name, flags, said in (
                (CLASSIFIER, ['--aggregation', 'simple'], 'token classification'), (CLASSIFIER, ['--targets', 'a'], 'fill-mask'),
                (CLASSIFIER, ['--context', 'a'], 'question answering'), (CLASSIFIER, ['--pooling', 'mean'], 'embeddings'),
                (CLASSIFIER, ['--labels', 'a,b'], 'entailment'), (CLASSIFIER, ['--template', 'a {}'], '--labels'),
                (TAGGER, ['--top-k', '3'], 'text classification'), (TAGGER, ['--labels', 'a,b'], 'zero-shot'),
                (TAGGER, ['--pair', 'x'], 'text classification'), (MASK, ['--stride', '3'], 'token classification'),
                (MASK, ['--function-to-apply', 'none'], 'text classification'), (MASK, ['--normalize'], 'embeddings'),
                (MASK, ['--table'], 'text classification'), (CLASSIFIER, ['--raw', '--top-k', '3'], '--raw')):
            with self.subTest(flags):
                complaint = self.complaint(cli.WRONG_USAGE, 'run', self.model(name), *flags, 'hello [MASK]')
                self.assertIn(flags[0], complaint)
                self.assertIn(said, complaint)

    def test_a_question_beside_texts(self):
        model = self.model('qa-blank')
        self.complaint(cli.WRONG_USAGE, 'run', model, '--question', 'where?', '--context', 'in paris', 'who?')
        self.complaint(cli.WRONG_USAGE, 'run', model, '--question', 'where?')
        self.assertEqual(len(self.done('run', model, '--context', 'in paris', 'where?', 'who?').splitlines()), 2)

    def test_what_is_said_of_a_question_to_a_classifier(self):
        model = self.model(CLASSIFIER)
        self.assertIn("this model's task is text classification",
                      self.complaint(cli.WRONG_USAGE, 'run', model, '--question', 'where?'))
        answer, = self.answers(model, [{'question': 'where?', 'context': 'in paris'}])
        self.assertIn('question-answering', answer['error'])

    def test_fewer_tokens_than_the_special_ones(self):
        self.assertIn('--max-tokens: 1', self.complaint(cli.WRONG_USAGE, 'run', self.model(CLASSIFIER), '--max-tokens', '1', 'hello'))
        self.assertEqual(len(self.done('run', self.model(CLASSIFIER), '--max-tokens', '20', 'hello').splitlines()), 1)

    def test_chat_commands_without_effect(self):
        out = self.done('chat', self.model(TAGGER), stdin='/top 2\n/context x\n')
        self.assertIn('/top does nothing here', out)
        self.assertIn('/context is for models that answer questions', out)

    def test_an_option_of_another_task_in_a_line(self):
        for name, option in ((CLASSIFIER, {'stride': 2}), (MASK, {'ignore_labels': []}), (TAGGER, {'function_to_apply': 'none'})):
            answer, = self.answers(self.model(name), [{'text': 'a [MASK]', **option}])
            self.assertIn(next(iter(option)), answer['error'])

    def test_function_to_apply(self):
        model = self.model(CLASSIFIER)
        logits = json.loads(self.done('run', model, '--raw', 'hello'))['logits']
        for name in ('none', 'sigmoid', 'softmax'):
            flag = json.loads(self.done('run', model, '--json', '--top-k', '0', '--function-to-apply', name, 'hello'))
            line, = self.answers(model, [{'text': 'hello', 'function_to_apply': name.upper(), 'top_k': None}])
            self.assertEqual(flag, line)
            if name == 'none':
                self.same([x['score'] for x in flag], sorted(logits, reverse=True), name)
        self.assertIn('softmax', self.complaint(cli.WRONG_USAGE, 'run', model, '--function-to-apply', 'tanh', 'hello'))

    def test_a_target_that_is_no_piece(self):
        model = self.model(MASK)
        out = cli.run('run', model, '--targets', 'morningly,a', 'hello [MASK]')
        self.assertEqual(out.returncode, cli.DONE)
        self.assertIn('"morningly" is no piece of the vocabulary', out.stderr)
        self.assertIn('is taken for it', out.stderr)
        self.assertEqual(out.stderr.count('\n'), 1)

    def test_embeddings_print_a_line_and_are_pooled_as_the_file_says(self):
        model = self.model(EMBEDDER)
        self.assertRegex(self.done('run', model, 'hello there'), r'\A\[(-?\d+\.\d{4}, ){4}\.\.\.\]  \d+ values, norm \d+\.\d{4}\n\Z')
        self.assertEqual(self.done('run', model, '--json', 'hello there'),
                         self.done('run', model, '--json', '--pooling', 'model', 'hello there'))
        rows = self.done('run', model, '--pooling', 'tokens', 'hello there').splitlines()
        self.assertEqual(len(rows), len(json.loads(self.done('tokenize', model, '--json', 'hello there'))['ids']))


cli.main()
