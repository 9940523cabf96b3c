/* The C interface in ten lines: open, make a session, ask. README quotes this file. */
#include <pocketbert/pocketbert.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  pbert_model* model = NULL;
  pbert_session* session = NULL;
  pbert_input input = PBERT_INPUT;
  pbert_classification answer = PBERT_CLASSIFICATION;
  if (argc != 3) return 2;
  input.text = argv[2];
  input.text_size = strlen(argv[2]);
  if (pbert_open(argv[1], NULL, &model) || pbert_session_create(model, NULL, &session) ||
      pbert_classify(session, &input, &answer)) {
    fprintf(stderr, "%s\n", pbert_error());
    return 1;
  }
  printf("%s %.3f\n", answer.rejected ? "not understood" : pbert_label(model, answer.labels[0].label),
         answer.labels[0].score);
  pbert_session_destroy(session);
  pbert_close(model);
  return 0;
}
