#!/usr/bin/env python3
"""Times LiteRT with its XNNPACK delegate on DistilBERT-base's shape: ids in, logits out.

    litert_bench.py [--tokens 8,16,32,64,128] [--threads 1] [--iterations 60]
Prints an object a line, one for each length: tokens, threads, min_ms, median_ms; then one of file_bytes and model_rss_bytes: by how much the process grew
from before the first length's model was opened to after its first answer, Python and LiteRT's own code not counted.
"""
import argparse
import json
import os
import time

import numpy as np

import litert_model


def resident_bytes():
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tokens', default='8,16,32,64,128')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--iterations', type=int, default=60)
    options = parser.parse_args()
    shape = litert_model.Shape()
    size, grown = 0, None
    for tokens in map(int, options.tokens.split(',')):
        content = litert_model.build(shape, tokens)
        size = len(content)
        before = resident_bytes()
        model = litert_model.interpreter(content, options.threads)
        where = model.get_input_details()[0]['index']
        random = np.random.default_rng(tokens)
        model.set_tensor(where, random.integers(1, shape.vocabulary, tokens).astype(np.int32))
        model.invoke()
        grown = grown or resident_bytes() - before
        for _ in range(10):
            model.invoke()
        times = []
        for _ in range(options.iterations):
            start = time.perf_counter()
            model.invoke()
            times.append((time.perf_counter() - start) * 1e3)
        print(json.dumps({'tokens': tokens, 'threads': options.threads, 'min_ms': round(min(times), 4),
                          'median_ms': round(float(np.median(times)), 4)}), flush=True)
    print(json.dumps({'file_bytes': size, 'model_rss_bytes': grown}))


if __name__ == '__main__':
    main()
