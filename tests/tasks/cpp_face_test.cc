#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <type_traits>

#include "pocketbert/pocketbert.hpp"
#include "tests/tasks/session_fixture.h"
#include "tests/tasks/task_fixture.h"

namespace pbert::test {
namespace {

static_assert(!std::is_copy_constructible_v<pocketbert::Model> &&
              std::is_nothrow_move_constructible_v<pocketbert::Model>);
static_assert(!std::is_copy_constructible_v<pocketbert::Session> &&
              std::is_nothrow_move_constructible_v<pocketbert::Session>);

struct Opened {
  Placed bytes{TinyTextFile().Bytes(), 0};
  pocketbert::Result<pocketbert::Model> model =
      pocketbert::Model::FromMemory(std::as_bytes(std::span(bytes.data(), bytes.size())), true);
};

TEST_CASE("open, ask, read") {
  Opened opened;
  REQUIRE(opened.model);
  CHECK(opened.model->info().label_count == 3);
  CHECK(std::string(opened.model->label(0)) == "greet");

  auto session = opened.model->NewSession({.max_tokens = 8});
  REQUIRE(session);
  const std::string text = "hello world";
  auto answer = session->Classify(text);
  REQUIRE(answer);
  REQUIRE(answer->labels().size() == 3);
  CHECK(answer->logits().size() == 3);
  CHECK(answer->score() == answer->labels()[0].score);
  CHECK(std::string(answer->label()) == opened.model->label(answer->labels()[0].label));
  CHECK(std::string(answer->label(3)).empty());
  CHECK(answer->score(3) == 0.0f);
  CHECK(!answer->truncated());
  CHECK(answer->token_ids().size() == 4);

  CHECK(session->Classify("a b c a b c a")->truncated());
  CHECK(session->Classify({"a", "b"})->token_ids().size() == 5);
  CHECK(session->Classify({"a", std::string_view()})->token_ids().size() == 4);
  CHECK(session->Classify(std::string_view())->token_ids().size() == 2);
  pocketbert::Input limited("a b c");
  limited.max_tokens = 3;
  CHECK(session->Classify(limited)->token_ids().size() == 3);
}

TEST_CASE("tasks of another model are errors that name it") {
  Opened opened;
  auto session = opened.model->NewSession({.max_tokens = 8});
  REQUIRE(session);
  pbert_answer_span spans[1];
  pbert_fill fills[1];
  const auto tags = session->Tag("a b");
  const auto answers = session->Answer("a", "b", spans);
  const auto filled = session->FillMask("a b", fills);
  for (const pocketbert::Error& error : {tags.error(), answers.error(), filled.error()}) {
    CHECK(error.status != PBERT_OK);
    CAPTURE(error.message);
    CHECK(std::string(error.message).find("TextClassification") != std::string::npos);
  }
  CHECK(opened.model->piece(-1).empty());
  CHECK(opened.model->piece(0).size() > 0);
}

// What would break it: a length that counts what there is instead of what fits.
TEST_CASE("more fills and answers than the caller's array holds") {
  {
    TinyFile file = TinyTextFile();
    SetHead(&file, schema::Task::FillMask, schema::RowChoice::Listed, 20);
    const Placed bytes(file.Bytes(), 0);
    auto model = pocketbert::Model::FromMemory(std::as_bytes(std::span(bytes.data(), bytes.size())));
    REQUIRE(model);
    auto session = model->NewSession();
    REQUIRE(session);
    pbert_fill fills[5];
    const auto filled = session->FillMask("[MASK] a [MASK] b [MASK]", fills, 5);
    REQUIRE(filled);
    CHECK(filled->size() == 5);
  }
  TinyFile file = TinyTextFile();
  SetHead(&file, schema::Task::QuestionAnswering, schema::RowChoice::All, 2);
  const Placed bytes(file.Bytes(), 0);
  auto model = pocketbert::Model::FromMemory(std::as_bytes(std::span(bytes.data(), bytes.size())));
  REQUIRE(model);
  auto session = model->NewSession();
  REQUIRE(session);
  pbert_answer_span none[1];
  const auto answers = session->Answer("a", "a b c", {none, 1});
  REQUIRE(answers);
  CHECK(answers->size() <= 1);
}

TEST_CASE("several texts go to a function, until it has enough") {
  Opened opened;
  auto session = opened.model->NewSession();
  REQUIRE(session);
  const std::vector<std::string> texts = {"hello world", "a", "sing"};
  std::vector<pbert_input> inputs;
  for (const std::string& text : texts) inputs.push_back(pocketbert::Input(text).c());
  std::vector<std::string> labels;
  REQUIRE(session->ClassifyBatch(inputs, [&](uint32_t index, const pocketbert::Classification& answer) {
    CHECK(index == labels.size());
    labels.emplace_back(answer.label());
    return labels.size() < 2;
  }));
  REQUIRE(labels.size() == 2);
  for (size_t i = 0; i < 2; ++i) CHECK(labels[i] == session->Classify(texts[i])->label());
  const auto none = session->EmbedBatch(inputs, [](uint32_t, const pocketbert::Embedding&) { return true; });
  CHECK(none.error().status == PBERT_UNSUPPORTED);

  TinyFile file = TinyTextFile();
  SetHead(&file, schema::Task::FeatureExtraction, schema::RowChoice::All, 0);
  const Placed bytes(file.Bytes(), 0);
  auto model = pocketbert::Model::FromMemory(std::as_bytes(std::span(bytes.data(), bytes.size())));
  REQUIRE(model);
  auto embeds = model->NewSession();
  REQUIRE(embeds);
  std::vector<float> firsts;
  REQUIRE(embeds->EmbedBatch(
      inputs,
      [&](uint32_t, const pocketbert::Embedding& embedding) {
        firsts.push_back(embedding.row()[0]);
        return true;
      },
      PBERT_POOL_CLS, true));
  REQUIRE(firsts.size() == texts.size());
  for (size_t i = 0; i < texts.size(); ++i) CHECK(firsts[i] == embeds->Embed(texts[i], PBERT_POOL_CLS, true)->row()[0]);
}

TEST_CASE("the caller's memory") {
  Opened opened;
  REQUIRE(opened.model->MemoryNeeded(PBERT_REFERENCE));
  const auto needed = opened.model->SessionMemoryNeeded({.max_tokens = 6});
  REQUIRE(needed);
  std::vector<std::byte> memory(*needed);
  auto session = opened.model->NewSession({.max_tokens = 6, .memory = memory});
  REQUIRE(session);
  CHECK(session->Classify("a"));
  memory.pop_back();
  auto refused = opened.model->NewSession({.max_tokens = 6, .memory = memory});
  REQUIRE(!refused);
  CHECK(refused.error().status == PBERT_NO_MEMORY);
}

TEST_CASE("errors are copies") {
  const auto missing = pocketbert::Model::Open("/nowhere/one.pbert");
  REQUIRE(!missing);
  (void)pocketbert::Model::Open("/nowhere/two.pbert");
  CHECK(missing.error().status == PBERT_IO);
  CHECK(std::string(missing.error().message).find("one.pbert") != std::string::npos);
}

TEST_CASE("handles move, and a moved-from one is an error, not a crash") {
  Opened opened;
  pocketbert::Model model = *std::move(opened.model);
  auto made = model.NewSession();
  REQUIRE(made);
  pocketbert::Session session = *std::move(made);
  CHECK(session.Classify("hello"));
  CHECK(made->Classify("hello").error().status == PBERT_INVALID_ARGUMENT);
  CHECK(opened.model->NewSession().error().status == PBERT_INVALID_ARGUMENT);
  {
    pocketbert::Model gone = std::move(model);
  }
  CHECK(std::string(session.Classify("hello")->label()).size() > 0);  // a session keeps what it needs
}

TEST_CASE("tokens go to a function") {
  Opened opened;
  std::string pieces;
  const auto done = opened.model->Tokenize("Hello singing", [&](const pbert_token& token) {
    pieces += std::string(token.piece, token.piece_size) + " ";
    return true;
  });
  CHECK(done);
  CHECK(pieces == "[CLS] hello sing ##ing [SEP] ");
  int calls = 0;
  CHECK(opened.model->Tokenize({"a", "b"}, [&](const pbert_token&) { return ++calls < 2; }));
  CHECK(calls == 2);
}

TEST_CASE("texts from tokens, and vectors") {
  Opened opened;
  char buffer[32];
  const int32_t ids[] = {kClsPiece, kHello, kSing, kEndingIng, kSepPiece};
  CHECK(*opened.model->Decode(ids, buffer) == "hello singing");
  const int32_t long_word[] = {kHello};
  CHECK(*opened.model->Decode(long_word, pocketbert::Span<char>(buffer, 3)) == "hel");

  const float x[] = {3, 4}, y[] = {4, 3}, nothing[] = {0, 0};
  CHECK(pocketbert::Similarity(x, y) == doctest::Approx(24.0 / 25));
  CHECK(pocketbert::Similarity(x, nothing) == 0.0f);
  int8_t vectors[6];
  REQUIRE(pbert_quantize_vector(nothing, 2, vectors) == PBERT_OK);
  REQUIRE(pbert_quantize_vector(y, 2, vectors + 2) == PBERT_OK);
  REQUIRE(pbert_quantize_vector(x, 2, vectors + 4) == PBERT_OK);
  CHECK(vectors[4] == 95);  // 127 * 3 / 4
  CHECK(vectors[5] == 127);
  pbert_label_score best[5];
  const auto near = pocketbert::Nearest(x, vectors, best);
  REQUIRE(near);
  REQUIRE(near->size() == 3);
  CHECK((*near)[0].label == 2);
  CHECK((*near)[0].score == doctest::Approx(1).epsilon(1e-4));
  CHECK((*near)[1].label == 1);
  CHECK((*near)[1].score == doctest::Approx(24.0 / 25).epsilon(1e-3));
  CHECK((*near)[2].score == 0.0f);
  // Ties in order, however many are asked for.
  int8_t alike[20];
  for (int i = 0; i < 10; ++i) std::copy_n(vectors + (i % 3 == 0 ? 4 : 2), 2, alike + 2 * i);
  for (size_t most = 1; most <= 5; ++most) {
    const auto some = pocketbert::Nearest(x, alike, pocketbert::Span<pbert_label_score>(best, most));
    constexpr uint32_t kExpected[] = {0, 3, 6, 9, 1};
    REQUIRE(some->size() == most);
    for (size_t i = 0; i < most; ++i) CHECK((*some)[i].label == kExpected[i]);
  }
  const float infinite[] = {INFINITY, 1};
  CHECK(pocketbert::Similarity(x, infinite) == 0.0f);
}

}  // namespace
}  // namespace pbert::test
