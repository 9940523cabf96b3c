/* What JavaScript cannot do with the C interface as it is: receive tokens and entities one by one. Everything else it calls itself, with
 * structs that it writes as lists of 32-bit words (memory.js). One thread, so what is collected may lie in static memory: it is valid until
 * the next call. */
#include <pocketbert/pocketbert.h>
#include <stdlib.h>
#include <string.h>

#define WORDS(type, count) _Static_assert(sizeof(type) == 4 * (count), #type " is written by memory.js, session.js or pocketbert.js")
WORDS(pbert_open_options, 2);
WORDS(pbert_model_info, 15);
WORDS(pbert_session_options, 8);
WORDS(pbert_input, 8);
WORDS(pbert_text, 2);
WORDS(pbert_classification, 8);
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
