#!/usr/bin/env python3
"""POCKETBERT_TOKENIZERS and POCKETBERT_TASKS: a library without some parts refuses them by name and answers the rest as ever.

The two folders that ask for the parts (runtime/base/parts.h) are compiled anew, as the build's own command lines say, and linked with the
rest of a finished build (the folder of POCKETBERT_COMMAND, else build/release): seconds, where a configuration of its own takes minutes.
"""
import glob
import json
import os
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, 'cli'))
import cli  # noqa: E402

BUILD = os.path.dirname(cli.COMMAND)
FOLDERS = ('pbert_text', 'pbert_tasks')

PROGRAM = r'''#include <pocketbert/pocketbert.h>
#include <stdio.h>
static void Say(pbert_status status) { printf("%d %s\n", (int)status, status == PBERT_OK ? "" : pbert_error()); }
int main(int count, char** arguments) {
  pbert_model* model = NULL;
  pbert_session* session = NULL;
  pbert_status status = pbert_open(arguments[count - 1], NULL, &model);
  if (status == PBERT_OK) status = pbert_session_create(model, NULL, &session);
  Say(status);
  if (status != PBERT_OK) return 0;
  pbert_input input = PBERT_INPUT;
  input.text = "what is my balance";
  input.text_size = 18;
  pbert_text text = {input.text, input.text_size};
  pbert_label_score score;
  pbert_classification classification = PBERT_CLASSIFICATION;
  pbert_entities entities = PBERT_ENTITIES;
  pbert_embedding embedding = PBERT_EMBEDDING;
  uint32_t found = 0;
  Say(pbert_classify(session, &input, &classification));
  for (uint32_t i = 0; i < classification.count; ++i) printf("%.6f\n", classification.logits[i]);
  Say(pbert_tag(session, &input, PBERT_AGGREGATE_NONE, &entities));
  Say(pbert_answer(session, &input, NULL, NULL, 0, &found));
  Say(pbert_embed(session, &input, PBERT_POOL_MEAN, 1, &embedding));
  Say(pbert_fill_mask(session, &input, 1, NULL, 0, NULL, 0, &found));
  Say(pbert_zero_shot(session, &input, &text, 1, 0, &score, NULL));
  Say(pbert_rerank(session, &input, &text, 1, &score, NULL));
  return 0;
}
'''


class LeftOut(cli.Case):
    def program(self, left_out):
        """PROGRAM with a library that lacks these parts."""
        folder = os.path.join(cli.folder(), 'without' + left_out.replace(',', '-'))
        os.mkdir(folder)
        with open(os.path.join(BUILD, 'compile_commands.json')) as file:
            sources = [entry for entry in json.load(file) if any(f'/{name}.dir/' in entry['command'] for name in FOLDERS)]
        self.assertGreaterEqual(len(sources), len(FOLDERS))
        objects = []
        for entry in sources:
            objects.append(os.path.join(folder, f'{len(objects)}.o'))
            command = entry['command'].split(' -o ')[0]
            subprocess.run(f"{command} -O1 '-DPOCKETBERT_LEFT_OUT=\"{left_out}\"' -o {objects[-1]} -c {entry['file']}", shell=True,
                           check=True, cwd=entry['directory'])
        compiler = sources[0]['command'].split(' -I')[0]  # behind a launcher, maybe
        program, source = os.path.join(folder, 'program'), os.path.join(folder, 'program.c')
        with open(source, 'w') as file:
            file.write(PROGRAM)
        archives = [path for path in glob.glob(os.path.join(BUILD, 'lib', '*.a'))
                    if not any(name in path for name in (*FOLDERS, 'writer', 'converter', 'quant'))]
        subprocess.run(f"{compiler} -I{cli.ROOT}/runtime/include {source} {' '.join(objects)} -Wl,--start-group {' '.join(archives)} "
                       f"-Wl,--end-group -Wl,--gc-sections -lm -lpthread -o {program}", shell=True, check=True)
        return program

    def says(self, program, model):
        return subprocess.run([program, model], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()

    def test_left_out_by_name(self):
        words = cli.model()
        pairs = cli.path('pairs.pbert')
        self.done('convert', os.path.join(cli.ROOT, 'tests/golden/architectures/roberta-text-classification'), '-o', pairs)
        whole = self.says(self.program(''), words)
        self.assertEqual(whole[:2], ['0 ', '0 '])
        self.assertNotIn('this build', '\n'.join(whole))

        few = self.program(',bpe,unigram,tag,answer,embed,fill_mask,zero_shot,rerank,')
        said = self.says(few, words)
        self.assertEqual(said[:-6], whole[:-6])  # with the logits
        self.assertEqual(said[-6:], [f'4 {name}: this build has no pbert_{name} (POCKETBERT_TASKS)'
                                     for name in ('tag', 'answer', 'embed', 'fill_mask', 'zero_shot', 'rerank')])
        self.assertEqual(self.says(few, pairs), [f'4 {pairs}: tokenizer: this build has no bpe tokenizer (POCKETBERT_TOKENIZERS)'])

        others = self.program(',wordpiece,classify,')
        self.assertEqual(self.says(others, words), [f'4 {words}: tokenizer: this build has no wordpiece tokenizer (POCKETBERT_TOKENIZERS)'])
        self.assertEqual(self.says(others, pairs)[1], '4 classify: this build has no pbert_classify (POCKETBERT_TASKS)')


if __name__ == '__main__':
    cli.main()
