#!/usr/bin/env python3
"""similarity, search and rerank, against what `run` says of the same texts, which other tests hold against the reference."""
import json
import math
import os
import unittest

import cli

EMBEDDER = os.path.join(cli.ROOT, 'tests/golden/architectures/electra-feature-extraction')
LINES = ['play some jazz', '', 'wake me up at six', '  ', 'what is the weather like', 'set an alarm', 'play some jazz',
         'caf\u00e9 au lait \U0001F600', 'turn the lights off\r']


def embedder():
    return cli.model(EMBEDDER, '--weights', 'fp32')


def vector(text):
    """The mean of the tokens' vectors, which is what a file without a pooling of its own stands for."""
    done = cli.run('run', embedder(), '--json', '--pooling', 'mean', text)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


class Search(unittest.TestCase):
    def done(self, *arguments, **options):
        done = cli.run(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        return done.stdout

    def test_similarity_is_the_cosine(self):
        for a, b in (('play some jazz', 'set an alarm'), ('a', 'a'), ('', 'set an alarm')):
            found = json.loads(self.done('similarity', embedder(), a, b, '--json'))['similarity']
            self.assertAlmostEqual(found, cosine(vector(a), vector(b)), delta=1e-5)
            self.assertEqual(self.done('similarity', embedder(), a, b), f'{found:.4f}\n')

    def test_search_finds_what_all_cosines_say(self):
        corpus = cli.path('corpus.txt', '\n'.join(LINES))
        found = json.loads(self.done('search', embedder(), corpus, 'set an alarm', '--json', '--top-k', '20'))
        texts = [(number, line.rstrip('\r')) for number, line in enumerate(LINES, 1) if line.strip()]
        query = vector('set an alarm')
        expected = sorted(((cosine(query, vector(line)), number, line) for number, line in texts), key=lambda e: (-e[0], e[1]))
        self.assertEqual(sorted((f['line'], f['text']) for f in found), texts)
        by_line = {number: score for score, number, _ in expected}
        for entry in found:  # the lines' vectors have eight bits
            self.assertAlmostEqual(entry['score'], by_line[entry['line']], delta=0.01)
        self.assertEqual(found[0]['line'], 6)
        self.assertEqual([f['score'] for f in found], sorted((f['score'] for f in found), reverse=True))
        self.assertEqual(len(self.done('search', embedder(), corpus, 'set an alarm').splitlines()), 5)

    def test_vectors_are_kept_until_something_changes(self):
        corpus, kept = cli.path('kept.txt', 'one\ntwo\nthree\n'), cli.path('elsewhere')
        search = lambda: self.done('search', embedder(), corpus, 'two', '--vectors', kept)
        first = search()
        with open(kept, 'rb') as file:
            content = file.read()
        before = os.stat(kept).st_mtime_ns
        self.assertEqual(search(), first)
        self.assertEqual(os.stat(kept).st_mtime_ns, before)
        for damaged in (content[:-1], content[:-1] + bytes([content[-1] ^ 1]), b'', b'PBVECTR1' + bytes(32)):
            with open(kept, 'wb') as file:
                file.write(damaged)
            self.assertEqual(search(), first)
            with open(kept, 'rb') as file:
                self.assertEqual(file.read(), content)
        cli.path('kept.txt', 'one\ntwo\nthree\nfour\n')
        self.assertIn('four', search())

    def test_other_files_are_not_overwritten(self):
        corpus, notes = cli.path('mine.txt', 'one\ntwo\n'), cli.path('notes.txt', 'do not lose this')
        for place in (notes, corpus, embedder()):
            with open(place, 'rb') as file:
                before = file.read()
            done = cli.run('search', embedder(), corpus, 'two', '--vectors', place)
            self.assertEqual((done.returncode, done.stdout), (cli.FAILED, ''))
            self.assertIn('not overwritten', done.stderr)
            with open(place, 'rb') as file:
                self.assertEqual(file.read(), before)

    def test_the_head_for_embeddings_is_asked(self):
        electra = os.path.join(cli.ROOT, 'tests/golden/architectures/electra-question-answering')
        both = cli.path('both.pbert')
        self.assertEqual(cli.run('convert', electra, '-o', both, '--weights', 'fp32', '--add-head', 'feature-extraction').returncode, 0)
        self.assertRegex(self.done('similarity', both, 'a', 'b'), r'^-?[01]\.\d{4}\n$')

    def test_a_place_that_cannot_be_written_costs_only_the_vectors(self):
        corpus = cli.path('unkept.txt', 'one\ntwo\n')
        done = cli.run('search', embedder(), corpus, 'two', '--vectors', os.path.join(cli.folder(), 'no', 'such', 'folder'))
        self.assertEqual(done.returncode, 0)
        self.assertIn('1.0000  two', done.stdout)
        self.assertIn('not kept', done.stderr)

    def test_rerank_sorts_by_the_score_of_each_pair(self):
        model = cli.model('distilbert-regression', '--weights', 'fp32')
        query, candidates = 'hello world', ['the weather', 'a', 'hello there', 'play music']
        scores = []
        for text in candidates:
            (answer,) = cli.json_lines(cli.run('run', model, '--json', '--pair', text, query).stdout)
            scores.append(answer['score'] if isinstance(answer, dict) else answer[0]['score'])
        expected = sorted(range(len(candidates)), key=lambda i: -scores[i])
        for given in ({'arguments': candidates, 'stdin': ''}, {'arguments': [], 'stdin': '\n'.join(candidates) + '\n'}):
            found = json.loads(self.done('rerank', model, query, *given['arguments'], '--json', stdin=given['stdin']))
            self.assertEqual([f['index'] for f in found], expected)
            for entry in found:
                self.assertAlmostEqual(entry['score'], scores[entry['index']], delta=1e-5)
                self.assertEqual(entry['text'], candidates[entry['index']])
        self.assertEqual(len(self.done('rerank', model, query, *candidates, '--top-k', '2').splitlines()), 2)

    def test_models_of_another_kind_are_refused_by_name(self):
        for arguments in (('similarity', cli.model(), 'a', 'b'), ('rerank', cli.model(), 'a', 'b'),
                          ('search', cli.model(), cli.path('any.txt', 'a\n'), 'b')):
            done = cli.run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (cli.FAILED, ''))
            self.assertRegex(done.stderr, 'embeddings|cross-encoder')
        done = cli.run('search', embedder(), cli.path('empty.txt', '\n \n'), 'a')
        self.assertIn('no lines', done.stderr)
        self.assertEqual(cli.run('rerank', cli.model('distilbert-regression'), 'a', stdin='').returncode, cli.FAILED)


class LongTexts(unittest.TestCase):
    def test_a_stride_reads_what_would_be_cut(self):
        text = 'hello world ' * 300
        whole = cli.run('run', cli.model(), '--json', '--max-tokens', '16', '--stride', '4', text)
        self.assertEqual((whole.returncode, whole.stderr), (0, ''))
        cut = cli.run('run', cli.model(), '--json', '--max-tokens', '16', text)
        self.assertNotEqual(cut.stderr, '')  # says that it was cut
        vectors = [json.loads(cli.run('run', embedder(), '--json', '--pooling', 'mean', '--max-tokens', '16', *stride, text).stdout)
                   for stride in ((), ('--stride', '4'))]
        self.assertEqual(len(vectors[0]), len(vectors[1]))
        self.assertNotEqual(vectors[0], vectors[1])


cli.main()
