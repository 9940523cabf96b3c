// pocketbert for C++17 and later: the C interface with ownership. Header only; throws nothing, works with
// -fno-exceptions.
//
//   auto model = pocketbert::Model::Open("intent.pbert");
//   if (!model) return Fail(model.error().message);
//   auto session = model->NewSession();
//   if (!session) return Fail(session.error().message);
//   auto answer = session->Classify("play some jazz");
//   if (answer && !answer->rejected()) Act(answer->label(), answer->score());
//
// The conventions of pocketbert.h hold; what a result points to lives until its session's next call.
#ifndef POCKETBERT_POCKETBERT_HPP_
#define POCKETBERT_POCKETBERT_HPP_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "pocketbert/pocketbert.h"

#if !defined(_MSVC_LANG) && __cplusplus < 201703L
#error "pocketbert.hpp needs C++17 or later (-std=c++17); pocketbert.h is for any C and C++"
#endif

namespace pocketbert {

// Elements that somebody else owns, as std::span, which C++17 lacks. Made from an array or anything with data() and
// size().
template <typename T>
class Span {
 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;

  constexpr Span() = default;
  constexpr Span(T* data, size_t size) : data_(data), size_(size) {}
  template <size_t n>
  constexpr Span(T (&array)[n]) : data_(array), size_(n) {}
  template <typename Container,
            typename = std::enable_if_t<std::is_convertible_v<decltype(std::declval<Container&>().data()), T*> &&
                                        std::is_convertible_v<decltype(std::declval<Container&>().size()), size_t>>>
  constexpr Span(Container&& container) : data_(container.data()), size_(container.size()) {}

