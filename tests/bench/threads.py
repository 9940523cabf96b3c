#!/usr/bin/env python3
"""What a second thread brings, and what it costs when another process holds its core.

    tests/bench/threads.py FILE.pbert [--json]
Two things are measured, each in alternation with one thread:
  - the speed-up of two threads by length (minimum times), beside the one that this machine's two processors give to the
    arithmetic and memory reads of `bench`'s roofline: two hardware threads of one core give little;
  - with both confined to two processors and a busy loop pinned to one of them, the median of 200 requests.
The goals: 0.85 of the machine's own speed-up; never slower than one thread at 8 tokens; at most 1.3 times as slow with the hog.
The command is $POCKETBERT, else build/release/pocketbert.
"""
import argparse
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
POCKETBERT = os.environ.get('POCKETBERT') or os.path.join(ROOT, 'build/release/pocketbert')
ROUNDS = 3


def bench(path, threads, tokens, iterations=200, processors=None):
    """{tokens: the length's object} and the run's last object."""
    output = subprocess.run([POCKETBERT, 'bench', path, '--json', '--threads', str(threads), '--tokens', tokens, '--iterations', str(iterations)],
                            stdout=subprocess.PIPE, text=True, check=True,
                            preexec_fn=processors and (lambda: os.sched_setaffinity(0, processors))).stdout
    rows = [json.loads(line) for line in output.splitlines()]
    return {row['tokens']: row for row in rows[:-1]}, rows[-1]


def best(path, tokens, key, **options):
    """({1: {tokens: ms}, 2: {tokens: ms}}, {1: {tokens: limit}, 2: ...}), the least of the rounds each."""
    times, limits = {1: {}, 2: {}}, {1: {}, 2: {}}
    for _ in range(ROUNDS):
        for threads in (1, 2):
            for n, row in bench(path, threads, tokens, **options)[0].items():
                times[threads][n] = min(row[key], times[threads].get(n, row[key]))
                limits[threads][n] = min(row['limit_ms'], limits[threads].get(n, row['limit_ms']))
    return times, limits


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file')
    parser.add_argument('--json', action='store_true')
    options = parser.parse_args()
    processors = sorted(os.sched_getaffinity(0))[:2]
    if len(processors) < 2:
        sys.exit('threads: two processors are needed')

    times, limits = best(options.file, '8,16,32,64,128', 'min_ms', processors=processors)
    speed_up = [{'tokens': n, 'one_ms': times[1][n], 'two_ms': times[2][n], 'speed_up': round(times[1][n] / times[2][n], 3),
                 'machine': round(limits[1][n] / limits[2][n], 3)} for n in times[1]]

    with subprocess.Popen([sys.executable, '-c', 'while True: pass'], preexec_fn=lambda: os.sched_setaffinity(0, processors[1:])) as hog:
        try:
            times, _ = best(options.file, '16,64', 'median_ms', processors=processors)
        finally:
            hog.kill()
    hogged = [{'tokens': n, 'one_ms': times[1][n], 'two_ms': times[2][n], 'slower': round(times[2][n] / times[1][n], 3)} for n in times[1]]

    if options.json:
        print(json.dumps({'speed_up': speed_up, 'hog': hogged}))
        return
    print('tokens  one thread, ms  two, ms  speed-up  the machine\'s  share')
    for row in speed_up:
        print(f'{row["tokens"]:6}  {row["one_ms"]:14.3f}  {row["two_ms"]:7.3f}  {row["speed_up"]:8.2f}  {row["machine"]:13.2f}  {row["speed_up"] / row["machine"]:5.2f}')
    print('\nwith a busy process on one of the two processors\ntokens  one thread, ms  two, ms  two over one')
    for row in hogged:
        print(f'{row["tokens"]:6}  {row["one_ms"]:14.3f}  {row["two_ms"]:7.3f}  {row["slower"]:12.2f}')


if __name__ == '__main__':
    main()
