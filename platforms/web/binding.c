/* The C interface as JavaScript can call it: numbers and addresses, no structs. A result is copied into arrays of plain numbers
 * whose addresses are asked for; they are valid until the session's next call. One thread, so tokens may lie in static memory. */
#include <pocketbert/pocketbert.h>
#include <stdlib.h>
#include <string.h>

const char* web_version(void) { return pbert_version(); }
const char* web_error(void) { return pbert_error(); }

/* `data` stays the module's until web_close. Null: web_error() says why. */
pbert_model* web_open(const void* data, size_t size, int verify) {
  pbert_open_options options = PBERT_OPEN_OPTIONS;
  options.verify_data = verify != 0;
  pbert_model* model = NULL;
  return pbert_open_memory(data, size, &options, &model) == PBERT_OK ? model : NULL;
}
void web_close(pbert_model* model) { pbert_close(model); }

enum { kTask, kProblemType, kLabelCount, kMaxTokens, kVocabularySize, kHiddenSize, kLayerCount };

uint32_t web_info(const pbert_model* model, int what) {
  pbert_model_info info = PBERT_MODEL_INFO;
  if (pbert_get_model_info(model, &info) != PBERT_OK) return 0;
  switch (what) {
    case kTask: return info.task;
    case kProblemType: return info.problem_type;
    case kLabelCount: return info.label_count;
    case kMaxTokens: return info.max_tokens;
    case kVocabularySize: return info.vocabulary_size;
    case kHiddenSize: return info.hidden_size;
    case kLayerCount: return info.layer_count;
    default: return 0;
  }
}
float web_reject_threshold(const pbert_model* model) {
  pbert_model_info info = PBERT_MODEL_INFO;
  return pbert_get_model_info(model, &info) == PBERT_OK ? info.reject_threshold : -1.0f;
}
const char* web_label(const pbert_model* model, uint32_t index) { return pbert_label(model, index); }

pbert_session* web_session(pbert_model* model, uint32_t max_tokens, uint32_t backend) {
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.max_tokens = max_tokens;
  options.backend = backend;
  options.tasks = 1u << web_info(model, kTask); /* of several heads the first: the labels are its */
  pbert_session* session = NULL;
  return pbert_session_create(model, &options, &session) == PBERT_OK ? session : NULL;
}
void web_session_free(pbert_session* session) { pbert_session_destroy(session); }

static pbert_classification result = PBERT_CLASSIFICATION;

static pbert_input InputOf(const char* text, size_t size, const char* pair, size_t pair_size) {
  pbert_input input = PBERT_INPUT;
  input.text = text;
  input.text_size = size;
  input.pair = pair;
  input.pair_size = pair_size;
  return input;
}

/* 1 done, 0 failed: web_error() says why. */
int web_classify(pbert_session* session, const char* text, size_t size, const char* pair, size_t pair_size) {
  const pbert_input input = InputOf(text, size, pair, pair_size);
  return pbert_classify(session, &input, &result) == PBERT_OK;
}
/* [count] pairs of uint32 label and float score. */
const pbert_label_score* web_scores(void) { return result.labels; }
/* 0: labels, 1: rejected, 2: truncated, 3: tokens that the network saw. */
uint32_t web_result(int what) {
  const uint32_t values[] = {result.count, result.rejected, result.truncated, result.token_count};
  return what >= 0 && what < 4 ? values[what] : 0;
}

/* One token as seven numbers: id, type, source, address and length of its piece, begin and end in UTF-16 units. */
enum { kTokenNumbers = 7 };
static uint32_t* tokens;
static size_t token_count, token_capacity;

static int KeepToken(void* context, const pbert_token* token) {
  (void)context;
  if (token_count == token_capacity) {
    const size_t capacity = token_capacity == 0 ? 64 : 2 * token_capacity;
    uint32_t* grown = realloc(tokens, capacity * kTokenNumbers * sizeof(uint32_t));
    if (grown == NULL) return 1;
    tokens = grown;
    token_capacity = capacity;
  }
  const uint32_t numbers[kTokenNumbers] = {(uint32_t)token->id,        token->type_id,
                                           token->source,              (uint32_t)(uintptr_t)token->piece,
                                           (uint32_t)token->piece_size, token->extent.begin_utf16,
                                           token->extent.end_utf16};
  memcpy(tokens + token_count++ * kTokenNumbers, numbers, sizeof(numbers));
  return 0;
}

/* The number of tokens, which web_tokens() has then; -1: failed. */
int web_tokenize(const pbert_model* model, const char* text, size_t size, const char* pair, size_t pair_size) {
  const pbert_input input = InputOf(text, size, pair, pair_size);
  token_count = 0;
  return pbert_tokenize(model, &input, KeepToken, NULL) == PBERT_OK ? (int)token_count : -1;
}
const uint32_t* web_tokens(void) { return tokens; }
