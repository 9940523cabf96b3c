#!/usr/bin/env python3
"""Writes what is counted: one checkpoint of DistilBERT-base's shape, and LiteRT's graph of that shape for each length.

    tests/bench/arm/write_models.py LAB TOKENS…     (setup.sh calls it, with LiteRT's Python)
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import against_litert  # noqa: E402
import litert_model  # noqa: E402


def main():
    lab = sys.argv[1]
    checkpoint = os.path.join(lab, 'distilbert')
    if not os.path.isdir(checkpoint):
        # Renamed into place, so that a folder that exists is complete.
        os.makedirs(checkpoint + '.new', exist_ok=True)
        against_litert.write_checkpoint(checkpoint + '.new')
        os.rename(checkpoint + '.new', checkpoint)
    for tokens in map(int, sys.argv[2:]):
        graph = os.path.join(lab, f'distilbert-{tokens}.tflite')
        if not os.path.exists(graph):
            with open(graph + '.new', 'wb') as file:
                file.write(litert_model.build(litert_model.Shape(), tokens))
            os.rename(graph + '.new', graph)


if __name__ == '__main__':
    main()
