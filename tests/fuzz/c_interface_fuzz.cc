// The C interface called by a program of bytes: any call in any order with odd arguments, on several models and
// sessions at once. What must hold: no crash, whatever the caller does short of lying about memory; outputs untouched
// by a call that fails; nothing written beyond struct_size.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pocketbert/pocketbert.h"
#include "tests/fuzz/ask_everything.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/random_model.h"
#include "tests/fuzz/temporary_folder.h"

namespace pbert::fuzz {
namespace {

constexpr uint32_t kTasks = 6;
constexpr size_t kSlots = 3;  // of models, and of sessions
constexpr uint32_t kMaxCalls = 60;

struct SampleFile {
  std::unique_ptr<uint32_t[]> memory;  // aligned to 4 bytes
  size_t size;
  std::string path;
};

// A small file of each task, the first that opens.
std::vector<SampleFile> MakeSamples() {
  std::vector<SampleFile> samples(kTasks);
  uint32_t found = 0;
  for (uint32_t seed = 0; found < kTasks; ++seed) {
    Chance chance(seed);
    const RandomModel file = MakeRandomModel(&chance, false);
    SampleFile& sample = samples[static_cast<uint32_t>(file.model.heads[0]->task)];
    const std::vector<uint8_t> bytes = file.Bytes();
    if (sample.memory != nullptr || bytes.size() > 40000) continue;
    sample.size = bytes.size();
    sample.memory.reset(new uint32_t[bytes.size() / 4]);
    memcpy(sample.memory.get(), bytes.data(), bytes.size());
    pbert_model* model = nullptr;
    if (pbert_open_memory(sample.memory.get(), sample.size, nullptr, &model) != PBERT_OK) {
      sample.memory.reset();
      continue;
    }
    pbert_close(model);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    sample.path = WriteTemporary(std::to_string(found++) + ".pbert", text).string();
  }
  return samples;
}

// A caller's struct of any struct_size, with more behind it than the library may believe in, so that its end can be
// seen.
template <typename T>
class Struct {
 public:
  Struct(const T& initial, Chance& u) {
    bytes_.fill(u.OneIn(8) ? 0xAA : 0);
    memcpy(bytes_.data(), &initial, sizeof(T));
    static constexpr uint32_t kSizes[] = {0,  1,  3,  4,    7,    8,    12,    16,        24,
                                          40, 41, 64, 4095, 4096, 4097, 65536, UINT32_MAX};
    size_ = u.OneIn(6) ? kSizes[u(std::size(kSizes))] : static_cast<uint32_t>(sizeof(T));
    get()->struct_size = size_;
    before_ = bytes_;
  }

  T* get() { return reinterpret_cast<T*>(bytes_.data()); }
  // As long as was said, or longer: every field that is read has been written.
  bool whole() const { return size_ >= sizeof(T) && size_ <= 4096; }

  // Of an output after a call: untouched by a failure, and never beyond its end.
  void CheckOutput(pbert_status status) const {
    const size_t from = status != PBERT_OK ? 0 : std::min<size_t>(size_, bytes_.size());
    FUZZ_CHECK(std::equal(bytes_.begin() + static_cast<ptrdiff_t>(from), bytes_.end(),
                          before_.begin() + static_cast<ptrdiff_t>(from)));
  }

 private:
  alignas(64) std::array<uint8_t, 8192> bytes_, before_;
  uint32_t size_;
};

const std::string kTexts[] = {"",
                              "hello world",
                              "abc slel ca [MASK] b",
                              std::string("a\0b\xFF\xE4", 5),
                              std::string(300, 'a'),
                              "\xC3\xA9\xCC\x81 \xE4\xB8\xAD \xF0\x9F\x98\x80 ##c"};

// The numbers that callers get wrong.
uint32_t OddNumber(Chance& u) {
  static constexpr uint32_t kNumbers[] = {
      0, 1, 2, 3, 8, 12, 63, 64, 65, 384, 1u << 20, 0x7FFFFFFF, 0x80000000, UINT32_MAX - 1, UINT32_MAX};
  return u(3) ? u(20) : kNumbers[u(std::size(kNumbers))];
}

class Program {
 public:
  explicit Program(Chance* chance) : u_(*chance) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {  // models and sessions in either order
    const bool models_first = u_(2);
    if (models_first) CloseModels();
    for (pbert_session* session : sessions_) pbert_session_destroy(session);
    if (!models_first) CloseModels();
  }

