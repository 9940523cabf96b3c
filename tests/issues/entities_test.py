#!/usr/bin/env python3
"""Token classification: groups, words and windows as the reference's pipeline makes them."""
import json
import os
import shutil

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

    def test_windows_of_a_text_whose_beginning_would_be_cut(self):
        """Recorded from pipeline("token-classification", stride=...) with this tokenizer_config.json."""
        for row in cli.json_lines(pipeline_cases.read(os.path.join(pipeline_cases.GOLDEN, 'ner-left-windows.jsonl'))):
            name = row['architecture'] + '-token-classification'
            folder = cli.path('left-' + name)
            if not os.path.exists(folder):
                shutil.copytree(os.path.join(cli.ROOT, 'tests/golden/architectures', name), folder)
                with open(folder + '/tokenizer_config.json', 'r+') as file:
                    config = {**json.load(file), 'truncation_side': 'left', 'model_max_length': 12}
                    file.seek(0)
                    file.truncate()
                    json.dump(config, file)
            answer, = self.answers(cli.model(folder, '--weights', 'fp32'), [row['input']])
            self.same(answer, row['expected'], row['input'])

    def test_a_stride_that_cannot_be(self):
        model, text = self.model('ner-lstrip-word'), 'sarah lives in berlin ' * 4
        for options in ({'stride': 6}, {'stride': 2, 'aggregation_strategy': 'none'}, {'stride': 'x'}):
            self.assertIn('stride', self.answers(model, [{'text': text, **options}], '--max-tokens', '8')[0]['error'])


cli.main()
