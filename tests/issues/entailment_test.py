#!/usr/bin/env python3
"""Zero-shot classification goes by the label of label2id that begins with "entail", or else by the last one."""
import json
import math
import os
import shutil

import pipeline_cases
from pipeline_cases import cli, read


class Entailment(pipeline_cases.Case):
    def scores(self, label2id, *names):
        """Of two labels with an entailment model whose config.json says this, and what is said on standard error."""
        folder = cli.path(f'entailment-{"-".join(names)}-{label2id is None}')
        shutil.copytree(self.case('long-label-zero-shot') + '/ckpt', folder, dirs_exist_ok=True)
        config = json.loads(read(folder + '/config.json'))
        config['id2label'] = dict(enumerate(names))
        config['label2id'] = label2id
        with open(os.path.join(folder, 'config.json'), 'w', encoding='utf8') as file:
            json.dump(config, file)
        model = cli.model(folder, '--weights', 'fp32')
        out = cli.run('run', model, '--json', '--input', 'jsonl',
                      stdin=json.dumps({'sequence': 'play', 'candidate_labels': 'food, music', 'multi_label': True}) + '\n')
        answer = json.loads(out.stdout)
        return dict(zip(answer['labels'], answer['scores'])), out.stderr, model

    def expected(self, model, yes, no):
        """What the reference's postprocessing makes of the outputs: its softmax of contradiction and entailment."""
        scores = {}
        for label in ('food', 'music'):
            logits = json.loads(cli.run('run', model, '--raw', 'play', '--pair', f'This example is {label}.').stdout)['logits']
            scores[label] = 1 / (1 + math.exp(logits[no] - logits[yes]))
        return scores

    def test_label2id_says_which(self):
        for label2id, names, yes, no, warns in (
                ({'no': 0, 'Entailment': 1, 'maybe': 2}, ('no', 'Entailment', 'maybe'), 1, 0, False),
                ({'ENTAILS': 0, 'n': 1, 'c': 2}, ('e', 'n', 'c'), 0, -1, False),  # not what id2label has
                ({'a': 0, 'b': 1, 'c': 2}, ('entailment', 'x', 'y'), -1, 0, True),
                ({'a': 0, 'b': 1, 'not_entailment': 2}, ('a', 'b', 'not_entailment'), -1, 0, True),
                (None, ('n', 'entailment', 'c'), 1, 0, False)):
            with self.subTest(names):
                scores, said, model = self.scores(label2id, *names)
                best_first = dict(sorted(self.expected(model, yes, no).items(), key=lambda x: -x[1]))
                self.same(scores, best_first, names)
                self.assertEqual('begins with "entail"' in said, warns)


cli.main()
