#!/usr/bin/env python3
"""LiteRT's time over ours, both measured in alternation in one run, at DistilBERT-base's shape with random weights.

    tests/bench/against_litert.sh [--tokens 8,16,32,64,128] [--threads 1] [--rounds 3] [--json FILE] [--backend auto]
Minimum times; above 1 we are faster. Ours is text in to label out, tokenizer included; LiteRT's is ids in to logits out.
The command is $POCKETBERT, else build/release/pocketbert.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
POCKETBERT = os.environ.get('POCKETBERT') or os.path.join(ROOT, 'build/release/pocketbert')


def write_checkpoint(directory):
    """DistilBERT-base's shape with random weights and a vocabulary of made-up words."""
    random = np.random.default_rng(1)
    d, ffn, layers, vocabulary, positions, labels = 768, 3072, 6, 30522, 512, 150
    weights = {}

    def tensor(name, *shape):
        weights[name] = random.normal(0, 0.04, shape).astype(np.float32)

    def linear(name, outputs, inputs):
        tensor(name + '.weight', outputs, inputs)
        tensor(name + '.bias', outputs)

    def norm(name):
        weights[name + '.weight'] = np.ones(d, np.float32)
        weights[name + '.bias'] = np.zeros(d, np.float32)

    tensor('distilbert.embeddings.word_embeddings.weight', vocabulary, d)
    tensor('distilbert.embeddings.position_embeddings.weight', positions, d)
    norm('distilbert.embeddings.LayerNorm')
    for i in range(layers):
        layer = f'distilbert.transformer.layer.{i}.'
        for part in ('q_lin', 'k_lin', 'v_lin', 'out_lin'):
            linear(layer + 'attention.' + part, d, d)
        linear(layer + 'ffn.lin1', ffn, d)
        linear(layer + 'ffn.lin2', d, ffn)
        norm(layer + 'sa_layer_norm')
        norm(layer + 'output_layer_norm')
    linear('pre_classifier', d, d)
    linear('classifier', labels, d)
    save_file(weights, os.path.join(directory, 'model.safetensors'))

    names = [f'label{i}' for i in range(labels)]
    config = {'model_type': 'distilbert', 'architectures': ['DistilBertForSequenceClassification'], 'activation': 'gelu',
              'dim': d, 'hidden_dim': ffn, 'n_layers': layers, 'n_heads': 12, 'vocab_size': vocabulary,
              'max_position_embeddings': positions, 'sinusoidal_pos_embds': False, 'pad_token_id': 0,
              'id2label': dict(enumerate(names)), 'label2id': {n: i for i, n in enumerate(names)}}
    with open(os.path.join(directory, 'config.json'), 'w', encoding='utf8') as file:
        json.dump(config, file)
    letters = 'abcdefghijklmnopqrstuvwxyz'
    words = (a + b + c + e for a in letters for b in letters for c in letters for e in letters)
    special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] + list(letters) + ['##' + c for c in letters]
    with open(os.path.join(directory, 'vocab.txt'), 'w', encoding='utf8') as file:
        file.writelines(word + '\n' for word in special + [next(words) for _ in range(vocabulary - len(special))])


def objects(*command):
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [json.loads(line) for line in output.splitlines() if line.startswith('{')]


def keep_best(best, rows):
    """Rows of the lengths that became faster; of the last, about the whole run, the latest."""
    for row in rows:
        key = row.get('tokens')
        if key is None or key not in best or row['min_ms'] < best[key]['min_ms']:
            best[key] = row


def measure(options):
    with tempfile.TemporaryDirectory(prefix='pocketbert-litert-') as folder:
        print('against_litert: converting random weights of DistilBERT-base\'s shape', file=sys.stderr)
        write_checkpoint(folder)
        model = os.path.join(folder, 'model.pbert')
        subprocess.run([POCKETBERT, 'convert', folder, '-o', model], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        common = ['--tokens', options.tokens, '--threads', str(options.threads), '--iterations', str(options.iterations)]
        ours, theirs = {}, {}
        for i in range(options.rounds):
            print(f'against_litert: round {i + 1} of {options.rounds}', file=sys.stderr)
            keep_best(ours, objects(POCKETBERT, 'bench', model, '--json', '--backend', options.backend, *common))
            keep_best(theirs, objects(sys.executable, os.path.join(HERE, 'litert_bench.py'), *common))
        file_bytes = os.path.getsize(model)
        doctor = objects(POCKETBERT, 'doctor', model, '--json')[0]
    lengths = [{'tokens': n, 'ours_ms': ours[n]['min_ms'], 'litert_ms': theirs[n]['min_ms'],
                'ratio': round(theirs[n]['min_ms'] / ours[n]['min_ms'], 3), 'roofline_share': ours[n]['roofline_share']}
               for n in map(int, options.tokens.split(','))]
    return {'processor': doctor['processor'], 'isa': doctor['isa'], 'system': platform.system(), 'commit': doctor['commit'],
            'threads': options.threads, 'backend': ours[lengths[0]['tokens']]['backend'],
            'peak_gmacs': ours[None]['peak_gmacs'], 'peak_gbytes': ours[None]['peak_gbytes'],
            'ours': {'file_bytes': file_bytes, 'arena_bytes': ours[None]['arena_bytes'],
                     'peak_rss_bytes': ours[None]['peak_rss_bytes'], 'load_ms': ours[None]['load_ms']},
            'litert': {'file_bytes': theirs[None]['file_bytes'], 'model_rss_bytes': theirs[None]['model_rss_bytes']}, 'lengths': lengths}


def table(result):
    lines = [f'{result["processor"]}, {result["threads"]} thread(s), backend {result["backend"]}',
             f'{"tokens":>6}  {"ours, ms":>9}  {"LiteRT, ms":>10}  {"ratio":>6}  {"share of limit":>14}']
    for row in result['lengths']:
        lines.append(f'{row["tokens"]:6}  {row["ours_ms"]:9.3f}  {row["litert_ms"]:10.3f}  {row["ratio"]:6.2f}  {row["roofline_share"]:14.0%}')
    return '\n'.join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tokens', default='8,16,32,64,128')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--iterations', type=int, default=60)
    parser.add_argument('--backend', default='auto')
    parser.add_argument('--json', metavar='FILE', help='write the result there as well; -: to standard output instead of the table')
    options = parser.parse_args()
    if not os.access(POCKETBERT, os.X_OK):
        sys.exit(f'against_litert: not built: {POCKETBERT}: cmake --preset release && cmake --build --preset release, or set POCKETBERT')
    result = measure(options)
    if options.json != '-':
        print(table(result))
    if options.json:
        with open(1 if options.json == '-' else options.json, 'w', encoding='utf8') as file:
            json.dump(result, file, indent=1)
            file.write('\n')


if __name__ == '__main__':
    main()