  void Run() {
    for (uint32_t calls = 0; calls < kMaxCalls && u_.HasInput(); ++calls) Call();
  }

 private:
  void CloseModels() {
    for (pbert_model* model : models_) pbert_close(model);
  }

  // A null one now and then, and before any is made.
  pbert_model* AnyModel() { return u_.OneIn(16) ? nullptr : models_[u_(kSlots)]; }
  pbert_session* AnySession() { return u_.OneIn(16) ? nullptr : sessions_[u_(kSlots)]; }

  // Memory that lives until everything is closed, at any address. At least one byte.
  void* Memory(size_t size) {
    const size_t skew = u_(65);
    memory_.emplace_back(new uint8_t[size + skew + 1]);
    memset(memory_.back().get(), 0xA5, size + skew + 1);
    return memory_.back().get() + skew;
  }

  void Check(pbert_status status) {
    FUZZ_CHECK(status >= PBERT_OK && status <= PBERT_NO_MEMORY);
    if (status != PBERT_OK) CheckError();
  }

  void Open() {
    static const std::vector<SampleFile> samples = MakeSamples();
    const SampleFile& sample = samples[u_(samples.size())];
    pbert_open_options given = PBERT_OPEN_OPTIONS;
    given.verify_data = u_(3);
    Struct<pbert_open_options> options(given, u_);
    const pbert_open_options* const pointer = u_.OneIn(3) ? nullptr : options.get();
    pbert_model*& slot = models_[u_(kSlots)];
    pbert_model* model = nullptr;
    pbert_model** const out = u_.OneIn(30) ? nullptr : &model;
    pbert_status status;
    switch (u_(6)) {
      case 0: {
        static const std::string kPaths[] = {"", "/", "/dev/null", "/nowhere/at.all", std::string(5000, 'x')};
        const std::string& path = u_.OneIn(4) ? kPaths[u_(std::size(kPaths))] : sample.path;
        status = pbert_open(u_.OneIn(16) ? nullptr : path.c_str(), pointer, out);
        break;
      }
      case 1: {
        const int file = u_.OneIn(16) ? -1 : open(sample.path.c_str(), O_RDONLY | O_CLOEXEC);
        const uint64_t wrong[] = {1, 4, sample.size, sample.size - 64, UINT64_MAX, UINT64_MAX - 3, uint64_t{1} << 63};
        const uint64_t offset = u_(2) ? 0 : wrong[u_(std::size(wrong))];
        const uint64_t length = u_(2) ? 0 : u_(2) ? sample.size : wrong[u_(std::size(wrong))];
        status = pbert_open_fd(file, offset, length, pointer, out);
        if (file >= 0) close(file);
        break;
      }
      default: {
        const size_t cut = u_.OneIn(6) ? 1 + u_(sample.size) : 0, skew = u_.OneIn(12) ? u_(8) : 0;
        const uint8_t* const data = reinterpret_cast<const uint8_t*>(sample.memory.get()) + skew;
        status = pbert_open_memory(u_.OneIn(30) ? nullptr : data, sample.size - std::max(cut, skew), pointer, out);
      }
    }
    Check(status);
    FUZZ_CHECK((status == PBERT_OK) == (model != nullptr));
    if (model != nullptr) pbert_close(std::exchange(slot, model));
  }

  pbert_session_options SessionOptions() {
    pbert_session_options options = PBERT_SESSION_OPTIONS;
    options.max_tokens = u_(2) ? 0 : OddNumber(u_);
    options.threads = u_.OneIn(10) ? OddNumber(u_) : u_(3);
    if (options.threads > 4 && options.threads <= 64) options.threads = 4;  // as many are made as are asked for
    options.backend = u_(5);
    options.tasks = u_(2) ? 0 : u_(70);
    return options;
  }

