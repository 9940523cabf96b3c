#!/usr/bin/env python3
"""Token classification: groups, words and windows as the reference's pipeline makes them."""
import pipeline_cases
from pipeline_cases import cli


class Entities(pipeline_cases.Case):
    def test_a_group_is_what_follows_the_first_hyphen(self):
        self.holds('ner-tags')

    def test_words_are_joined_without_what_is_only_in_pieces(self):
        self.holds('ner-unigram-words')

    def test_a_special_token_is_its_own_word(self):
        self.holds('ner-lstrip-word')

    def test_stride_and_ignore_labels(self):
        self.recorded('ner-tags', 'ner-tags-options.jsonl', '--max-tokens', '8')

    def test_flags_are_the_same_options(self):
        model, text = self.model('ner-lstrip-word'), 'sarah lives in berlin sarah lives in berlin'
        row = {'text': text, 'aggregation_strategy': 'simple', 'stride': 2, 'ignore_labels': ['LOC']}
        by_line = self.answers(model, [row], '--max-tokens', '8')
        by_flags = cli.json_lines(cli.run('run', model, '--json', '--max-tokens', '8', '--aggregation', 'simple', '--stride', '2',
                                          '--ignore-labels', 'LOC', text).stdout)
        self.assertEqual(by_flags, by_line)

    def test_a_stride_that_cannot_be(self):
        model, text = self.model('ner-lstrip-word'), 'sarah lives in berlin ' * 4
        for options in ({'stride': 6}, {'stride': 2, 'aggregation_strategy': 'none'}, {'stride': 'x'}):
            self.assertIn('stride', self.answers(model, [{'text': text, **options}], '--max-tokens', '8')[0]['error'])


cli.main()
