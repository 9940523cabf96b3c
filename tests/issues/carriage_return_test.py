#!/usr/bin/env python3
"""Lines may end with CR LF, wherever lines are read: no text has the CR."""
import pipeline_cases
from pipeline_cases import cli


class CarriageReturn(pipeline_cases.Case):
    def test_the_references_answers(self):
        self.holds('crlf-lines')

    def test_run_tokenize_and_chat(self):
        for command, *flags in (('run', '--json'), ('tokenize', '--json'), ('chat',)):
            with self.subTest(command):
                unix, windows, cut = (self.done(command, cli.model(), *flags, text=False, stdin=stdin).split(b'\n')
                                      for stdin in (b'hello\n\nbook a flight\n', b'hello\r\n\r\nbook a flight\r\n',
                                                    b'hello\r\n\r\nbook a flight\r'))
                strip = (lambda lines: [l for l in lines if b' ms, ' not in l]) if command == 'chat' else list
                self.assertEqual(strip(windows), strip(unix))
                self.assertEqual(strip(cut), strip(unix))

    def test_a_cr_within_a_line_stays(self):
        model = self.model('crlf-lines')
        one, other = (cli.run('tokenize', model, '--json', text=False, stdin=text).stdout for text in (b'a\rb\n', b'ab\n'))
        self.assertNotEqual(one, other)


cli.main()
