/* What JavaScript cannot do with the C interface as it is: receive tokens, entities and a batch's answers one by one. Everything else it
 * calls itself, with structs that it writes as lists of 32-bit words (memory.js). One thread, so what is collected of one text may lie in
 * static memory: it is valid until the next call. */
#include <pocketbert/pocketbert.h>
#include <stdlib.h>
#include <string.h>

#define WORDS(type, count) _Static_assert(sizeof(type) == 4 * (count), #type " is written by memory.js, session.js or pocketbert.js")
WORDS(pbert_open_options, 2);
WORDS(pbert_model_info, 15);
WORDS(pbert_session_options, 8);
WORDS(pbert_input, 8);
WORDS(pbert_text, 2);
WORDS(pbert_classification, 10);
WORDS(pbert_label_score, 2);
WORDS(pbert_tag_options, 4);
WORDS(pbert_answer_options, 6);
WORDS(pbert_answer_span, 7);
WORDS(pbert_embedding, 5);
WORDS(pbert_fill, 3);

typedef struct Bytes {
  char* data;
  size_t size, capacity;
} Bytes;

/* The address of `size` more bytes; null: there is no memory. */
static char* Grow(Bytes* bytes, size_t size) {
  if (size > bytes->capacity - bytes->size) {
    const size_t capacity = 2 * (bytes->size + size) + 4096;
    char* grown = realloc(bytes->data, capacity);
    if (grown == NULL) return NULL;
    bytes->data = grown;
    bytes->capacity = capacity;
  }
  bytes->size += size;
  return bytes->data + bytes->size - size;
}

static Bytes tokens, entities, words;
static int no_memory; /* of ours, for the last call */

/* What a call collected; -1: it failed, pbert_error() says why; -2: there is no memory for what it found. */
static int Collected(pbert_status status, size_t count) { return status != PBERT_OK ? -1 : no_memory ? -2 : (int)count; }

/* One token as seven numbers: id, type, source, address and length of its piece, begin and end in UTF-16 units. */
static int KeepToken(void* context, const pbert_token* token) {
  (void)context;
  const uint32_t numbers[7] = {(uint32_t)token->id,
                               token->type_id,
                               token->source,
                               (uint32_t)(uintptr_t)token->piece,
                               (uint32_t)token->piece_size,
                               token->extent.begin_utf16,
                               token->extent.end_utf16};
  char* place = Grow(&tokens, sizeof(numbers));
  no_memory = place == NULL;
  if (no_memory) return 1;
  memcpy(place, numbers, sizeof(numbers));
  return 0;
}

/* The number of tokens, which web_tokens() has then. */
int web_tokenize(const pbert_model* model, const pbert_input* input) {
  tokens.size = no_memory = 0;
  const pbert_status status = pbert_tokenize(model, input, KeepToken, NULL);
  return Collected(status, tokens.size / 28);
}
const char* web_tokens(void) { return tokens.data; }

typedef struct Tagging {
  const pbert_session* session;
  const pbert_input* input;
  pbert_aggregation aggregation;
  pbert_status status;
} Tagging;

/* One entity as six numbers: label, score, begin and end in UTF-16 units, place and length of its word in web_entity_words(). */
static int KeepEntity(void* context, const pbert_entity* entity) {
  Tagging* tagging = context;
  const size_t at = words.size;
  size_t size = 0;
  for (size_t capacity = 64;; capacity = size) {
    words.size = at;
    char* word = Grow(&words, capacity);
    no_memory = word == NULL;
    if (no_memory) return 1;
    tagging->status = pbert_entity_word(tagging->session, tagging->input, tagging->aggregation, entity, word, capacity, &size);
    if (tagging->status != PBERT_OK) return 1;
    if (size <= capacity) break;
  }
  words.size = at + size;
  uint32_t numbers[6] = {entity->label, 0, entity->extent.begin_utf16, entity->extent.end_utf16, (uint32_t)at, (uint32_t)size};
  memcpy(&numbers[1], &entity->score, 4);
  char* place = Grow(&entities, sizeof(numbers));
  no_memory = place == NULL;
  if (no_memory) return 1;
  memcpy(place, numbers, sizeof(numbers));
  return 0;
}

/* The number of entities, which web_entities() has then. */
int web_tag(pbert_session* session, const pbert_input* input, const pbert_tag_options* options) {
  Tagging tagging = {session, input, (pbert_aggregation)options->aggregation, PBERT_OK};
  entities.size = words.size = no_memory = 0;
  const pbert_status status = pbert_tag_windows(session, input, options, KeepEntity, &tagging);
  return Collected(status != PBERT_OK ? status : tagging.status, entities.size / 24);
}
const char* web_entities(void) { return entities.data; }
const char* web_entity_words(void) { return words.data; }

/* Each answer of a batch in words: `head` and after it `rest`, with their number before them. Nothing is kept of what `answers` holds, as
 * it may be large: the caller frees it. */
static int KeepAnswer(Bytes* answers, const uint32_t head[3], const void* rest, size_t rest_words) {
  char* place = Grow(answers, 4 * (4 + rest_words));
  no_memory = place == NULL;
  if (no_memory) return 1;
  const uint32_t count = (uint32_t)(3 + rest_words);
  memcpy(place, &count, 4);
  memcpy(place + 4, head, 12);
  if (rest_words > 0) memcpy(place + 16, rest, 4 * rest_words);
  return 0;
}

/* rejected, truncated, tokens; then for each label: label, score. */
static int KeepClassification(void* context, uint32_t index, const pbert_classification* result) {
  (void)index;
  const uint32_t head[3] = {result->rejected, result->truncated, result->token_count};
  return KeepAnswer(context, head, result->labels, 2 * (size_t)result->count);
}

/* rows, columns, truncated; then the values. */
static int KeepEmbedding(void* context, uint32_t index, const pbert_embedding* result) {
  (void)index;
  const uint32_t head[3] = {result->rows, result->columns, result->truncated};
  return KeepAnswer(context, head, result->values, (size_t)result->rows * result->columns);
}

/* The number of words in *answers, which is to be freed, whatever comes back. */
int web_classify_batch(pbert_session* session, const pbert_input* inputs, uint32_t count, char** answers) {
  Bytes bytes = {NULL, 0, 0};
  no_memory = 0;
  const pbert_status status = pbert_classify_batch(session, inputs, count, KeepClassification, &bytes);
  *answers = bytes.data;
  return Collected(status, bytes.size / 4);
}
int web_embed_batch(pbert_session* session, const pbert_input* inputs, uint32_t count, pbert_pooling pooling, int normalize, char** answers) {
  Bytes bytes = {NULL, 0, 0};
  no_memory = 0;
  const pbert_status status = pbert_embed_batch(session, inputs, count, pooling, normalize, KeepEmbedding, &bytes);
  *answers = bytes.data;
  return Collected(status, bytes.size / 4);
}
