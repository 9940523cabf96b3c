"""Cases of shared/fixtures/field, and of tests/golden/field, which has the small ones: what the reference answered."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

GOLDEN = os.path.join(cli.ROOT, 'tests/golden/field')


def read(path):
    with open(path, encoding='utf8', newline='') as file:
        return file.read()


class Case(cli.Case):
    def case(self, name):
        """The case's folder; skips the test where it is not there."""
        for root in (GOLDEN, os.path.join(cli.SHARED, 'fixtures/field')):
            if os.path.exists(f'{root}/{name}/ckpt'):
                return f'{root}/{name}'
        raise self.skipTest(f'{name}: not among the shared fixtures')

    def model(self, name):
        return cli.model(self.case(name) + '/ckpt', '--weights', 'fp32')

    def same(self, ours, theirs, where):
        """Scores within 1e-3, all else equal, keys in order."""
        if isinstance(theirs, float):
            return self.assertAlmostEqual(ours, theirs, delta=1e-3, msg=where)
        self.assertEqual(type(ours), type(theirs), where)
        if isinstance(theirs, dict):
            self.assertEqual(list(ours), list(theirs), where)
            return [self.same(ours[k], theirs[k], f'{where}.{k}') for k in theirs]
        if isinstance(theirs, list):
            self.assertEqual(len(ours), len(theirs), f'{where}: {ours}')
            return [self.same(a, b, f'{where}[{i}]') for i, (a, b) in enumerate(zip(ours, theirs))]
        return self.assertEqual(ours, theirs, where)

    def answers(self, model, rows, *flags):
        out = cli.run('run', model, '--json', '--input', 'jsonl', *flags, stdin=''.join(json.dumps(r) + '\n' for r in rows))
        return cli.json_lines(out.stdout)

    def holds(self, name):
        """The case as it was recorded."""
        folder = self.case(name)
        case = json.loads(read(folder + '/case.json'))
        with open(f'{folder}/{case["input"]}', 'rb') as stdin:
            out = subprocess.run([cli.COMMAND, case['command'], self.model(name), *case['flags']], stdin=stdin,
                                 capture_output=True, encoding='utf8', timeout=300)
        self.same(cli.json_lines(out.stdout), cli.json_lines(read(folder + '/expected.jsonl')), name)

    def recorded(self, name, file, *flags):
        """Lines of {"input", "expected"}, the latter by the reference's own postprocessing (tests/golden/field)."""
        rows = cli.json_lines(read(f'{GOLDEN}/{file}'))
        ours = self.answers(self.model(name), [r['input'] for r in rows], *flags)
        self.assertEqual(len(ours), len(rows))
        for answer, row in zip(ours, rows):
            self.same(answer, row['expected'], row['input'])
