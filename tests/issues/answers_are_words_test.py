#!/usr/bin/env python3
"""Question answering: answers are the pre-tokenizer's words, and the pipeline's options mean what they do there."""
import pipeline_cases
from pipeline_cases import cli


class AnswersAreWords(pipeline_cases.Case):
    def test_words_of_bytes(self):
        self.holds('qa-words-bytelevel')

    def test_a_blank_context_has_the_empty_answer(self):
        self.holds('qa-blank')

    def test_options(self):
        self.recorded('qa-words-bytelevel', 'qa-words-bytelevel-options.jsonl')

    def test_windows(self):
        model, context = self.model('qa-blank'), 'in paris ' * 300
        row = {'question': 'where?', 'context': context}
        plain, same, none = self.answers(model, [row, {**row, 'max_question_len': 5, 'padding': True, 'max_seq_len': 384},
                                                 {**row, 'doc_stride': 0}])
        self.assertEqual(plain, same)
        self.assertLess(none['score'], plain['score'])  # the windows share nothing, so there are fewer
        wide, too_much, huge = self.answers(model, [{**row, 'max_seq_len': 2**31 - 1}, {**row, 'max_seq_len': 40, 'doc_stride': 39},
                                                    {**row, 'doc_stride': 2**31 - 1}])
        self.assertIn('answer', wide)
        self.assertIn('stride', too_much['error'])
        self.assertIn('stride', huge['error'])
        # A context that fits needs no windows, and so no stride.
        short = {'question': 'where?', 'context': 'in paris'}
        self.assertEqual(*self.answers(model, [short, {**short, 'doc_stride': 2**31 - 1, 'max_answer_len': 2**31 - 1}]))

    def test_an_empty_question_or_context_is_refused(self):
        for row, word in (({'question': '', 'context': 'x'}, 'question'), ({'question': 'x', 'context': ''}, 'context')):
            self.assertIn(word, self.answers(self.model('qa-blank'), [row])[0]['error'])


cli.main()
