// Rules of the C interface, broken one at a time: each gives its status and a message that says what to do.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "tests/tasks/session_fixture.h"

namespace pbert::test {
namespace {

int IgnoreToken(void*, const pbert_token*) { return 0; }

struct Misuse {
  const char* what;
  pbert_status status;
  const char* message;  // part of pbert_error()
  std::function<pbert_status()> call;
};

void Check(const std::vector<Misuse>& table) {
  for (const Misuse& row : table) {
    INFO(row.what);
    const pbert_status status = row.call();
    INFO(pbert_error());
    CHECK(status == row.status);
    CHECK(std::string(pbert_error()).find(row.message) != std::string::npos);
  }
}

TEST_CASE("misuse: opening") {
  const std::vector<uint8_t> bytes = TinyTextFile().Bytes();
  const Placed aligned(bytes, 0), odd(bytes, 2);
  pbert_model* model = nullptr;
  const pbert_open_options unset = {0, 0};
  FILE* regular = fopen("/proc/self/exe", "rb");
  REQUIRE(regular != nullptr);
  Check({
      {"null path", PBERT_INVALID_ARGUMENT, "pbert_open: path is null",
       [&] { return pbert_open(nullptr, nullptr, &model); }},
      {"null model", PBERT_INVALID_ARGUMENT, "pbert_open: model is null",
       [&] { return pbert_open("x", nullptr, nullptr); }},
      {"no such file", PBERT_IO, "/nowhere", [&] { return pbert_open("/nowhere", nullptr, &model); }},
      {"a folder", PBERT_IO, "", [&] { return pbert_open("/tmp", nullptr, &model); }},
      {"bad descriptor", PBERT_IO, "", [&] { return pbert_open_fd(-1, 0, 0, nullptr, &model); }},
      {"odd offset", PBERT_INVALID_ARGUMENT, "4",
       [&] { return pbert_open_fd(fileno(regular), 2, 0, nullptr, &model); }},
      {"null descriptor result", PBERT_INVALID_ARGUMENT, "model is null",
       [&] { return pbert_open_fd(0, 0, 0, nullptr, nullptr); }},
      {"null memory", PBERT_INVALID_ARGUMENT, "data is null",
       [&] { return pbert_open_memory(nullptr, 9, nullptr, &model); }},
      {"misaligned memory", PBERT_INVALID_ARGUMENT, "4",
       [&] { return pbert_open_memory(odd.data(), odd.size(), nullptr, &model); }},
      {"half a file", PBERT_BAD_FILE, "", [&] { return pbert_open_memory(aligned.data(), 500, nullptr, &model); }},
      {"empty memory", PBERT_BAD_FILE, "", [&] { return pbert_open_memory(aligned.data(), 0, nullptr, &model); }},
      {"options not initialized", PBERT_INVALID_ARGUMENT, "struct_size is 0",
       [&] { return pbert_open_memory(aligned.data(), aligned.size(), &unset, &model); }},
  });
  CHECK(model == nullptr);
  fclose(regular);
}

TEST_CASE("misuse: models") {
  OpenModel model;
  pbert_model_info info = PBERT_MODEL_INFO, unset = {};
  size_t bytes = 99;
  Check({
      {"null model", PBERT_INVALID_ARGUMENT, "model is null", [&] { return pbert_get_model_info(nullptr, &info); }},
      {"null info", PBERT_INVALID_ARGUMENT, "info is null", [&] { return pbert_get_model_info(model, nullptr); }},
      {"info not initialized", PBERT_INVALID_ARGUMENT, "pbert_model_info: struct_size is 0",
       [&] { return pbert_get_model_info(model, &unset); }},
      {"no such backend", PBERT_INVALID_ARGUMENT, "no backend 7",
       [&] { return pbert_model_memory(model, static_cast<pbert_backend>(7), &bytes); }},
      {"null bytes", PBERT_INVALID_ARGUMENT, "bytes is null",
       [&] { return pbert_model_memory(model, PBERT_AUTO, nullptr); }},
      {"null model", PBERT_INVALID_ARGUMENT, "model is null",
       [&] { return pbert_model_memory(nullptr, PBERT_AUTO, &bytes); }},
      {"null model", PBERT_INVALID_ARGUMENT, "model is null",
       [&] { return pbert_prepare(nullptr, PBERT_AUTO, nullptr, 0); }},
      {"no such backend", PBERT_INVALID_ARGUMENT, "no backend",
       [&] { return pbert_prepare(model, static_cast<pbert_backend>(-1), nullptr, 0); }},
  });
  CHECK(bytes == 99);
  CHECK(pbert_label(nullptr, 0) == nullptr);
  CHECK(pbert_label(model, 3) == nullptr);
  CHECK(pbert_label(model, UINT32_MAX) == nullptr);
  pbert_close(nullptr);
  pbert_session_destroy(nullptr);
}

TEST_CASE("misuse: sessions") {
  OpenModel model;
  pbert_session* session = nullptr;
  size_t bytes = 99;
  const auto create = [&](pbert_session_options options) { return pbert_session_create(model, &options, &session); };
  const auto options = [](uint32_t max_tokens, uint32_t threads, uint32_t backend) {
    return Options(max_tokens, threads, static_cast<pbert_backend>(backend));
  };
  std::vector<char> small(256);
  pbert_session_options with_memory = PBERT_SESSION_OPTIONS, unset = {};
  with_memory.memory = small.data();
  with_memory.memory_size = small.size();
  Check({
      {"null model", PBERT_INVALID_ARGUMENT, "model is null",
       [&] { return pbert_session_create(nullptr, nullptr, &session); }},
      {"null session", PBERT_INVALID_ARGUMENT, "session is null",
       [&] { return pbert_session_create(model, nullptr, nullptr); }},
      {"null model", PBERT_INVALID_ARGUMENT, "model is null",
       [&] { return pbert_session_memory(nullptr, nullptr, &bytes); }},
      {"null bytes", PBERT_INVALID_ARGUMENT, "bytes is null",
       [&] { return pbert_session_memory(model, nullptr, nullptr); }},
      {"options not initialized", PBERT_INVALID_ARGUMENT, "pbert_session_options: struct_size is 0",
       [&] { return create(unset); }},
      {"too many tokens", PBERT_INVALID_ARGUMENT, "max_tokens is 13, this model takes at most 12",
       [&] { return create(options(13, 1, 0)); }},
      {"too few tokens", PBERT_INVALID_ARGUMENT, "max_tokens is 1", [&] { return create(options(1, 1, 0)); }},
      {"too many threads", PBERT_INVALID_ARGUMENT, "threads", [&] { return create(options(0, 65, 0)); }},
      {"no such backend", PBERT_INVALID_ARGUMENT, "no backend 4", [&] { return create(options(0, 1, 4)); }},
      {"too little memory", PBERT_NO_MEMORY, "256 bytes", [&] { return create(with_memory); }},
      {"no such backend", PBERT_INVALID_ARGUMENT, "no backend 4",
       [&] {
         const pbert_session_options wrong = options(0, 1, 4);
         return pbert_session_memory(model, &wrong, &bytes);
       }},
  });
  CHECK(session == nullptr);
  CHECK(bytes == 99);
}

TEST_CASE("misuse: asking") {
  OpenModel model;
  pbert_session* session = NewSession(model, Options(8, 1, PBERT_AUTO));
  pbert_input input = Text("hello"), unset = {}, null_text = PBERT_INPUT, null_pair = Text("a"), too_long = Text("a"),
              tight = Text("a"), narrow_pair = Pair("a", "b");
  null_text.text_size = 1;
  null_pair.pair_size = 1;
  too_long.max_tokens = 9;
  tight.max_tokens = 1;
  narrow_pair.max_tokens = 2;
  pbert_classification result = PBERT_CLASSIFICATION, no_size = {};
  result.count = 77;
  const auto classify = [&](const pbert_input& given) { return pbert_classify(session, &given, &result); };
  Check({
      {"null session", PBERT_INVALID_ARGUMENT, "session is null",
       [&] { return pbert_classify(nullptr, &input, &result); }},
      {"null input", PBERT_INVALID_ARGUMENT, "input is null",
       [&] { return pbert_classify(session, nullptr, &result); }},
      {"null result", PBERT_INVALID_ARGUMENT, "result is null",
       [&] { return pbert_classify(session, &input, nullptr); }},
      {"result not initialized", PBERT_INVALID_ARGUMENT, "pbert_classification: struct_size is 0",
       [&] { return pbert_classify(session, &input, &no_size); }},
      {"input not initialized", PBERT_INVALID_ARGUMENT, "pbert_input: struct_size is 0",
       [&] { return classify(unset); }},
      {"null text with a size", PBERT_INVALID_ARGUMENT, "input.text is null", [&] { return classify(null_text); }},
      {"null pair with a size", PBERT_INVALID_ARGUMENT, "input.pair is null", [&] { return classify(null_pair); }},
      {"more tokens than the session's", PBERT_INVALID_ARGUMENT, "the session was made for 8",
       [&] { return classify(too_long); }},
      {"no room for the frame", PBERT_INVALID_ARGUMENT, "", [&] { return classify(tight); }},
      {"no room for the pair's frame", PBERT_INVALID_ARGUMENT, "", [&] { return classify(narrow_pair); }},
      {"null model", PBERT_INVALID_ARGUMENT, "model is null",
       [&] { return pbert_tokenize(nullptr, &input, IgnoreToken, nullptr); }},
      {"null input", PBERT_INVALID_ARGUMENT, "input is null",
       [&] { return pbert_tokenize(model, nullptr, IgnoreToken, nullptr); }},
      {"null visitor", PBERT_INVALID_ARGUMENT, "visitor is null",
       [&] { return pbert_tokenize(model, &input, nullptr, nullptr); }},
  });
  if constexpr (sizeof(size_t) > 4) {
    pbert_input endless = Text("a");
    endless.text_size = size_t{1} << 32;
    CHECK(classify(endless) == PBERT_INVALID_ARGUMENT);
  }
  CHECK(result.count == 77);
  CHECK(Ask(session, input).labels.size() == 3);  // it still works
  pbert_session_destroy(session);
}

TEST_CASE("a newer caller's structs: unknown fields at their default are fine, set ones are refused") {
  OpenModel model;
  struct {
    pbert_session_options known = PBERT_SESSION_OPTIONS;
    uint64_t unknown = 0;
  } options;
  options.known.struct_size = sizeof(options);
  struct {
    pbert_classification known = PBERT_CLASSIFICATION;
    uint64_t unknown = 5;
  } result;
  result.known.struct_size = sizeof(result);

  pbert_session* session = nullptr;
  REQUIRE(pbert_session_create(model, &options.known, &session) == PBERT_OK);
  const pbert_input input = Text("hello");
  REQUIRE(pbert_classify(session, &input, &result.known) == PBERT_OK);
  CHECK(result.known.struct_size == sizeof(result));
  CHECK(result.known.count == 3);
  CHECK(result.unknown == 0);
  pbert_session_destroy(session);

  options.unknown = 1;
  session = nullptr;
  CHECK(pbert_session_create(model, &options.known, &session) == PBERT_UNSUPPORTED);
  CHECK(session == nullptr);
  CHECK(strstr(pbert_error(), "pbert_session_options") != nullptr);
}

TEST_CASE("what a model says about itself") {
  TinyFile file = TinyTextFile();
  file.model.heads[0]->reject_threshold = 0.25f;
  OpenModel model(file);
  pbert_model_info info = PBERT_MODEL_INFO;
  REQUIRE(pbert_get_model_info(model, &info) == PBERT_OK);
  CHECK(info.struct_size == sizeof(info));
  CHECK(info.task == PBERT_TEXT_CLASSIFICATION);
  CHECK(info.problem_type == PBERT_SINGLE_LABEL);
  CHECK(info.label_count == 3);
  CHECK(info.max_tokens == TinyFile::kPositions);
  CHECK(info.vocabulary_size == 20);
  CHECK(info.hidden_size == TinyFile::kHidden);
  CHECK(info.layer_count == 1);
  CHECK(info.reject_threshold == 0.25f);
  CHECK(info.null_threshold == 0);
  file.model.heads[0]->null_threshold = -0.5f;
  OpenModel with_threshold(file);
  REQUIRE(pbert_get_model_info(with_threshold, &info) == PBERT_OK);
  CHECK(info.null_threshold == -0.5f);
  CHECK(std::string(pbert_label(model, 0)) == "greet");
  CHECK(std::string(pbert_label(model, 2)) == "bye \xC3\xA9");
}

TEST_CASE("each thread has its own last error, which stays until the next one") {
  pbert_model* model = nullptr;
  REQUIRE(pbert_open("/nowhere/one", nullptr, &model) == PBERT_IO);
  std::thread([&] {
    CHECK(std::string(pbert_error()).empty());
    CHECK(pbert_open(nullptr, nullptr, &model) == PBERT_INVALID_ARGUMENT);
    CHECK(std::string(pbert_error()).find("path is null") != std::string::npos);
  }).join();
  OpenModel works;
  CHECK(std::string(pbert_error()).find("/nowhere/one") != std::string::npos);
}

TEST_CASE("a message that had to be cut still is UTF-8") {
  for (size_t size = 200; size < 260; ++size) {
    CAPTURE(size);
    std::string path = "/nowhere/" + std::string(size % 4, 'x');
    while (path.size() < size) path += "\xF0\x9F\x98\x80";
    pbert_model* model = nullptr;
    REQUIRE(pbert_open(path.c_str(), nullptr, &model) == PBERT_IO);
    const std::string message = pbert_error();
    const size_t start = message.rfind('\xF0');
    REQUIRE(start != std::string::npos);
    CHECK((message.size() - start >= 4));
  }
}

}  // namespace
}  // namespace pbert::test