  constexpr T* data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }
  constexpr T& operator[](size_t index) const { return data_[index]; }
  constexpr T& front() const { return data_[0]; }
  // The first `count` elements, or all where there are fewer.
  constexpr Span first(size_t count) const { return {data_, count < size_ ? count : size_}; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

// Why something failed: a copy, so that it outlives the thread's next error.
struct Error {
  Error() = default;
  explicit Error(pbert_status status) : status(status) { std::strncpy(message, pbert_error(), sizeof(message) - 1); }
  pbert_status status = PBERT_OK;
  char message[256] = "";
};

// A value or an Error. Look before you reach: *result and result-> are for results that are true.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(const Error& error) : error_(error) {}

  explicit operator bool() const { return value_.has_value(); }
  const Error& error() const { return error_; }
  T& operator*() & { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  const T& operator*() const& { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Error error_;
};

template <typename T>
Result<T> Checked(pbert_status status, T value) {
  if (status != PBERT_OK) return Error(status);
  return Result<T>(std::move(value));
}

inline std::string_view Text(Span<const char> text) { return {text.data(), text.size()}; }

template <auto function>
struct Free {
  template <typename T>
  void operator()(T* handle) const {
    function(handle);
  }
};

// A text, or a text and its pair. Does not own them.
struct Input {
  template <typename Text, typename = std::enable_if_t<std::is_convertible_v<const Text&, std::string_view>>>
  Input(const Text& text) : text(text) {}
  Input(std::string_view text, std::string_view pair) : text(text), pair(pair) {}

  std::string_view text;
  std::optional<std::string_view> pair;
  uint32_t max_tokens = 0;  // 0: the session's limit
  uint32_t stride = 0;      // of windows over a long text, as in pbert_input; 0: it is cut

  pbert_input c() const {
    const std::string_view second = pair.value_or("");
    const char* second_data = !pair ? nullptr : second.empty() ? "" : second.data();
    return {sizeof(pbert_input), max_tokens,    text.data(),         text.size(),
            second_data,         second.size(), PBERT_LONGEST_FIRST, stride};
  }
};

// The scores of one text. Lives until its session's next call.
class Classification {
 public:
  Classification(const pbert_model* model, uint32_t head, const pbert_classification& c)
      : model_(model), head_(head), c_(c) {}

  // The best label, or the one at a rank; "" when there is none.
  const char* label(size_t rank = 0) const {
    const char* name = rank < c_.count ? pbert_head_label(model_, head_, c_.labels[rank].label) : nullptr;
    return name != nullptr ? name : "";
  }
  float score(size_t rank = 0) const { return rank < c_.count ? c_.labels[rank].score : 0.0f; }
  bool rejected() const { return c_.rejected != 0; }    // the best score is below the file's reject threshold
  bool truncated() const { return c_.truncated != 0; }  // the text was too long and was cut
  Span<const pbert_label_score> labels() const { return {c_.labels, c_.count}; }  // best first
  Span<const float> logits() const { return {c_.logits, c_.count}; }              // in label order
  Span<const int32_t> token_ids() const { return {c_.token_ids, c_.token_count}; }

 private:
  const pbert_model* model_;
  uint32_t head_;  // that answered
  pbert_classification c_;
};

// The entities of one text, in its order. Lives until its session's next call.
class Entities {
 public:
  Entities(const pbert_model* model, uint32_t head, const pbert_entities& c) : model_(model), head_(head), c_(c) {}

  Span<const pbert_entity> all() const { return {c_.entities, c_.count}; }
  const char* label(const pbert_entity& entity) const { return pbert_head_label(model_, head_, entity.label); }
  bool truncated() const { return c_.truncated != 0; }
  Span<const int32_t> token_ids() const { return {c_.token_ids, c_.token_count}; }

 private:
  const pbert_model* model_;
  uint32_t head_;  // that answered
  pbert_entities c_;
};

// [rows, columns], one row unless the tokens' own states were asked for. Lives until its session's next call.
class Embedding {
 public:
  explicit Embedding(const pbert_embedding& c) : c_(c) {}

  size_t rows() const { return c_.rows; }
  Span<const float> row(size_t index = 0) const { return {c_.values + index * c_.columns, c_.columns}; }
  bool truncated() const { return c_.truncated != 0; }

 private:
  pbert_embedding c_;
};

// Fields as in pbert_answer_options; as many answers as there is room for.
struct AnswerOptions {
  uint32_t doc_stride = 0;
  uint32_t max_answer_tokens = 0;
  bool allow_none = false;
  bool part_words = false;  // answers may begin and end within words

  pbert_answer_options c(size_t top_k) const {
    return {sizeof(pbert_answer_options),
            static_cast<uint32_t>(top_k),
            doc_stride,
            max_answer_tokens,
            allow_none,
            part_words};
  }
};

// Fields as in pbert_session_options.
struct SessionOptions {
  uint32_t max_tokens = 0;
  uint32_t threads = 1;
  pbert_backend backend = PBERT_AUTO;
  Span<std::byte> memory = {};  // the arena; empty: the library takes one
  uint32_t tasks = 0;           // 1u << pbert_task for each that it will be asked; 0: all

  pbert_session_options c() const {
    return {sizeof(pbert_session_options),
            max_tokens,
            threads,
            static_cast<uint32_t>(backend),
            memory.data(),
            memory.size(),
            tasks,
            0};
  }
};

// Move-only; made by Model::NewSession. One thread at a time. May outlive the Model it came from.
class Session {
 public:
  Result<Classification> Classify(const Input& input) {
    const pbert_input c = input.c();
    pbert_classification result = PBERT_CLASSIFICATION;
    const pbert_status status = pbert_classify(session_.get(), &c, &result);
    return Checked(status, Classification(model_, classifier_, result));
  }
  // Calls visit(uint32_t index, const Classification&) for each of several inputs (Input::c) in order, until it returns
  // false; they run through the network several at once (pbert_classify_batch).
  template <typename Visit>
  Result<std::monostate> ClassifyBatch(Span<const pbert_input> inputs, Visit visit) {
    auto see = [&](uint32_t index, const pbert_classification* result) {
      return visit(index, Classification(model_, classifier_, *result));
    };
    const auto call = [](void* context, uint32_t index, const pbert_classification* result) {
      return (*static_cast<decltype(see)*>(context))(index, result) ? 0 : 1;
    };
    const auto count = static_cast<uint32_t>(inputs.size());
    return Checked(pbert_classify_batch(session_.get(), inputs.data(), count, call, &see), std::monostate());
  }
  // The named entities of a text.
  Result<Entities> Tag(const Input& input, pbert_aggregation aggregation = PBERT_AGGREGATE_SIMPLE) {
    const pbert_input c = input.c();
    pbert_entities result = PBERT_ENTITIES;
    const pbert_status status = pbert_tag(session_.get(), &c, aggregation, &result);
    return Checked(status, Entities(model_, pbert_task_head(model_, PBERT_TOKEN_CLASSIFICATION), result));
  }
  // Calls visit(const pbert_entity&) for each entity of a text of any length, read in windows that share input.stride
  // tokens, until it returns false. The visitor may ask for the entity's Word and nothing else. Labels are those of the
  // token classification head (Model::label where the file has one head).
  template <typename Visit>
  Result<std::monostate> TagWindows(const Input& input, Visit visit,
                                    pbert_aggregation aggregation = PBERT_AGGREGATE_SIMPLE) {
    const auto call = [](void* context, const pbert_entity* entity) {
      return (*static_cast<Visit*>(context))(*entity) ? 0 : 1;
    };
    const pbert_input c = input.c();
    const pbert_tag_options options = {sizeof(pbert_tag_options), static_cast<uint32_t>(aggregation), 0, nullptr};
    return Checked(pbert_tag_windows(session_.get(), &c, &options, call, &visit), std::monostate());
  }
  // The text of an entity of the last Tag, or of the one that is being visited, made of its tokens: written to
  // `buffer`, of which that part is returned.
  Result<std::string_view> Word(const Input& input, const pbert_entity& entity, Span<char> buffer,
                                pbert_aggregation aggregation = PBERT_AGGREGATE_SIMPLE) const {
    const pbert_input c = input.c();
    size_t size = 0;
    const pbert_status status =
        pbert_entity_word(session_.get(), &c, aggregation, &entity, buffer.data(), buffer.size(), &size);
    return Checked(status, Text(buffer.first(size)));
  }
  // The spans of the context that answer best, best first, at most spans.size() of them: copied to `spans`, of which
  // those written are returned.
  Result<Span<pbert_answer_span>> Answer(std::string_view question, std::string_view context,
                                         Span<pbert_answer_span> spans, const AnswerOptions& options = {}) {
    const pbert_input c = Input(question, context).c();
    const pbert_answer_options answer = options.c(spans.size());
    uint32_t count = 0;
    const pbert_status status =
        pbert_answer(session_.get(), &c, &answer, spans.data(), static_cast<uint32_t>(spans.size()), &count);
    return Checked(status, spans.first(status == PBERT_OK ? count : 0));
  }
  // Zero-shot classification (pbert_zero_shot): which of the hypotheses the text entails, most likely first. Copied to
  // `scores`, which has room for one score for each.
  Result<Span<pbert_label_score>> ZeroShot(const Input& input, Span<const pbert_text> hypotheses,
                                           Span<pbert_label_score> scores, bool multi_label = false) {
    const pbert_input c = input.c();
    const auto count = static_cast<uint32_t>(hypotheses.size() < scores.size() ? hypotheses.size() : scores.size());
    const pbert_status status =
        pbert_zero_shot(session_.get(), &c, hypotheses.data(), count, multi_label, scores.data(), nullptr);
    return Checked(status, scores.first(count));
  }
  // Which candidates answer the query best (pbert_rerank), best first. Copied to `scores`, which has room for one score
  // for each.
  Result<Span<pbert_label_score>> Rerank(const Input& query, Span<const pbert_text> candidates,
                                         Span<pbert_label_score> scores) {
    const pbert_input c = query.c();
    const auto count = static_cast<uint32_t>(candidates.size() < scores.size() ? candidates.size() : scores.size());
    const pbert_status status = pbert_rerank(session_.get(), &c, candidates.data(), count, scores.data(), nullptr);
    return Checked(status, scores.first(count));
  }
  // The embedding of a text, pooled as the file says (sentence-transformers) unless another pooling is asked for.
  Result<Embedding> Embed(const Input& input, pbert_pooling pooling = PBERT_POOL_MODEL, bool normalize = false) {
    const pbert_input c = input.c();
    pbert_embedding result = PBERT_EMBEDDING;
    const pbert_status status = pbert_embed(session_.get(), &c, pooling, normalize, &result);
    return Checked(status, Embedding(result));
  }
  // The same of several inputs, for each of which visit(uint32_t index, const Embedding&) is called, as by
  // ClassifyBatch.
  template <typename Visit>
  Result<std::monostate> EmbedBatch(Span<const pbert_input> inputs, Visit visit,
                                    pbert_pooling pooling = PBERT_POOL_MODEL, bool normalize = false) {
    const auto call = [](void* context, uint32_t index, const pbert_embedding* result) {
      return (*static_cast<Visit*>(context))(index, Embedding(*result)) ? 0 : 1;
    };
    const auto count = static_cast<uint32_t>(inputs.size());
    return Checked(pbert_embed_batch(session_.get(), inputs.data(), count, pooling, normalize, call, &visit),
                   std::monostate());
  }
  // For each mask of the text the `top_k` best pieces (see Model::piece): copied to `fills`, of which those written are
  // returned.
  Result<Span<pbert_fill>> FillMask(const Input& input, Span<pbert_fill> fills, uint32_t top_k = 5) {
    const pbert_input c = input.c();
    uint32_t count = 0;
    const pbert_status status = pbert_fill_mask(session_.get(), &c, top_k, nullptr, 0, fills.data(),
                                                static_cast<uint32_t>(fills.size()), &count);
    return Checked(status, fills.first(status == PBERT_OK ? count : 0));
  }
  pbert_session* c() const { return session_.get(); }

 private:
  friend class Model;
  Session(pbert_session* session, const pbert_model* model, uint32_t tasks) : session_(session), model_(model) {
    if (session == nullptr) return;
    classifier_ = pbert_task_head(model, PBERT_TEXT_CLASSIFICATION);
    pbert_model_info info = PBERT_MODEL_INFO;
    const bool served = tasks == 0 || (tasks >> PBERT_TEXT_CLASSIFICATION & 1) != 0;
    pbert_get_model_info(model, &info);
    if (!served || classifier_ == info.head_count) classifier_ = pbert_task_head(model, PBERT_NEXT_SENTENCE);
  }

  std::unique_ptr<pbert_session, Free<pbert_session_destroy>> session_;
  const pbert_model* model_;
  uint32_t classifier_ = 0;  // the head that Classify asks
};

// Move-only. Thread-safe.
class Model {
 public:
  static Result<Model> Open(const char* path, bool verify_data = false) {
    const pbert_open_options options = {sizeof(options), verify_data};
    pbert_model* model = nullptr;
    const pbert_status status = pbert_open(path, &options, &model);
    return Checked(status, Model(model));
  }
  // The memory, 4-byte aligned, stays the caller's and in place until the model and its sessions are gone.
  static Result<Model> FromMemory(Span<const std::byte> data, bool verify_data = false) {
    const pbert_open_options options = {sizeof(options), verify_data};
    pbert_model* model = nullptr;
    const pbert_status status = pbert_open_memory(data.data(), data.size(), &options, &model);
    return Checked(status, Model(model));
  }

  pbert_model_info info() const {
    pbert_model_info info = PBERT_MODEL_INFO;
    return pbert_get_model_info(model_.get(), &info), info;
  }
  // Of a head below info().head_count; zeros for others.
  pbert_model_info head(uint32_t number) const {
    pbert_model_info info = PBERT_MODEL_INFO;
    return pbert_get_head_info(model_.get(), number, &info), info;
  }
  const char* label(uint32_t index, uint32_t head = 0) const { return pbert_head_label(model_.get(), head, index); }
  // A piece's spelling; empty when there is none of this id.
  std::string_view piece(int32_t id) const {
    size_t size = 0;
    const char* spelling = pbert_piece(model_.get(), id, &size);
    return spelling == nullptr ? std::string_view() : std::string_view(spelling, size);
  }

  // The text of token ids by the file's decoder (pbert_decode): written to `buffer`, of which that part is returned.
  Result<std::string_view> Decode(Span<const int32_t> ids, Span<char> buffer, bool skip_special = true) const {
    size_t size = 0;
    const pbert_status status =
        pbert_decode(model_.get(), ids.data(), ids.size(), skip_special, buffer.data(), buffer.size(), &size);
    return Checked(status, Text(buffer.first(size)));
  }

  // Bytes of packed weights; bytes of a session's arena.
  Result<size_t> MemoryNeeded(pbert_backend backend = PBERT_AUTO) const {
    size_t bytes = 0;
    const pbert_status status = pbert_model_memory(model_.get(), backend, &bytes);
    return Checked(status, bytes);
  }
  Result<size_t> SessionMemoryNeeded(const SessionOptions& options = {}) const {
    const pbert_session_options c = options.c();
    size_t bytes = 0;
    const pbert_status status = pbert_session_memory(model_.get(), &c, &bytes);
    return Checked(status, bytes);
  }
  Result<Session> NewSession(const SessionOptions& options = {}) const {
    const pbert_session_options c = options.c();
    pbert_session* session = nullptr;
    const pbert_status status = pbert_session_create(model_.get(), &c, &session);
    return Checked(status, Session(session, model_.get(), options.tasks));
  }

  // Calls visit(const pbert_token&) for each token, special ones included, until it returns false.
  template <typename Visit>
  Result<std::monostate> Tokenize(const Input& input, Visit visit) const {
    const auto call = [](void* context, const pbert_token* token) {
      return (*static_cast<Visit*>(context))(*token) ? 0 : 1;
    };
    const pbert_input c = input.c();
    const pbert_status status = pbert_tokenize(model_.get(), &c, call, &visit);
    return Checked(status, std::monostate());
  }
  pbert_model* c() const { return model_.get(); }

 private:
  explicit Model(pbert_model* model) : model_(model) {}

  std::unique_ptr<pbert_model, Free<pbert_close>> model_;
};

// The cosine of two embeddings of one length.
inline float Similarity(Span<const float> a, Span<const float> b) {
  return a.size() == b.size() ? pbert_similarity(a.data(), b.data(), static_cast<uint32_t>(a.size())) : 0.0f;
}

// The rows of `vectors` (pbert_quantize_vector) nearest to the query, nearest first: written to `best`, of which those
// written are returned.
inline Result<Span<pbert_label_score>> Nearest(Span<const float> query, Span<const int8_t> vectors,
                                               Span<pbert_label_score> best) {
  const auto columns = static_cast<uint32_t>(query.size());
  const auto count = static_cast<uint32_t>(columns == 0 ? 0 : vectors.size() / columns);
  uint32_t found = 0;
  const pbert_status status = pbert_nearest(query.data(), columns, vectors.data(), count, best.data(),
                                            static_cast<uint32_t>(best.size()), &found);
  return Checked(status, best.first(found));
}

// Calls visit(const pbert_found_entity&) for each entity of a text that needs no model (pbert_find_entities), until it
// returns false. Thread-safe.
template <typename Visit>
Result<std::monostate> FindEntities(std::string_view text, Visit visit,
                                    const pbert_find_options& options = PBERT_FIND_OPTIONS) {
  const auto call = [](void* context, const pbert_found_entity* entity) {
    return (*static_cast<Visit*>(context))(*entity) ? 0 : 1;
  };
  return Checked(pbert_find_entities(text.data(), text.size(), &options, call, &visit), std::monostate());
}

}  // namespace pocketbert

#endif  // POCKETBERT_POCKETBERT_HPP_
