#include "tests/fuzz/ask_everything.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>

#include "tests/fuzz/check.h"
#include "tests/fuzz/exact_copy.h"

namespace pbert::fuzz {
namespace {

constexpr const char* kTexts[] = {
    "",
    "hello world",
    "The singer's hello, world... don't",
    "a a a aaaa [MASK] b ##c <mask> </s> abcabc",
    "\xC3\xA9\xCC\x81\xCC\xA7 e\xCC\x81\xCC\x88\xCC\x84 \xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x98\x80 \xFF\xFE\x80 "
    "\xE2\x96\x81x  \t\n ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8 \xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7 \xC4\xB0 \xEF\xAC\x81 \xE2\x84\xA2 "
    "\r\n'll 've \xE2\x80\x8D"};

volatile uint64_t read_bytes;

void Touch(const void* data, size_t size) {
  uint64_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += static_cast<const uint8_t*>(data)[i];
  read_bytes = read_bytes + sum;
}

void CheckExtent(const pbert_extent& e, size_t size) {
  FUZZ_CHECK(e.begin_bytes <= e.end_bytes && e.end_bytes <= size);
  FUZZ_CHECK(e.begin_code_points <= e.end_code_points && e.end_code_points <= e.end_bytes);
  FUZZ_CHECK(e.begin_utf16 <= e.end_utf16 && e.end_utf16 <= size);
}

// Several at once are as the one is.
void ClassifyThree(pbert_session* session, const pbert_input& input, pbert_status expected) {
  const pbert_input three[] = {input, input, input};
  const auto visit = [](void* seen, uint32_t index, const pbert_classification* c) {
    FUZZ_CHECK(index == (*static_cast<uint32_t*>(seen))++);
    Touch(c->logits, c->count * sizeof(float));
    Touch(c->labels, c->count * sizeof(*c->labels));
    Touch(c->token_ids, c->token_count * sizeof(int32_t));
    return 0;
  };
  uint32_t seen = 0;
  FUZZ_CHECK(pbert_classify_batch(session, three, 3, visit, &seen) == expected);
  FUZZ_CHECK(seen == (expected == PBERT_OK ? 3 : 0));
}

// Learns the text as a label where the file can, asks again, and forgets it.
void LearnAndForget(pbert_session* session, const pbert_input& input, uint32_t labels) {
  const pbert_text sentences[] = {{input.text, input.text_size}, {"and", 3}};
  pbert_learned learned = PBERT_LEARNED;
  if (pbert_learn(session, "fuzz", 4, sentences, 2, &learned) != PBERT_OK) return;
  FUZZ_CHECK(learned.label == labels && learned.overlap_count <= 2);
  FUZZ_CHECK(pbert_session_label(session, labels) != nullptr && pbert_session_label(session, labels + 1) == nullptr);
  pbert_classification c = PBERT_CLASSIFICATION;
  if (pbert_classify(session, &input, &c) == PBERT_OK) {
    FUZZ_CHECK(c.count == labels + 1);
    Touch(c.logits, c.count * sizeof(float));
  }
  FUZZ_CHECK(pbert_forget(session, "fuzz", 4) == PBERT_OK);
}

pbert_status Classify(pbert_session* session, const pbert_input& input) {
  pbert_classification c = PBERT_CLASSIFICATION;
  ClassifyThree(session, input, pbert_classify(session, &input, &c));
  const pbert_status status = pbert_classify(session, &input, &c);
  if (status != PBERT_OK) return status;
  FUZZ_CHECK(c.count > 0);
  Touch(c.logits, c.count * sizeof(float));
  Touch(c.token_ids, c.token_count * sizeof(int32_t));
  std::vector<bool> seen(c.count);
  for (uint32_t i = 0; i < c.count; ++i) {  // each label once
    const uint32_t label = c.labels[i].label;
    FUZZ_CHECK(label < c.count && !seen[label]);
    seen[label] = true;
  }
  constexpr size_t kShort = 64;  // three more passes over a long text would find nothing else
  if (input.text_size <= kShort) LearnAndForget(session, input, c.count);
  return PBERT_OK;
}

pbert_status ZeroShot(pbert_session* session, const pbert_input& input, Chance& u) {
  const uint32_t count = 1 + u(4);
  std::vector<pbert_text> hypotheses(count);
  std::vector<pbert_label_score> scores(count);
  for (pbert_text& hypothesis : hypotheses) {
    hypothesis = {input.text, std::min<size_t>(input.text_size, u(40))};
  }
  uint32_t truncated = 2;
  const pbert_status status =
      pbert_zero_shot(session, &input, hypotheses.data(), count, static_cast<int>(u(2)), scores.data(), &truncated);
  if (status != PBERT_OK) return status;
  FUZZ_CHECK(truncated < 2);
  for (const pbert_label_score& score : scores) FUZZ_CHECK(score.label < count);
  return PBERT_OK;
}

void CheckWord(const pbert_session* session, const pbert_input& input, pbert_aggregation aggregation,
               const pbert_entity& entity) {
  char word[16];
  size_t size = 0;
  const pbert_status status = pbert_entity_word(session, &input, aggregation, &entity, word, sizeof(word), &size);
  FUZZ_CHECK(status == PBERT_OK || status == PBERT_NO_MEMORY);
}

pbert_status TagWindows(pbert_session* session, const pbert_input& input, Chance& u) {
  pbert_tag_options options = PBERT_TAG_OPTIONS;
  options.aggregation = u(6);
  const char* const none[] = {nullptr};
  if (u(2)) options.ignored = none;
  struct Visit {
    pbert_session* session;
    const pbert_input* input;
    uint32_t aggregation, left, next_token;
  } visit{session, &input, options.aggregation, u(2) ? UINT32_MAX : u(5), 0};
  const auto receive = [](void* context, const pbert_entity* entity) {
    Visit& self = *static_cast<Visit*>(context);
    CheckExtent(entity->extent, self.input->text_size);
    // Of tokens, not of places: two that come from one character may lie in it as they like.
    FUZZ_CHECK(self.input->stride != 0 || entity->first_token >= self.next_token);
    self.next_token = entity->first_token + entity->token_count;
    CheckWord(self.session, *self.input, static_cast<pbert_aggregation>(self.aggregation), *entity);
    return self.left-- == 0 ? 1 : 0;
  };
  return pbert_tag_windows(session, &input, &options, receive, &visit);
}

pbert_status Tag(pbert_session* session, const pbert_model_info& info, const pbert_input& input, Chance& u) {
  if (input.stride != 0 || u(2)) return TagWindows(session, input, u);
  pbert_entities e = PBERT_ENTITIES;
  const auto aggregation = static_cast<pbert_aggregation>(u(6));
  const pbert_status status = pbert_tag(session, &input, aggregation, &e);
  if (status != PBERT_OK) return status;
  for (uint32_t i = 0; i < e.count; ++i) {
    const pbert_entity& entity = e.entities[i];
    FUZZ_CHECK(entity.label < info.label_count);
    FUZZ_CHECK(entity.first_token + entity.token_count <= e.token_count);
    CheckExtent(entity.extent, input.text_size);
    CheckWord(session, input, aggregation, entity);
  }
  return PBERT_OK;
}

pbert_status Answer(pbert_session* session, const pbert_input& input, Chance& u) {
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = u(66);
  options.doc_stride = u(2) ? 0 : u(20);
  if (u.OneIn(16)) options.doc_stride = PBERT_NO_STRIDE - u(4);
  options.max_answer_tokens = u.OneIn(8) ? UINT32_MAX : u(20);
  options.allow_none = u(2);
  options.part_words = u(2);
  const uint32_t capacity = u(65);
  uint32_t count = 0;
  const std::unique_ptr<pbert_answer_span[]> spans(new pbert_answer_span[capacity]);
  const pbert_status status = pbert_answer(session, &input, &options, spans.get(), capacity, &count);
  if (status != PBERT_OK) return status;
  for (uint32_t i = 0; i < std::min(count, capacity); ++i) CheckExtent(spans[i].extent, input.pair_size);
  return PBERT_OK;
}

pbert_status FillMask(pbert_session* session, const pbert_input& input, Chance& u) {
  const uint32_t top_k = u(12), capacity = u(40);
  uint32_t count = 0;
  std::vector<int32_t> targets;
  if (u.OneIn(3)) {
    for (uint32_t i = 1 + u(5); i > 0; --i) targets.push_back(static_cast<int32_t>(u(40)) - 2);
  }
  const std::unique_ptr<pbert_fill[]> fills(new pbert_fill[capacity]);
  return pbert_fill_mask(session, &input, top_k, targets.empty() ? nullptr : targets.data(),
                         static_cast<uint32_t>(targets.size()), fills.get(), capacity, &count);
}

pbert_status Embed(pbert_session* session, const pbert_input& input, Chance& u) {
  pbert_embedding e = PBERT_EMBEDDING;
  const auto pooling = static_cast<pbert_pooling>(u(9));
  const auto normalize = static_cast<int>(u(2));
  const pbert_status status = pbert_embed(session, &input, pooling, normalize, &e);
  if (status == PBERT_OK) Touch(e.values, size_t{e.rows} * e.columns * sizeof(float));
  const pbert_input three[] = {input, input, input};
  const auto visit = [](void* seen, uint32_t index, const pbert_embedding* result) {
    FUZZ_CHECK(index == (*static_cast<uint32_t*>(seen))++);
    Touch(result->values, size_t{result->rows} * result->columns * sizeof(float));
    return 0;
  };
  uint32_t seen = 0;
  FUZZ_CHECK(pbert_embed_batch(session, three, 3, pooling, normalize, visit, &seen) == status);
  FUZZ_CHECK(seen == (status == PBERT_OK ? 3 : 0));
  return status;
}

// What a batch has given, until it is stopped.
struct BatchSeen {
  pbert_session* session;
  uint32_t left;
  std::vector<std::vector<float>> values = {};

