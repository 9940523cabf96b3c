#!/usr/bin/env python3
"""Writes metrics.json beside itself: what the reference libraries say about small inputs.

pip install seqeval==1.2.2 scipy scikit-learn. SQuAD's own script has no package; its definition (v1.1) is restated below.
"""
import collections
import json
import os
import random
import re
import string

import scipy.stats
import seqeval.metrics
from seqeval.metrics.sequence_labeling import get_entities


def normalize(text):
    text = ''.join(c for c in text.lower() if c not in string.punctuation)
    return ' '.join(re.sub(r'\b(a|an|the)\b', ' ', text).split())


def word_f1(answer, gold):
    ours, theirs = normalize(answer).split(), normalize(gold).split()
    same = sum((collections.Counter(ours) & collections.Counter(theirs)).values())
    return 0 if same == 0 else 2 * same / (len(ours) + len(theirs))


def main():
    random.seed(7)
    tags = ['O', 'O', 'O', 'B-a', 'I-a', 'B-b-c', 'I-b-c', 'E-a', 'S-b', 'I', 'B']
    sets = []
    for _ in range(60):
        sentences = []
        for _ in range(random.randint(1, 4)):
            gold = [random.choice(tags) for _ in range(random.randint(1, 9))]
            sentences.append((gold, [t if random.random() < 0.7 else random.choice(tags) for t in gold]))
        golds, answers = [s[0] for s in sentences], [s[1] for s in sentences]
        sets.append({'expected': golds, 'predicted': answers,
                     'entities': [get_entities(g) for g in golds],
                     'precision': float(seqeval.metrics.precision_score(golds, answers)),
                     'recall': float(seqeval.metrics.recall_score(golds, answers)),
                     'f1': float(seqeval.metrics.f1_score(golds, answers))})
    texts = ['the Denver Broncos', 'Denver Broncos!', 'an  apple a day', 'A.B. the-man', 'theatre', '24–10', 'the–end', 'Ångström É',
             '"Gold"', '', 'the', '$5,000', 'in 1999 in 1999', 'São Paulo', 'a\u00a0the\u2003cat', '½ a cup', 'l’an 2000', "the's"]
    answers = [{'answer': a, 'expected': golds, 'normal': normalize(a),
                'exact': max(float(normalize(a) == normalize(g)) for g in golds), 'f1': max(word_f1(a, g) for g in golds)}
               for a in texts for golds in (random.sample(texts, 2), [a.upper() if a.isascii() else a])]
    numbers = []
    for n in (3, 10, 50):
        a = [random.randint(0, 12) / 4 for _ in range(n)]
        b = [x + random.gauss(0, 1) for x in a]
        numbers.append({'a': a, 'b': b, 'pearson': float(scipy.stats.pearsonr(a, b)[0]), 'spearman': float(scipy.stats.spearmanr(a, b)[0])})
    out = {'entities': sets, 'answers': answers, 'correlations': numbers}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'metrics.json'), 'w', encoding='utf8') as file:
        file.write(json.dumps(out, ensure_ascii=False, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    main()