  void CreateSession() {
    pbert_model* const model = AnyModel();
    Struct<pbert_session_options> options(SessionOptions(), u_);
    size_t needed = 0;
    const pbert_status asked = pbert_session_memory(model, options.get(), &needed);
    Check(asked);
    if (asked == PBERT_OK && needed > kMaxMemory) return;
    if (options.whole() && u_(2)) {
      const size_t size = u_.OneIn(5) ? needed - std::min<size_t>(needed, 1 + u_(needed)) : needed;
      options.get()->memory = Memory(size);
      options.get()->memory_size = size;
    }
    pbert_session*& slot = sessions_[u_(kSlots)];
    pbert_session* session = nullptr;
    const pbert_status status =
        pbert_session_create(model, u_.OneIn(4) ? nullptr : options.get(), u_.OneIn(30) ? nullptr : &session);
    Check(status);
    FUZZ_CHECK((status == PBERT_OK) == (session != nullptr));
    if (session != nullptr) pbert_session_destroy(std::exchange(slot, session));
  }

  void Prepare() {
    pbert_model* const model = AnyModel();
    const auto backend = static_cast<pbert_backend>(u_(5));
    size_t needed = 0;
    const pbert_status asked = pbert_model_memory(model, backend, u_.OneIn(16) ? nullptr : &needed);
    Check(asked);
    const size_t size = u_.OneIn(4) ? needed / 2 : needed;
    Check(pbert_prepare(model, backend, u_(2) ? Memory(size) : nullptr, size));
  }

  pbert_input Input() {
    const std::string& text = kTexts[u_(std::size(kTexts))];
    const std::string& pair = kTexts[u_(std::size(kTexts))];
    pbert_input input = PBERT_INPUT;
    input.max_tokens = u_.OneIn(3) ? OddNumber(u_) : 0;
    input.text = text.data();
    input.text_size = text.size();
    if (u_(2)) {
      input.pair = pair.data();
      input.pair_size = pair.size();
    }
    if (u_.OneIn(16)) input.text = nullptr;
    if (u_.OneIn(16)) input.pair = nullptr;
    if (u_.OneIn(16)) input.text_size = u_(2) ? size_t{1} << 32 : SIZE_MAX;  // refused before it is read
    input.truncation = u_.OneIn(4) ? u_(4) : 0;
    input.stride = u_.OneIn(4) ? OddNumber(u_) : 0;
    return input;
  }

  // Any task, whether the session's model is for it or not.
  void Ask() {
    pbert_session* const session = AnySession();
    Struct<pbert_input> in(Input(), u_);
    const pbert_input* const input = u_.OneIn(30) ? nullptr : in.get();
    switch (u_(9)) {
      case 0: {
        Struct<pbert_classification> out(PBERT_CLASSIFICATION, u_);
        const pbert_status status = pbert_classify(session, input, u_.OneIn(30) ? nullptr : out.get());
        Check(status);
        return out.CheckOutput(status);
      }
      case 1: {
        Struct<pbert_entities> out(PBERT_ENTITIES, u_);
        const auto aggregation = static_cast<pbert_aggregation>(u_(7));
        const pbert_status status = pbert_tag(session, input, aggregation, out.get());
        Check(status);
        return out.CheckOutput(status);
      }
      case 2: {
        Struct<pbert_embedding> out(PBERT_EMBEDDING, u_);
        const auto pooling = static_cast<pbert_pooling>(u_(9));
        const pbert_status status = pbert_embed(session, input, pooling, static_cast<int>(u_(3)) - 1, out.get());
        Check(status);
        return out.CheckOutput(status);
      }
      case 3:
        return AskAnswer(session, input);
      case 4:
        return AskTexts(session, input);
      case 5:
        return AskTagWindows(session, input);
      case 6:
        return AskWord(session, input);
      case 7:
        return AskBatch(session);
      default:
        return AskFill(session, input);
    }
  }