  int Receive(uint32_t index, const float* first, size_t count) {
    FUZZ_CHECK(index == values.size());
    values.emplace_back(first, first + count);
    const int32_t* ids = nullptr;
    uint32_t tokens = 0, truncated = 2;
    FUZZ_CHECK(pbert_last_tokens(session, &ids, &tokens, &truncated) == PBERT_OK && truncated < 2);
    Touch(ids, tokens * sizeof(int32_t));
    return --left == 0 ? 7 : 0;
  }
};

bool Same(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

// Texts of any lengths together, then one by one, where the same must come out: to the bit if `exact`.
void AskBatch(pbert_session* session, const pbert_model_info& info, const std::vector<std::string>& texts, bool exact,
              Chance& u) {
  const uint32_t count = u.OneIn(8) ? u(40) : u(7);
  std::deque<ExactCopy> copies;
  std::vector<pbert_input> inputs(count, pbert_input PBERT_INPUT);
  for (pbert_input& input : inputs) {
    const auto some = [&](const char** data, size_t* size) {
      const std::string& text = texts[u(texts.size())];
      copies.emplace_back(std::string_view(text).substr(0, u.OneIn(8) ? u(300) : u(24)));
      *data = copies.back().data();
      *size = copies.back().size();
    };
    some(&input.text, &input.text_size);
    if (u.OneIn(4)) some(&input.pair, &input.pair_size);
    input.max_tokens = u.OneIn(8) ? u(info.max_tokens + 1) : 0;
    input.truncation = u.OneIn(8);
    input.stride = u.OneIn(16) ? u(10) : 0;
    if (input.stride != 0) input.text_size = std::min<size_t>(input.text_size, 60);
  }
  const bool classifies = u(2);
  const auto pooling = static_cast<pbert_pooling>(u(9));
  const auto normalize = static_cast<int>(u(2));
  BatchSeen seen{session, u(2) ? UINT32_MAX : 1 + u(count)};
  const uint32_t most = std::min(count, seen.left);
  pbert_status status;
  if (classifies) {
    const auto visit = [](void* to, uint32_t index, const pbert_classification* c) {
      return static_cast<BatchSeen*>(to)->Receive(index, c->logits, c->count);
    };
    status = pbert_classify_batch(session, inputs.data(), count, visit, &seen);
  } else {
    const auto visit = [](void* to, uint32_t index, const pbert_embedding* e) {
      return static_cast<BatchSeen*>(to)->Receive(index, e->values, size_t{e->rows} * e->columns);
    };
    status = pbert_embed_batch(session, inputs.data(), count, pooling, normalize, visit, &seen);
  }
  if (status != PBERT_OK) CheckError();
  const size_t visited = seen.values.size();
  FUZZ_CHECK(status == PBERT_OK ? visited == most : visited < most || count == 0);
  for (size_t i = 0; i < std::min<size_t>(count, visited + (status != PBERT_OK)); ++i) {
    pbert_classification c = PBERT_CLASSIFICATION;
    pbert_embedding e = PBERT_EMBEDDING;
    const pbert_status alone =
        classifies ? pbert_classify(session, &inputs[i], &c) : pbert_embed(session, &inputs[i], pooling, normalize, &e);
    FUZZ_CHECK(alone == (i < visited ? PBERT_OK : status));
    if (i == visited) break;
    const std::vector<float> values = classifies ? std::vector<float>(c.logits, c.logits + c.count)
                                                 : std::vector<float>(e.values, e.values + size_t{e.rows} * e.columns);
    FUZZ_CHECK(values.size() == seen.values[i].size());
    FUZZ_CHECK(!exact || Same(values, seen.values[i]));
  }
}

struct Visit {
  size_t text_size, pair_size;
  uint32_t seen = 0;
};

int OnToken(void* context, const pbert_token* token) {
  auto* visit = static_cast<Visit*>(context);
  FUZZ_CHECK(token->id >= 0 && token->source <= 2 && token->piece != nullptr);
  Touch(token->piece, std::min<size_t>(token->piece_size, 4096));
  if (token->source != 0) CheckExtent(token->extent, token->source == 1 ? visit->text_size : visit->pair_size);
  return ++visit->seen >= 5000;
}

void AskLabels(const pbert_model* model) {
  pbert_model_info info = PBERT_MODEL_INFO;
  for (uint32_t head = 0; pbert_get_head_info(model, head, &info) == PBERT_OK; ++head) {
    FUZZ_CHECK(pbert_task_head(model, static_cast<pbert_task>(info.task)) == head);
    for (uint32_t i = 0; i < std::min(info.label_count, 50u) + 2; ++i) {
      const char* const label = pbert_head_label(model, head, i);
      FUZZ_CHECK((label != nullptr) == (i < info.label_count));
      if (label != nullptr) Touch(label, strlen(label));
    }
    FUZZ_CHECK(pbert_head_label(model, head, UINT32_MAX) == nullptr);
  }
}

// A text of the model's own pieces, so that some of them are found in it.
std::string AskPieces(const pbert_model* model, const pbert_model_info& info, Chance& u) {
  std::string text;
  for (int64_t id = -2; id < std::min<int64_t>(info.vocabulary_size, 200) + 2; ++id) {
    size_t size = 1;
    const char* const piece = pbert_piece(model, static_cast<int32_t>(id), &size);
    FUZZ_CHECK(piece != nullptr);
    Touch(piece, size);
    if (size >= 64) continue;
    if (size > 0 && text.size() < 600 && u.OneIn(3)) text.append(piece, size).append(u(2) ? " " : "");
    FUZZ_CHECK(pbert_piece_id(model, piece, size) >= -1);
  }
  (void)pbert_piece(model, INT32_MAX, nullptr);
  return text;
}

void AskDecode(const pbert_model* model, const pbert_model_info& info, Chance& u) {
  std::vector<int32_t> ids(u(40));
  for (int32_t& id : ids)
    id = u.OneIn(8) ? static_cast<int32_t>(u(UINT32_MAX)) : static_cast<int32_t>(u(info.vocabulary_size + 1));
  for (const size_t capacity : {size_t{0}, size_t{3}, size_t{300}}) {
    const std::unique_ptr<char[]> text(new char[capacity]);
    size_t size = 0;
    const pbert_status status = pbert_decode(model, ids.data(), ids.size(), static_cast<int>(u(2)),
                                             capacity == 0 ? nullptr : text.get(), capacity, &size);
    FUZZ_CHECK(status == PBERT_OK || status == PBERT_NO_MEMORY);
    if (status == PBERT_OK) Touch(text.get(), std::min(size, capacity));
  }
}

void AskTokens(const pbert_model* model, const std::vector<std::string>& texts, Chance& u) {
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 3 && u(2)) continue;
    const ExactCopy text(texts[i]), pair(texts[(i + 1) % texts.size()]);
    pbert_input input = PBERT_INPUT;
    input.text = text.data();
    input.text_size = text.size();
    if (i % 2) {
      input.pair = pair.data();
      input.pair_size = pair.size();
    }
    Visit visit{text.size(), pair.size()};
    FUZZ_CHECK(pbert_tokenize(model, &input, OnToken, &visit) == PBERT_OK);
  }
}

// A session of one backend, in memory of its own or the library's. False where the model is too large for it.
bool AskSession(pbert_model** model, const pbert_model_info& info, const std::vector<std::string>& texts, bool last,
                Chance& u) {
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.backend = u(5);
  options.threads = u.OneIn(16) ? 2 + u(3) : u(2);
  options.max_tokens = u.OneIn(3) ? 1 + u(info.max_tokens) : std::min(info.max_tokens, 64u);
  size_t packed = 0, needed = 0;
  if (pbert_model_memory(*model, static_cast<pbert_backend>(options.backend), &packed) != PBERT_OK ||
      pbert_session_memory(*model, &options, &needed) != PBERT_OK) {
    CheckError();
    return true;
  }
  if (packed > kMaxMemory || needed > kMaxMemory) return false;
  const size_t skew = u(65);
  std::unique_ptr<uint8_t[]> memory;
  if (u(4)) {
    memory.reset(new uint8_t[needed + skew]);
    memset(memory.get(), 0xA5, needed + skew);
    options.memory = memory.get() + skew;
    options.memory_size = needed;
  }
  pbert_session* session = nullptr;
  if (pbert_session_create(*model, &options, &session) != PBERT_OK) {
    FUZZ_CHECK(session == nullptr);
    CheckError();
    return true;
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    if (u(2)) continue;
    const bool pair = info.task == PBERT_QUESTION_ANSWERING ? u(8) != 0 : u.OneIn(3);
    pbert_model_info head = PBERT_MODEL_INFO;
    FUZZ_CHECK(pbert_get_head_info(*model, u.OneIn(2) ? u(info.head_count) : 0, &head) == PBERT_OK);
    AskTask(session, head, texts[i], pair ? &texts[(i * 5 + 3) % texts.size()] : nullptr, &u);
  }
  AskBatch(session, info, texts, options.backend == PBERT_NATIVE || options.backend == PBERT_REFERENCE, u);
  if (last && u(2)) {  // in the other order
    pbert_close(*model);
    *model = nullptr;
  }
  pbert_session_destroy(session);
  return true;
}

}  // namespace

