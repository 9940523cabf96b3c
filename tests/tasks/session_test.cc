// What a session does with odd texts, exact memory, and company.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>

#include "base/arena.h"
#include "support/in_child.h"
#include "tests/tasks/session_fixture.h"

namespace pbert::test {
namespace {

constexpr pbert_backend kBackends[] = {PBERT_AUTO, PBERT_XNNPACK, PBERT_REFERENCE};

// Filled with a pattern around a block of exactly `size` bytes at `offset` from a cache line.
class Fenced {
 public:
  Fenced(size_t offset, size_t size) : offset_(offset), size_(size), bytes_(offset + size + 192, kPattern) {
    const size_t skip =
        RoundUp(reinterpret_cast<uintptr_t>(bytes_.data()), 64) - reinterpret_cast<uintptr_t>(bytes_.data());
    offset_ += skip;
  }
  uint8_t* data() { return bytes_.data() + offset_; }
  bool Intact() const {
    const auto is_pattern = [](uint8_t byte) { return byte == kPattern; };
    const auto begin = bytes_.begin() + static_cast<ptrdiff_t>(offset_);
    return std::all_of(bytes_.begin(), begin, is_pattern) &&
           std::all_of(begin + static_cast<ptrdiff_t>(size_), bytes_.end(), is_pattern);
  }