  // Inputs of any struct_size, which is how far apart they lie.
  void AskBatch(pbert_session* session) {
    static constexpr uint32_t kSizes[] = {0, 4, 12, 24, 40, 41, 48, 56, 64, 4088, 4096, 4097, UINT32_MAX};
    const uint32_t count = u_(3) ? u_(5) : u_(30);
    const uint32_t size = u_.OneIn(6) ? kSizes[u_(std::size(kSizes))] : static_cast<uint32_t>(sizeof(pbert_input));
    const size_t distance = std::min(size, 4096u);
    const std::unique_ptr<uint8_t[]> bytes(new uint8_t[distance * count + sizeof(pbert_input)]());
    for (uint32_t i = 0; i < count; ++i) {
      pbert_input input = Input();
      input.struct_size = i > 0 && u_.OneIn(60) ? u_(100) : size;
      memcpy(bytes.get() + distance * i, &input, std::clamp(distance, sizeof(input.struct_size), sizeof(input)));
    }
    const auto* const inputs = u_.OneIn(30) ? nullptr : reinterpret_cast<const pbert_input*>(bytes.get());
    struct Visit {
      pbert_session* session;
      uint32_t left, next = 0;
      int Receive(uint32_t index) {
        FUZZ_CHECK(index == next++);
        const int32_t* ids = nullptr;
        uint32_t tokens = 0, truncated = 2;
        FUZZ_CHECK(pbert_last_tokens(session, &ids, &tokens, &truncated) == PBERT_OK);
        return --left == 0 ? -1 : 0;
      }
    } visit{session, 1 + u_(40)};
    if (u_(2)) {
      const auto receive = [](void* context, uint32_t index, const pbert_classification*) {
        return static_cast<Visit*>(context)->Receive(index);
      };
      Check(pbert_classify_batch(session, inputs, count, u_.OneIn(30) ? nullptr : +receive, &visit));
    } else {
      const auto receive = [](void* context, uint32_t index, const pbert_embedding*) {
        return static_cast<Visit*>(context)->Receive(index);
      };
      const auto pooling = static_cast<pbert_pooling>(u_(9));
      Check(pbert_embed_batch(session, inputs, count, pooling, static_cast<int>(u_(3)) - 1,
                              u_.OneIn(30) ? nullptr : +receive, &visit));
    }
  }

  void AskAnswer(pbert_session* session, const pbert_input* input) {
    pbert_answer_options given = PBERT_ANSWER_OPTIONS;
    given.top_k = OddNumber(u_);
    given.doc_stride = OddNumber(u_);
    given.max_answer_tokens = OddNumber(u_);
    given.allow_none = u_(3);
    given.part_words = u_(3);
    Struct<pbert_answer_options> options(given, u_);
    const uint32_t capacity = u_(4) * 20;
    const std::unique_ptr<pbert_answer_span[]> spans(new pbert_answer_span[capacity]);
    uint32_t count = 0xA5A5A5A5;
    const pbert_status status =
        pbert_answer(session, input, u_.OneIn(4) ? nullptr : options.get(), capacity == 0 ? nullptr : spans.get(),
                     capacity, u_.OneIn(30) ? nullptr : &count);
    Check(status);
    FUZZ_CHECK(status == PBERT_OK ? count <= 65 : count == 0xA5A5A5A5);
  }

  void AskFill(pbert_session* session, const pbert_input* input) {
    const uint32_t capacity = u_(4) * 20;
    std::vector<int32_t> targets;
    if (u_.OneIn(3)) {
      for (uint32_t i = 1 + u_(5); i > 0; --i) targets.push_back(static_cast<int32_t>(OddNumber(u_)));
    }
    const std::unique_ptr<pbert_fill[]> fills(new pbert_fill[capacity]);
    uint32_t count = 0xA5A5A5A5;
    const pbert_status status =
        pbert_fill_mask(session, input, OddNumber(u_), targets.data(), static_cast<uint32_t>(targets.size()),
                        capacity == 0 ? nullptr : fills.get(), capacity, &count);
    Check(status);
    FUZZ_CHECK(status == PBERT_OK || count == 0xA5A5A5A5);
  }

  // Zero-shot classification and reranking.
  void AskTexts(pbert_session* session, const pbert_input* input) {
    const uint32_t count = u_(5);
    const std::unique_ptr<pbert_text[]> texts(new pbert_text[count]);
    for (uint32_t i = 0; i < count; ++i) texts[i] = {u_.OneIn(8) ? nullptr : "hello", u_(6)};
    const std::unique_ptr<pbert_label_score[]> scores(new pbert_label_score[count]);
    uint32_t truncated = 0xA5A5A5A5;
    const pbert_text* const given = u_.OneIn(30) ? nullptr : texts.get();
    pbert_label_score* const out = u_.OneIn(30) ? nullptr : scores.get();
    uint32_t* const cut = u_.OneIn(4) ? nullptr : &truncated;
    const pbert_status status = u_(2) ? pbert_zero_shot(session, input, given, count, static_cast<int>(u_(3)), out, cut)
                                      : pbert_rerank(session, input, given, count, out, cut);
    Check(status);
    if (status != PBERT_OK) FUZZ_CHECK(truncated == 0xA5A5A5A5);
    for (uint32_t i = 0; status == PBERT_OK && i < count; ++i) FUZZ_CHECK(scores[i].label < count);
  }

