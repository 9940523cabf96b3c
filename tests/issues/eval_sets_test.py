#!/usr/bin/env python3
"""eval scores a data set for what it is, or says by file and line why it is none that it can score."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

TEXT = 'Wolfgang lives in Berlin'


def labels_of(folder):
    with open(os.path.join(folder, 'config.json'), encoding='utf8') as file:
        names = json.load(file)['id2label']
    return [names[str(i)] for i in range(len(names))]


def architecture(name):
    return cli.model(os.path.join(cli.ROOT, 'tests/golden/architectures', name), '--weights', 'fp32')


class EvalSets(cli.Case):
    def measured(self, model, path):
        return json.loads(self.done('eval', model, path, '--json'))

    def refused(self, model, name, content, splits=''):
        return self.complaint(cli.FAILED, 'eval', model, cli.path(name, content) + splits)

    def tagger(self):
        """The model, its labels, and what it tags each word of TEXT as: its first token's label."""
        model = architecture('electra-token-classification')
        labels = labels_of(os.path.join(cli.ROOT, 'tests/golden/architectures/electra-token-classification'))
        tags = json.loads(self.done('run', model, '--json', '--ignore-labels', '', TEXT))
        first = [next(t['entity'] for t in tags if t['start'] == TEXT.index(word)) for word in TEXT.split()]
        return model, labels, first

    def lines(self, tags, front=''):
        return ''.join(f'{front}{word}\t{tag}\n' for word, tag in zip(TEXT.split(), tags))

    def test_tags_by_name_or_number(self):
        model, labels, tags = self.tagger()
        numbers = [labels.index(tag) for tag in tags]
        for form in (tags, numbers):
            answer = self.measured(model, cli.path('tags.conll', self.lines(form)))
            self.assertEqual(answer['metrics']['token_accuracy']['int8'], 1)
        comments = '# id 5\n# text = ' + TEXT + '\n' + self.lines(tags) + '\n#begin document (x); part 000\n' + self.lines(tags)
        answer = self.measured(model, cli.path('comments.conll', comments))
        self.assertEqual((answer['n'], answer['metrics']['token_accuracy']['int8']), (2, 1))
        # A word may be one, too.
        answer = self.measured(model, cli.path('hash.conll', f'# {labels[0]}\n#one {labels[0]}\n'))
        self.assertEqual(answer['n'], 1)

    def test_tags_that_the_model_does_not_have(self):
        model, labels, tags = self.tagger()
        for wrong in ('B-NOSUCH', str(len(labels)), '_'):
            said = self.refused(model, 'wrong.conll', self.lines([tags[0], wrong, *tags[2:]]))
            self.assertIn(f'wrong.conll: line 2: the model has no label `{wrong}`', said)
            self.assertIn(f'has {labels[0]}, {labels[1]}', said)
        os.makedirs(cli.path('slots'), exist_ok=True)
        cli.path('slots/seq.in', 'a b\n')
        cli.path('slots/seq.out', 'NO NO\n')
        self.assertIn('seq.out: line 1: the model has no label `NO`',
                      self.complaint(cli.FAILED, 'eval', model, cli.path('slots')))

    def test_running_numbers_are_no_words(self):
        model, _, tags = self.tagger()
        text = '# sent_id = 1\n' + ''.join(f'{i + 1}\t{word}\t{tag}\n' for i, (word, tag) in enumerate(zip(TEXT.split(), tags)))
        for content in (text, text + '\n' + text):
            self.assertRegex(self.refused(model, 'c.conllu', content), r'c\.conllu: line 2: .*running numbers.*cut -f2,')

    def test_splits_of_what_has_none(self):
        model, _, tags = self.tagger()
        self.assertIn('leave out `:test`', self.refused(model, 'tags.conll', self.lines(tags), ':test'))
        squad = {'version': '1', 'data': [{'paragraphs': [{'context': 'It is blue.', 'qas': [
            {'question': 'What?', 'answers': [{'text': 'blue'}]}]}]}]}
        answers = architecture('electra-question-answering')
        self.assertIn('leave out `:dev`', self.refused(answers, 'squad.json', json.dumps(squad), ':dev'))
        self.assertIn("a data set is SQuAD's JSON", self.refused(answers, 'a.csv', 'text,label\na,b\n'))

    def test_pairs_by_all_their_names(self):
        model = cli.model()
        rows = [('hello there', 'play some jazz', 0), ('wake me', 'at six', 1), ('what is it', 'a test', 2)]
        lines = '\n'.join(f'{{"text": "{a}", "text_pair": "{b}"}}' for a, b, _ in rows)
        out = cli.run('run', model, '--json', '--top-k', '1', '--input', 'jsonl', stdin=lines).stdout
        best = [row[0]['label'] for row in cli.json_lines(out)]
        for first, second in (('text', 'text_pair'), ('text', 'pair'), ('sentence', 'sentence2'), ('sentence1', 'sentence2'),
                              ('premise', 'hypothesis'), ('question1', 'question2')):
            body = ''.join(f'{a},{b},{label}\n' for (a, b, _), label in zip(rows, best))
            csv = cli.path('pairs.csv', f'{first},{second},label\n' + body)
            self.assertEqual(self.measured(model, csv)['int8'], 1, first)
            jsonl = cli.path('pairs.jsonl', ''.join(json.dumps({first: a, second: b, 'label': label}) + '\n'
                                                    for (a, b, _), label in zip(rows, best)))
            self.assertEqual(self.measured(model, jsonl)['int8'], 1, first)
        self.assertIn('`text_pair` is no string', self.refused(model, 'p.jsonl', '{"text": "a", "text_pair": 1, "label": 0}\n'))

    def test_an_unknown_label_lists_those_there_are(self):
        labels = labels_of(cli.checkpoint())
        said = self.refused(cli.model(), 'labels.csv', 'text,label\na,nosuchlabel\n')
        self.assertIn('labels.csv: line 2: the model has no label `nosuchlabel`', said)
        self.assertIn(labels[0], said)

    def test_what_is_not_utf8(self):
        latin = 'text,label\nhello,0\ncaf\u00e9,1\n'.encode('latin-1')
        self.assertIn('latin.csv: line 3: not UTF-8', self.refused(cli.model(), 'latin.csv', latin))
        wide = 'text,label\nhello,0\n'.encode('utf-16')
        self.assertRegex(self.refused(cli.model(), 'wide.csv', wide), 'line 1: not UTF-8.*save it as UTF-8')


cli.main()