 private:
  static constexpr uint8_t kPattern = 0xA5;
  size_t offset_, size_;
  std::vector<uint8_t> bytes_;
};

TEST_CASE("exactly the reported bytes make a session, at any address; one less fails cleanly") {
  OpenModel model;
  for (const pbert_backend backend : kBackends) {
    for (const uint32_t threads : {1u, 2u, 3u}) {
      pbert_session_options options = Options(9, threads, backend);
      size_t needed = 0;
      REQUIRE(pbert_session_memory(model, &options, &needed) == PBERT_OK);
      for (size_t offset = 0; offset < 64; offset += threads == 1 ? 1 : 21) {
        INFO("backend ", static_cast<int>(backend), ", threads ", threads, ", offset ", offset, ", needed ", needed);
        Fenced memory(offset, needed);
        options.memory = memory.data();
        options.memory_size = needed;
        pbert_session* session = NewSession(model, options);
        CHECK(Ask(session, Text("hello world, singing er a b c a b c")).truncated);
        CHECK(Ask(session, Text("a")).ids.size() == 3);
        pbert_session_destroy(session);
        CHECK(memory.Intact());

        session = nullptr;
        options.memory_size = needed - 1;
        CHECK(pbert_session_create(model, &options, &session) == PBERT_NO_MEMORY);
        CHECK(session == nullptr);
        CHECK(std::string(pbert_error()).find(std::to_string(needed)) != std::string::npos);
      }
    }
  }
}

TEST_CASE("a session's size grows with its length, and asking for it packs nothing") {
  OpenModel model;
  const auto needed = [&](uint32_t max_tokens) {
    const pbert_session_options options = Options(max_tokens, 1, PBERT_AUTO);
    size_t bytes = 0;
    REQUIRE(pbert_session_memory(model, &options, &bytes) == PBERT_OK);
    return bytes;
  };
  CHECK(needed(4) <= needed(8));
  CHECK(needed(8) <= needed(12));
  CHECK(needed(0) == needed(12));

  // Giving memory would be an error had anything been packed.
  size_t bytes = 0;
  REQUIRE(pbert_model_memory(model, PBERT_AUTO, &bytes) == PBERT_OK);
  std::vector<uint8_t> memory(bytes + 1);
  if (bytes > 0) CHECK(pbert_prepare(model, PBERT_AUTO, memory.data(), bytes - 1) == PBERT_NO_MEMORY);
  CHECK(pbert_prepare(model, PBERT_AUTO, memory.data(), bytes) == PBERT_OK);
}

TEST_CASE("packed weights in the caller's memory: exactly the reported bytes, at any address, and only once") {
  Answer expected;
  {
    OpenModel model;
    pbert_session* session = NewSession(model, Options(0, 1, PBERT_XNNPACK));
    expected = Ask(session, Text("hello world"));
    pbert_session_destroy(session);
  }
  for (size_t offset = 0; offset < 64; offset += 7) {
    CAPTURE(offset);
    OpenModel model;
    size_t needed = 0;
    REQUIRE(pbert_model_memory(model, PBERT_XNNPACK, &needed) == PBERT_OK);
    Fenced memory(offset, needed);
    REQUIRE(pbert_prepare(model, PBERT_XNNPACK, memory.data(), needed) == PBERT_OK);
    CHECK(pbert_prepare(model, PBERT_XNNPACK, memory.data(), needed) == PBERT_INVALID_ARGUMENT);
    CHECK(pbert_prepare(model, PBERT_XNNPACK, nullptr, 0) == PBERT_OK);
    pbert_session* session = NewSession(model, Options(0, 1, PBERT_XNNPACK));
    CHECK(Ask(session, Text("hello world")) == expected);
    pbert_session_destroy(session);
    CHECK(memory.Intact());
  }
}

// What AUTO stands for on this machine is exactly one of the others, and prepared with it.
TEST_CASE("auto shares its copy with the backend that it stands for") {
  OpenModel model;
  REQUIRE(pbert_prepare(model, PBERT_AUTO, nullptr, 0) == PBERT_OK);
  int shared = 0;
  for (const pbert_backend backend : {PBERT_XNNPACK, PBERT_NATIVE, PBERT_REFERENCE}) {
    size_t needed = 0;
    if (pbert_model_memory(model, backend, &needed) == PBERT_UNSUPPORTED) continue;
    std::vector<uint8_t> memory(needed + 1);
    OpenModel fresh;
    CHECK(pbert_prepare(fresh, backend, memory.data(), needed) == PBERT_OK);
    shared += pbert_prepare(model, backend, memory.data(), needed) == PBERT_INVALID_ARGUMENT;
  }
  CHECK(shared == 1);
}

TEST_CASE("truncation is flagged, and is by the session's or the input's limit") {
  OpenModel model;
  pbert_session* session = NewSession(model, Options(8, 1, PBERT_AUTO));
  const Answer fits = Ask(session, Text("a b c a b c"));
  CHECK(fits.ids.size() == 8);
  CHECK(!fits.truncated);
  const Answer cut = Ask(session, Text("a b c a b c a"));
  CHECK(cut.truncated);
  CHECK(cut.ids == fits.ids);
  CHECK(cut.logits == fits.logits);
  pbert_input limited = Text("a b c");
  limited.max_tokens = 4;
  const Answer shorter = Ask(session, limited);
  CHECK(shorter.truncated);
  CHECK(shorter.ids == std::vector<int32_t>{2, 5, 6, 3});
  pbert_session_destroy(session);
}

// The reference's zero-shot pipeline: TruncationStrategy.ONLY_FIRST, and none at all where that is "too short".
TEST_CASE("of a pair the text alone is cut where that is asked for, or nothing") {
  OpenModel model;
  pbert_session* session = NewSession(model, PBERT_SESSION_OPTIONS);
  const auto ask = [&](std::string_view text, std::string_view pair, uint32_t max_tokens) {
    pbert_input input = Pair(text, pair);
    input.max_tokens = max_tokens;
    input.truncation = PBERT_ONLY_FIRST;
    return Ask(session, input);
  };
  const Answer cut = ask("a b c", "a b c", 7);
  CHECK(cut.truncated);
  CHECK(cut.ids == std::vector<int32_t>{2, 5, 3, 5, 6, 7, 3});
  const Answer whole = ask("a b c", "a b c", 6);  // not a token of the text would be left
  CHECK(!whole.truncated);
  CHECK(whole.ids == std::vector<int32_t>{2, 5, 6, 7, 3, 5, 6, 7, 3});
  // What does not fit into the model is cut in any case: 12 tokens.
  CHECK(ask("a", "a b c a b c a b c a b c", 6).ids.size() == 12);
  CHECK(ask("a b c a b c a b c a b c", "a b c a b c a b c a b c", 6).truncated);
  pbert_session_destroy(session);
}

TEST_CASE("odd texts have normal answers") {
  OpenModel model;
  pbert_session* session = NewSession(model, PBERT_SESSION_OPTIONS);
  const std::vector<int32_t> empty = {2, 3};
  pbert_input null_text = PBERT_INPUT;
  CHECK(Ask(session, Text("")).ids == empty);
  CHECK(Ask(session, null_text).ids == empty);
  CHECK(Ask(session, Text("  \t\n ")).ids == empty);
  CHECK(Ask(session, Text(std::string_view("\0\0", 2))).ids == empty);
  // Bytes that are not UTF-8 are U+FFFD, which the reference's cleaning removes.
  CHECK(Ask(session, Text("\xFF\xC3\xE2\x82")).ids == empty);
  CHECK(Ask(session, Text("hello \xF0\x9F\x98\x80")).ids == std::vector<int32_t>{2, 16, 1, 3});
  CHECK(Ask(session, Text("HELLO singing.")).ids == std::vector<int32_t>{2, 16, 13, 12, 18, 3});
  for (const Answer& answer : {Ask(session, Text("")), Ask(session, Text("zzz"))}) {
    float sum = 0.0f;
    for (const float score : answer.scores) sum += score;
    CHECK(sum == doctest::Approx(1.0f));
    CHECK(std::is_sorted(answer.scores.rbegin(), answer.scores.rend()));
  }
  pbert_session_destroy(session);
}

TEST_CASE("pairs") {
  OpenModel model;
  pbert_session* session = NewSession(model, PBERT_SESSION_OPTIONS);
  CHECK(Ask(session, Pair("a", "b")).ids == std::vector<int32_t>{2, 5, 3, 6, 3});
  CHECK(Ask(session, Pair("", "")).ids == std::vector<int32_t>{2, 3, 3});
  CHECK(Ask(session, Pair("a", "")).ids == std::vector<int32_t>{2, 5, 3, 3});
  CHECK(Ask(session, Text("a")).ids == std::vector<int32_t>{2, 5, 3});
  // 12 tokens, 3 of them special: the longer text gives first.
  const Answer cut = Ask(session, Pair("a a a a a a a a", "b b"));
  CHECK(cut.truncated);
  CHECK(cut.ids == std::vector<int32_t>{2, 5, 5, 5, 5, 5, 5, 5, 3, 6, 6, 3});
  pbert_session_destroy(session);
}

TEST_CASE("a megabyte of text is read and truncated") {
  OpenModel model;
  pbert_session* session = NewSession(model, PBERT_SESSION_OPTIONS);
  std::string text;
  while (text.size() < 1000000) text += "hello world, ";
  const std::string word(1000000, 'a');
  CHECK(Ask(session, Text(text)).ids.size() == 12);
  CHECK(Ask(session, Pair(text, text)).ids.size() == 12);
  CHECK(Ask(session, Text(word)).ids == std::vector<int32_t>{2, 1, 3});
  pbert_session_destroy(session);
}

TEST_CASE("results stay until the session's next call, whatever other sessions do") {
  OpenModel model;
  pbert_session* one = NewSession(model, PBERT_SESSION_OPTIONS);
  pbert_session* two = NewSession(model, PBERT_SESSION_OPTIONS);
  const pbert_input input = Text("hello world"), other = Text("the singer");
  pbert_classification result = PBERT_CLASSIFICATION;
  REQUIRE(pbert_classify(one, &input, &result) == PBERT_OK);
  const std::vector<float> logits(result.logits, result.logits + result.count);
  (void)Ask(two, other);
  pbert_session_destroy(two);
  CHECK(std::equal(logits.begin(), logits.end(), result.logits));
  CHECK(result.token_ids[1] == 16);
  pbert_session_destroy(one);
}

TEST_CASE("a score below the reject threshold is rejected, one at it is not") {
  TinyFile file = TinyTextFile();
  float top = 0.0f;
  {
    OpenModel model(file);
    pbert_session* session = NewSession(model, PBERT_SESSION_OPTIONS);
    const Answer answer = Ask(session, Text("hello"));
    CHECK(!answer.rejected);  // no threshold in the file
    top = answer.scores[0];
    pbert_session_destroy(session);
  }
  for (const bool above : {false, true}) {
    file.model.heads[0]->reject_threshold = above ? std::nextafter(top, 2.0f) : top;
    OpenModel model(file);
    pbert_session* session = NewSession(model, PBERT_SESSION_OPTIONS);
    CHECK(Ask(session, Text("hello")).rejected == above);
    pbert_session_destroy(session);
  }
}

TEST_CASE("problem types") {
  TinyFile file = TinyTextFile();
  const auto answer = [&](schema::ProblemType type) {
    file.model.heads[0]->problem_type = type;
    OpenModel model(file);
    pbert_session* session = NewSession(model, PBERT_SESSION_OPTIONS);
    Answer found = Ask(session, Text("hello"));
    pbert_session_destroy(session);
    return found;
  };
  const Answer single = answer(schema::ProblemType::SingleLabel), multi = answer(schema::ProblemType::MultiLabel),
               regression = answer(schema::ProblemType::Regression);
  CHECK(single.logits == multi.logits);
  CHECK(single.labels == multi.labels);
  for (size_t i = 0; i < 3; ++i) {
    const float logit = multi.logits[multi.labels[i]];
    CHECK(multi.scores[i] == doctest::Approx(1.0f / (1.0f + std::exp(-logit))));
    CHECK(regression.scores[i] == logit);
  }
}

TEST_CASE("all backends and thread counts agree") {
  for (const schema::TensorType type : {schema::TensorType::I8, schema::TensorType::F32}) {
    OpenModel model(TinyTextFile(type));
    const float tolerance = type == schema::TensorType::F32 ? 1e-4f : 5e-2f;
    for (const char* text : {"", "a", "hello world", "the singer, singing. a b c a b"}) {
      pbert_session* reference = NewSession(model, Options(0, 1, PBERT_REFERENCE));
      const Answer expected = Ask(reference, Text(text));
      pbert_session_destroy(reference);
      for (const pbert_backend backend : kBackends) {
        for (const uint32_t threads : {1u, 2u, 4u}) {
          INFO(text, ", backend ", static_cast<int>(backend), ", threads ", threads);
          pbert_session* session = NewSession(model, Options(0, threads, backend));
          const Answer answer = Ask(session, Text(text));
          CHECK(answer.labels[0] == expected.labels[0]);
          for (size_t i = 0; i < 3; ++i) CHECK(std::fabs(answer.logits[i] - expected.logits[i]) < tolerance);
          pbert_session_destroy(session);
        }
      }
    }
  }
}

TEST_CASE("a model may be closed before its sessions") {
  OpenModel model;
  pbert_session* one = NewSession(model, PBERT_SESSION_OPTIONS);
  pbert_session* two = NewSession(model, Options(0, 2, PBERT_REFERENCE));
  pbert_close(model.Release());
  const Answer answer = Ask(one, Text("hello"));
  pbert_session_destroy(one);
  CHECK(Ask(two, Text("hello")).ids == answer.ids);
  pbert_session_destroy(two);
}

// Run under the thread sanitizer by hand; here it finds wrong answers only.
TEST_CASE("sessions in several threads at once, the weights packed by whoever comes first") {
  const char* const texts[] = {"hello world", "a", "the singer, singing.", "", "b c b c b c b c b c"};
  for (int round = 0; round < 10; ++round) {
    OpenModel model;
    std::vector<std::vector<Answer>> answers(4);
    std::vector<std::thread> threads;
    for (size_t t = 0; t < answers.size(); ++t) {
      threads.emplace_back([&, t] {
        const pbert_session_options options = Options(0, t == 3 ? 2 : 1, t % 2 == 0 ? PBERT_AUTO : PBERT_XNNPACK);
        size_t bytes = 0;
        pbert_session* session = nullptr;
        if (pbert_session_memory(model, &options, &bytes) != PBERT_OK) return;
        if (pbert_session_create(model, &options, &session) != PBERT_OK) return;
        for (int i = 0; i < 20; ++i) {
          for (const char* text : texts) answers[t].push_back(Ask(session, Text(text)));
        }
        pbert_session_destroy(session);
      });
    }
    for (std::thread& thread : threads) thread.join();
    // Those of one backend agree in every bit. PBERT_AUTO may be another backend than PBERT_XNNPACK.
    for (size_t t = 0; t < answers.size(); ++t) {
      const std::vector<Answer>&first = answers[t % 2], &others = answers[t];
      REQUIRE(others.size() == 100);
      REQUIRE(first.size() == 100);
      for (size_t i = 0; i < others.size(); ++i) CHECK(others[i] == first[i]);
    }
  }
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PBERT_NO_THREADS_AFTER_FORK 1  // ThreadSanitizer refuses them
#endif
#endif

#ifndef PBERT_NO_THREADS_AFTER_FORK
TEST_CASE("after fork() a session of several threads says so instead of waiting for them, and a new one answers") {
  OpenModel model;
  for (const pbert_backend backend : kBackends) {
    for (const uint32_t threads : {1u, 3u}) {
      CAPTURE(backend);
      CAPTURE(threads);
      const pbert_session_options options = Options(0, threads, backend);
      pbert_session* session = NewSession(model, options);
      const Answer expected = Ask(session, Text("hello world"));
      const int outcome = InChild([&] {
        const pbert_input input = Text("hello world");
        pbert_classification result = PBERT_CLASSIFICATION;
        const pbert_status status = pbert_classify(session, &input, &result);
        if (threads > 1) {
          const std::string message = pbert_error();
          if (status != PBERT_UNSUPPORTED || message.find("before fork()") == std::string::npos) return 1;
          pbert_session_destroy(session);
          if (pbert_session_create(model, &options, &session) != PBERT_OK) return 2;
          if (pbert_classify(session, &input, &result) != PBERT_OK) return 3;
        } else if (status != PBERT_OK) {
          return 4;
        }
        const bool same = std::equal(expected.logits.begin(), expected.logits.end(), result.logits);
        pbert_session_destroy(session);
        return same ? 0 : 5;
      });
      CHECK(outcome == 0);
      CHECK(Ask(session, Text("hello world")) == expected);
      pbert_session_destroy(session);
    }
  }
}
#endif

}  // namespace
}  // namespace pbert::test
