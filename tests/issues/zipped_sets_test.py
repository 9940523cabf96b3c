#!/usr/bin/env python3
"""A data set is read out of a zip archive in which it lies alone, and says what is wrong with an archive that it cannot read."""
import json
import os
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../cli'))
import cli  # noqa: E402

ROWS = 'text,label\nhello there,0\nplay some jazz,1\nwake me at six,2\n'


def archive(name, files):
    with zipfile.ZipFile(cli.path(name), 'w', zipfile.ZIP_DEFLATED) as out:
        for inner, text in files.items():
            out.writestr(inner, text)
    return cli.path(name)


class ZippedSets(cli.Case):
    def measured(self, path):
        return json.loads(self.done('eval', cli.model(), path, '--json'))

    def test_the_same_as_unzipped(self):
        plain = self.measured(cli.path('set.csv', ROWS))
        self.assertEqual(plain['n'], 3)
        # A folder beside the file, and what macOS puts there, are no second files.
        zipped = archive('set.csv.zip', {'sets/': '', 'sets/set.csv': ROWS, '__MACOSX/._set.csv': 'x'})
        self.assertEqual(self.measured(zipped), plain)

    def test_the_name_inside_says_what_kind_it_is(self):
        plain = self.measured(cli.path('set.csv', ROWS))
        self.assertEqual(self.measured(archive('set.zip', {'sets/set.csv': ROWS})), plain)
        rows = 'text\tlabel\n' + ROWS.split('\n', 1)[1].replace(',', '\t')
        self.assertEqual(self.measured(archive('set.zip', {'set.tsv': rows})), plain)

    def test_what_cannot_be_read(self):
        for path, said in [(archive('two.csv.zip', {'a.csv': ROWS, 'b.csv': ROWS}), 'several files in the archive'),
                           (archive('none.csv.zip', {}), 'not a zip archive|no file in the archive'),
                           (cli.path('text.csv.zip', ROWS), 'not a zip archive'),
                           (archive('set.zip', {'a.ods': ROWS}), r'a dataset is a \.csv')]:
            self.assertRegex(self.complaint(cli.FAILED, 'eval', cli.model(), path), said)
        with open(archive('damaged.csv.zip', {'a.csv': ROWS * 100}), 'r+b') as file:
            file.seek(60)
            file.write(b'\xff\x00\xff')
        self.assertIn('damaged', self.complaint(cli.FAILED, 'eval', cli.model(), cli.path('damaged.csv.zip')))


cli.main()
