/* pocketbert.h is C99 and explains itself to a C compiler: every type, initializer and function is used once.
 * Compiled with -std=c99 -pedantic -Wall -Wextra -Werror by header_test.py, and run. */
#include <string.h>

#include "pocketbert/pocketbert.h"

static int CountTokens(void* context, const pbert_token* token) {
  *(size_t*)context += token->piece_size > 0 && token->extent.end_bytes >= token->extent.begin_bytes;
  return 0;
}

static int CountEntities(void* context, const pbert_found_entity* entity) {
  *(size_t*)context += entity->kind == PBERT_MONEY && strcmp(entity->value, "5 USD") == 0;
  return 0;
}

/* Everything that needs a model fails, as it should without one; nothing crashes. */
int main(void) {
  const pbert_open_options open_options = PBERT_OPEN_OPTIONS;
  const pbert_session_options session_options = PBERT_SESSION_OPTIONS;
  const pbert_input input = PBERT_INPUT;
  pbert_model_info info = PBERT_MODEL_INFO;
  const pbert_find_options find_options = PBERT_FIND_OPTIONS;
  pbert_classification result = PBERT_CLASSIFICATION;
  size_t entities = 0;
  pbert_model* model = NULL;
  pbert_session* session = NULL;
  size_t bytes = 0;
  int failures = 0;

  failures += pbert_open("/nowhere/model.pbert", &open_options, &model) == PBERT_IO;
  failures += pbert_open_fd(-1, 0, 0, &open_options, &model) != PBERT_OK;
  failures += pbert_open_memory(&bytes, sizeof(bytes), &open_options, &model) == PBERT_BAD_FILE;
  failures += pbert_get_model_info(model, &info) == PBERT_INVALID_ARGUMENT;
  failures += pbert_label(model, 0) == NULL;
  failures += pbert_model_memory(model, PBERT_AUTO, &bytes) == PBERT_INVALID_ARGUMENT;
  failures += pbert_prepare(model, PBERT_AUTO, NULL, 0) == PBERT_INVALID_ARGUMENT;
  failures += pbert_session_memory(model, &session_options, &bytes) == PBERT_INVALID_ARGUMENT;
  failures += pbert_session_create(model, &session_options, &session) == PBERT_INVALID_ARGUMENT;
  failures += pbert_tokenize(model, &input, CountTokens, &bytes) == PBERT_INVALID_ARGUMENT;
  failures += pbert_classify(session, &input, &result) == PBERT_INVALID_ARGUMENT;
  failures += strlen(pbert_error()) > 0;
  failures += strcmp(pbert_version(), PBERT_VERSION) == 0;
  failures += pbert_find_entities("5 dollars", 9, &find_options, CountEntities, &entities) == PBERT_OK && entities == 1;
  pbert_session_destroy(session);
  pbert_close(model);
  return failures == 14 ? 0 : 1;
}
