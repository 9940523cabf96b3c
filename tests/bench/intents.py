#!/usr/bin/env python3
"""What bots of public sets of sentences are worth: accuracy, calibration, and what they let through that they do not understand.

    tests/bench/intents.py ENCODER.pbert [--few DRAWS] [SET…]

SETs are banking77, clinc150, clinc150+oos, massive-en-us (../shared/data; default all). --few also builds on 5 and 10 sentences for
each intent, so many draws. Prints a row a set; README's table is made of them.
"""
import argparse
import csv
import json
import os
import random
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(os.environ.get('POCKETBERT_SHARED', os.path.join(ROOT, '../shared')), 'data')
COMMAND = os.environ.get('POCKETBERT_COMMAND', os.path.join(ROOT, 'build/release/pocketbert'))


def read(name):
    """(training, test, test out of scope), each a list of (text, label)."""
    if name.startswith('clinc150'):
        with open(f'{DATA}/clinc150/data_oos_plus.json') as file:
            splits = json.load(file)
        more = splits['oos_train'] if name.endswith('+oos') else []
        return splits['train'] + more, splits['test'], splits['oos_test']
    if name == 'massive-en-us':
        def rows(split):
            with open(f'{DATA}/{name}/{split}.jsonl') as file:
                return [(row['text'], row['label_text']) for row in map(json.loads, file)]
        return rows('train'), rows('test'), []

    def rows_of_csv(split):
        with open(f'{DATA}/{name}/{split}.csv', newline='') as file:
            return [(row['text'], row['category']) for row in csv.DictReader(file)]
    return rows_of_csv('train'), rows_of_csv('test'), []


def build(training, encoder, folder):
    sentences, bot = os.path.join(folder, 'sentences.csv'), os.path.join(folder, 'bot.pbert')
    with open(sentences, 'w', newline='') as file:
        csv.writer(file).writerows([('text', 'label'), *training])
    subprocess.run([COMMAND, 'build', sentences, '-o', bot, '--encoder', encoder], check=True, capture_output=True)
    return bot


def ask(bot, rows):
    lines = ''.join(' '.join(text.split()) + '\n' for text, _ in rows)
    output = subprocess.run([COMMAND, 'run', bot, '--json', '--reject', '--top-k', '1'], input=lines, check=True,
                            capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def accuracy(answers, rows):
    return sum(a['answer'][0]['label'] == label for a, (_, label) in zip(answers, rows)) / len(rows)


def calibration_error(answers, rows, bins=15):
    gaps = [0.0] * bins
    for answer, (_, label) in zip(answers, rows):
        best = answer['answer'][0]
        gaps[min(bins - 1, int(best['score'] * bins))] += (best['label'] == label) - best['score']
    return sum(map(abs, gaps)) / len(rows)


def area_under_roc(inside, outside):
    ranked = sorted([(score, 1) for score in inside] + [(score, 0) for score in outside])
    ranks = sum(rank for rank, (_, is_inside) in enumerate(ranked, 1) if is_inside)
    return (ranks - len(inside) * (len(inside) + 1) / 2) / (len(inside) * len(outside))


def measure(name, encoder, folder):
    training, test, outside = read(name)
    start = time.monotonic()
    bot = build(training, encoder, folder)
    seconds = time.monotonic() - start
    answers = ask(bot, test)
    row = [name, f'{100 * accuracy(answers, test):.2f} %', f'ECE {calibration_error(answers, test):.4f}',
           f'kept {100 * sum(not a["rejected"] for a in answers) / len(test):.2f} %', f'{seconds:.0f} s']
    if outside:
        understood = [a['understood'] for a in answers]
        others = ask(bot, outside)
        threshold = sorted(understood)[len(understood) // 20]
        row += [f'AUROC {area_under_roc(understood, [a["understood"] for a in others]):.4f}',
                f'let through with 95 % kept {100 * sum(a["understood"] >= threshold for a in others) / len(others):.1f} %',
                f'rejected at the threshold {100 * sum(a["rejected"] for a in others) / len(others):.1f} %']
    return row


def few(name, encoder, draws, folder):
    training, test, _ = read(name)
    intents = sorted({label for _, label in training})
    means = []
    for count in (5, 10):
        shares = []
        for draw in range(draws):
            chance = random.Random(draw)
            chosen = []
            for intent in intents:
                own = [row for row in training if row[1] == intent]
                chosen += chance.sample(own, min(count, len(own)))
            shares.append(accuracy(ask(build(chosen, encoder, folder), test), test))
        means.append(f'{count} an intent {100 * sum(shares) / draws:.1f} %')
    return [name, *means]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('encoder')
    parser.add_argument('--few', type=int, default=0)
    parser.add_argument('sets', nargs='*', default=['banking77', 'clinc150', 'clinc150+oos', 'massive-en-us'])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.sets:
            print('  '.join(measure(name, arguments.encoder, folder)), flush=True)
            if arguments.few and '+' not in name:
                print('  '.join(few(name, arguments.encoder, arguments.few, folder)), flush=True)


main()