  void AskTagWindows(pbert_session* session, const pbert_input* input) {
    static const char* const kLabels[] = {"O", "", "B-X", nullptr};
    pbert_tag_options given = PBERT_TAG_OPTIONS;
    given.aggregation = u_(7);
    given.ignored = u_(2) ? nullptr : kLabels;
    given.ignored_count = u_(5);  // of which the last is null
    Struct<pbert_tag_options> options(given, u_);
    struct Visit {
      pbert_session* session;
      const pbert_input* input;
      pbert_aggregation aggregation;
      uint32_t left;
    } visit{session, input, static_cast<pbert_aggregation>(given.aggregation), 1 + u_(20)};
    const auto receive = [](void* context, const pbert_entity* entity) {
      Visit& self = *static_cast<Visit*>(context);
      char word[8];
      size_t size = 0;
      const pbert_status status =
          pbert_entity_word(self.session, self.input, self.aggregation, entity, word, sizeof(word), &size);
      FUZZ_CHECK(status == PBERT_OK || status == PBERT_NO_MEMORY || status == PBERT_INVALID_ARGUMENT);
      return --self.left == 0 ? 1 : 0;
    };
    Check(pbert_tag_windows(session, input, u_.OneIn(4) ? nullptr : options.get(), u_.OneIn(30) ? nullptr : +receive,
                            &visit));
  }

  // Of any entity, whether the session has just found it or not.
  void AskWord(pbert_session* session, const pbert_input* input) {
    const pbert_entity entity = {OddNumber(u_), 0, OddNumber(u_), OddNumber(u_), {}};
    char word[16];
    size_t size = 0;
    const uint32_t capacity = u_(17);
    const pbert_status status =
        pbert_entity_word(session, input, static_cast<pbert_aggregation>(u_(7)), u_.OneIn(30) ? nullptr : &entity,
                          capacity == 0 ? nullptr : word, capacity, u_.OneIn(30) ? nullptr : &size);
    Check(status);
    const int32_t* ids = nullptr;
    uint32_t count = 0, truncated = 2;
    const pbert_status last = pbert_last_tokens(session, &ids, &count, &truncated);
    Check(last);
    for (uint32_t i = 0; last == PBERT_OK && i < count; ++i) FUZZ_CHECK(ids[i] >= 0);
  }

  void Vectors() {
    const uint32_t columns = u_.OneIn(8) ? OddNumber(u_) : 1 + u_(20), count = u_(5), capacity = u_(4);
    const bool usual = columns > 0 && columns <= 4096;
    std::vector<float> query(usual ? columns : 1);
    for (float& value : query) {
      value = u_.OneIn(20) ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(u_(9)) - 4;
    }
    std::vector<int8_t> rows((usual ? columns : 1) * (count + 1));
    for (uint32_t i = 0; i < count; ++i) {
      Check(pbert_quantize_vector(u_.OneIn(30) ? nullptr : query.data(), columns,
                                  rows.data() + (usual ? i * columns : 0)));
    }
    const std::unique_ptr<pbert_label_score[]> best(new pbert_label_score[capacity]);
    uint32_t found = 0;
    const pbert_status status = pbert_nearest(query.data(), columns, u_.OneIn(30) ? nullptr : rows.data(), count,
                                              capacity == 0 ? nullptr : best.get(), capacity, &found);
    Check(status);
    FUZZ_CHECK(found <= std::min(count, capacity));
    for (uint32_t i = 0; i < found; ++i) FUZZ_CHECK(best[i].label < count);
    if (usual) (void)pbert_similarity(query.data(), u_.OneIn(30) ? nullptr : query.data(), columns);
  }