void CheckError() {
  const char* const error = pbert_error();
  FUZZ_CHECK(error != nullptr && *error != 0);
  Touch(error, strlen(error));
}

void AskTask(pbert_session* session, const pbert_model_info& info, const std::string& text_in,
             const std::string* pair_in, Chance* chance) {
  Chance& u = *chance;
  std::string_view second = pair_in != nullptr ? std::string_view(*pair_in) : "";
  // Windows over a context may move by a single token: a long one would be asked thousands of times.
  if (info.task == PBERT_QUESTION_ANSWERING) second = second.substr(0, 60);
  const ExactCopy text(text_in), pair(second);
  pbert_input input = PBERT_INPUT;
  input.text = text.data();
  input.text_size = text.size();
  if (pair_in != nullptr) {
    input.pair = pair.data();
    input.pair_size = pair.size();
  }
  input.max_tokens = u.OneIn(3) ? u(info.max_tokens + 1) : 0;
  input.truncation = u.OneIn(4);
  input.stride = u.OneIn(4) ? u(10) : 0;
  if (input.stride != 0) input.text_size = std::min<size_t>(input.text_size, 60);  // the same
  pbert_status status = PBERT_OK;
  switch (info.task) {
    case PBERT_TEXT_CLASSIFICATION:
    case PBERT_NEXT_SENTENCE:
      status = u.OneIn(4) ? ZeroShot(session, input, u) : Classify(session, input);
      break;
    case PBERT_TOKEN_CLASSIFICATION:
      status = Tag(session, info, input, u);
      break;
    case PBERT_QUESTION_ANSWERING:
      status = Answer(session, input, u);
      break;
    case PBERT_FILL_MASK:
      status = FillMask(session, input, u);
      break;
    case PBERT_FEATURE_EXTRACTION:
      break;
    default:
      FUZZ_CHECK(!"a task of the header");
  }
  if (status != PBERT_OK) CheckError();
  if (info.task == PBERT_FEATURE_EXTRACTION || u.OneIn(4)) {  // which every encoder can
    if (Embed(session, input, u) != PBERT_OK) CheckError();
  }
}

void AskEverything(std::span<const uint8_t> file, uint32_t seed, const std::vector<std::string>& more_texts) {
  Chance u(seed);
  // Aligned to 4 bytes and no better; ends where the file ends.
  const std::unique_ptr<uint8_t[]> memory(new uint8_t[file.size() + 4]);
  if (!file.empty()) memcpy(memory.get() + 4, file.data(), file.size());
  pbert_model* model = nullptr;
  if (pbert_open_memory(memory.get() + 4, file.size(), nullptr, &model) != PBERT_OK) {
    FUZZ_CHECK(model == nullptr);
    return CheckError();
  }
  pbert_model_info info = PBERT_MODEL_INFO;
  FUZZ_CHECK(pbert_get_model_info(model, &info) == PBERT_OK);
  AskLabels(model);
  std::vector<std::string> texts(std::begin(kTexts), std::end(kTexts));
  texts.insert(texts.end(), more_texts.begin(), more_texts.end());
  texts.push_back(AskPieces(model, info, u));
  AskDecode(model, info, u);
  AskTokens(model, texts, u);
  for (const bool last : {false, true}) {
    if (!AskSession(&model, info, texts, last, u)) break;
  }
  pbert_close(model);
}

}  // namespace pbert::fuzz