  void AskModel() {
    pbert_model* const model = AnyModel();
    Struct<pbert_model_info> info(PBERT_MODEL_INFO, u_);
    const pbert_status status = pbert_get_model_info(model, info.get());
    Check(status);
    info.CheckOutput(status);
    const char* const label = pbert_label(model, OddNumber(u_));
    if (label != nullptr) FUZZ_CHECK(strlen(label) < 4096);
    const uint32_t head = u_(4);
    Struct<pbert_model_info> head_info(PBERT_MODEL_INFO, u_);
    const pbert_status head_status = pbert_get_head_info(model, head, head_info.get());
    Check(head_status);
    head_info.CheckOutput(head_status);
    (void)pbert_head_label(model, head, OddNumber(u_));
    (void)pbert_task_head(model, static_cast<pbert_task>(u_(9)));
    size_t size = 9;
    const char* const piece = pbert_piece(model, static_cast<int32_t>(OddNumber(u_)), u_.OneIn(8) ? nullptr : &size);
    FUZZ_CHECK(piece != nullptr);
    if (size != 9) FUZZ_CHECK(pbert_piece_id(model, piece, size) >= -1);
    FUZZ_CHECK(pbert_piece_id(model, nullptr, u_(3)) == -1);
  }

  void Tokenize() {
    Struct<pbert_input> input(Input(), u_);
    uint32_t left = 1 + u_(50);
    const auto visit = [](void* context, const pbert_token* token) {
      FUZZ_CHECK(token->piece != nullptr);
      return static_cast<int>(--*static_cast<uint32_t*>(context) == 0);
    };
    Check(pbert_tokenize(AnyModel(), u_.OneIn(30) ? nullptr : input.get(), u_.OneIn(30) ? nullptr : +visit, &left));
  }

  void FindEntities() {
    pbert_find_options initial = PBERT_FIND_OPTIONS;
    initial.kinds = u_(2) ? 0 : u_(2000);
    initial.day_first = u_(3);
    initial.has_now = u_(3);
    if (u_(2)) initial.year = static_cast<int32_t>(OddNumber(u_));
    initial.month = static_cast<int32_t>(u_(14));
    initial.day = static_cast<int32_t>(u_(33));
    initial.hour = static_cast<int32_t>(u_(25));
    Struct<pbert_find_options> options(initial, u_);
    static constexpr std::string_view kSentences[] = {
        "tomorrow at five pm or in two and a half weeks",
        "\xE2\x82\xAC 12.50, 3/4/2025 17:30 \xF0\x9F\x98\x80 +44 (0)20 7946 0958",
        "ann@example.com www.example.com/a(b) twenty second of \xFF march",
        "last friday, christmas 9999, 1000000 years ago, half past noon"};
    const std::string_view sentence = kSentences[u_(std::size(kSentences))];
    const size_t cut = u_(static_cast<uint32_t>(sentence.size()) + 1);
    const std::string text(sentence.substr(cut / 4, cut));
    struct Visit {
      size_t size;
      uint32_t left;
    } visit{text.size(), 1 + u_(8)};
    const auto receive = [](void* context, const pbert_found_entity* entity) {
      Visit& self = *static_cast<Visit*>(context);
      FUZZ_CHECK(entity->extent.begin_bytes < entity->extent.end_bytes && entity->extent.end_bytes <= self.size);
      FUZZ_CHECK(entity->extent.end_utf16 <= entity->extent.end_bytes);
      FUZZ_CHECK(strlen(entity->value) == entity->value_size);
      return static_cast<int>(--self.left == 0);
    };
    Check(pbert_find_entities(u_.OneIn(30) ? nullptr : text.data(), text.size(), u_.OneIn(30) ? nullptr : options.get(),
                              u_.OneIn(30) ? nullptr : +receive, &visit));
  }

  void Call() {
    switch (u_(14)) {
      case 0:
      case 1:
        return Open();
      case 2:
        return pbert_close(std::exchange(models_[u_(kSlots)], nullptr));
      case 3:
      case 4:
        return CreateSession();
      case 5:
        return pbert_session_destroy(std::exchange(sessions_[u_(kSlots)], nullptr));
      case 6:
        return Prepare();
      case 7:
        return AskModel();
      case 8:
        return Tokenize();
      case 9:
        return Vectors();
      case 10:
        return FindEntities();
      default:
        return Ask();
    }
  }

  Chance& u_;
  std::vector<std::unique_ptr<uint8_t[]>> memory_;
  std::array<pbert_model*, kSlots> models_ = {};
  std::array<pbert_session*, kSlots> sessions_ = {};
};

}  // namespace
}  // namespace pbert::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pbert::fuzz::Chance chance(1, {data, size});
  pbert::fuzz::Program(&chance).Run();
  return 0;
}
