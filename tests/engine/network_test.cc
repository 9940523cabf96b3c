// The engine's answers: against plain arithmetic in double precision, and against themselves with other backends,
// numbers of threads and selections of rows.
//
// Tolerances. In fp32 only the order of sums differs: 1e-4, on values of about 1. In int8 a value that lies near the
// middle between two steps may be rounded the other way after such a difference, which moves a product by one step of
// one input: 5e-2 at the worst.
#include "engine/network.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/engine/expected_network.h"
#include "tests/engine/network_file.h"
#include "tests/engine/test_network.h"

namespace pbert::test {
namespace {

using schema::TensorType;

// Float weights where the engine's buffers depend on them: FFN2 in one layer and not in the other, attention, the
// heads.
TensorType Mixed(const std::string& name) {
  for (const char* part :
       {"layer.0.ffn_out", "layer.1.attention_output", "layer.1.ffn_in", "embeddings.position", "head.steps.2"}) {
    if (name.starts_with(part)) return TensorType::F32;
  }
  return TensorType::I8;
}

struct NamedShape {
  std::string name;
  NetworkShape shape;
};

// Widths that are multiples of nothing, and everything in which the relatives of DistilBERT differ.
std::vector<NamedShape> Shapes() {
  return {
      {"smallest", {.hidden = 1, .heads = 1, .ffn = 1, .layers = 1, .tokens = 4}},
      {"24", {.hidden = 24, .heads = 3, .ffn = 50}},
      {"66, ReLU", {.hidden = 66, .heads = 6, .ffn = 131, .activation = schema::Activation::Relu}},
      {"70, tanh GELU, types",
       {.hidden = 70, .heads = 2, .ffn = 65, .types = 2, .activation = schema::Activation::GeluTanh}},
      {"312 as TinyBERT", {.hidden = 312, .heads = 12, .ffn = 601, .layers = 1, .types = 2}},
      {"one head, offset 2 as RoBERTa", {.hidden = 40, .heads = 1, .ffn = 33, .types = 1, .position_offset = 2}},
      {"padding that takes no place, as RoBERTa's",
       {.hidden = 24, .heads = 2, .ffn = 33, .types = 1, .position_offset = 2, .uncounted_id = 1}},
      {"shared layers and a projection as ALBERT",
       {.hidden = 48, .heads = 4, .ffn = 90, .embedding = 29, .types = 3, .order = {1, 0, 0, 1}}},
      {"wider embeddings than layers", {.hidden = 24, .heads = 2, .ffn = 40, .embedding = 130}},
  };
}

// An input, and what plain arithmetic answers.
struct Question {
  std::vector<int32_t> ids;
  std::vector<uint8_t> types;
  std::vector<uint32_t> listed;  // the rows for the head that reads listed ones
  std::vector<Matrix> states, attention;
  std::vector<Matrix> heads;
};

std::vector<Question> Questions(const Model& model) {
  const uint32_t most = model.max_tokens();
  const uint32_t types = model.tensor(model.encoder().embeddings()->token_type()).rows;
  std::vector<Question> questions;
  for (const uint32_t tokens : {1u, 2u, most - 1, most}) {
    Question question;
    question.ids = SomeIds(tokens, tokens);
    // A model without types does not look at them.
    for (uint32_t i = 0; i < tokens; ++i)
      question.types.push_back(static_cast<uint8_t>(types == 0 ? 7 : i * types / tokens));
    if (tokens > 2) question.listed.push_back(1);
    question.listed.push_back(tokens - 1);
    question.states = ExpectedHidden(model, question.ids, question.types, &question.attention);
    const Matrix& all = question.states.back();
    for (uint32_t head = 0; head < model.head_count(); ++head) {
      const schema::RowChoice choice = model.head(head).rows();
      const uint32_t first[] = {0};
      const Matrix rows = choice == schema::RowChoice::All      ? all
                          : choice == schema::RowChoice::Listed ? Rows(all, question.listed)
                                                                : Rows(all, first);
      question.heads.push_back(ExpectedHead(model, head, rows));
    }
    questions.push_back(std::move(question));
  }
  return questions;
}

// All differences of a model's answers from the expected ones. In int8 some rows have a value that was rounded the
// other way and most have none: the worst tells of nonsense, the median of a mistake that is small and everywhere.
class Differences {
 public:
  explicit Differences(bool exact) : exact_(exact) {}

  void Add(const Matrix& actual, const Matrix& expected) {
    CHECK(WorstDifference(actual, expected) < (exact_ ? 1e-4 : 5e-2));
    if (actual.values.size() != expected.values.size()) return;
    for (size_t i = 0; i < actual.values.size(); ++i) all_.push_back(std::fabs(actual.values[i] - expected.values[i]));
  }

  void CheckMedian() {
    std::nth_element(all_.begin(), all_.begin() + static_cast<ptrdiff_t>(all_.size() / 2), all_.end());
    CHECK(all_[all_.size() / 2] < 1e-5);
  }

 private:
  bool exact_;
  std::vector<double> all_;
};

struct Seen {
  std::vector<Matrix> states, attention;
};

void See(void* context, TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t columns) {
  Seen& seen = *static_cast<Seen*>(context);
  const bool inside = point == TapPoint::kAttention;
  std::vector<Matrix>& states = inside ? seen.attention : seen.states;
  if ((point == TapPoint::kEmbeddings) != (layer == 0 && !inside)) return;  // found missing by the caller
  if (layer != states.size() + (inside ? 1 : 0)) return;
  states.emplace_back(rows, columns);
  std::copy_n(hidden, rows * columns, states.back().values.begin());
}

// Every hidden state, and each head on the rows it reads, from every backend, alone and with others.
void CheckAnswers(const NetworkShape& shape, bool exact) {
  const OpenNetworkFile file(shape);
  const Model& model = file.model();
  const std::vector<Question> questions = Questions(model);
  for (const BackendKind backend : kBackends) {
    CAPTURE(static_cast<int>(backend));
    const auto prepared = Prepare(model, backend);
    Differences differences(exact);
    for (const uint32_t threads : {1u, 3u}) {
      CAPTURE(threads);
      for (uint32_t head = 0; head < model.head_count(); ++head) {
        CAPTURE(head);
        TestNetwork network(*prepared, {.max_tokens = model.max_tokens(), .threads = threads, .heads = 1u << head});
        for (const Question& question : questions) {
          CAPTURE(question.ids.size());
          network.Encode(question.ids, {model.head(head).rows(), question.listed}, question.types);
          differences.Add(network.Head(), question.heads[head]);
          if (head != kFeatures) continue;
          Seen seen;
          const HiddenStateTap tap = {See, &seen};
          REQUIRE(network->Encode({question.ids, question.types}, kAllRows, &tap).ok());
          REQUIRE(seen.states.size() == question.states.size());
          REQUIRE(seen.attention.size() == question.attention.size());
          for (size_t i = 0; i < seen.states.size(); ++i) differences.Add(seen.states[i], question.states[i]);
          for (size_t i = 0; i < seen.attention.size(); ++i) differences.Add(seen.attention[i], question.attention[i]);
          CHECK(WorstDifference(network.Hidden(), seen.states.back()) == 0);
        }
      }
    }
    differences.CheckMedian();
  }
}

TEST_CASE("network: answers of fp32 files are those of plain arithmetic") {
  for (const NamedShape& named : Shapes()) {
    INFO(named.name);
    CheckAnswers(named.shape.With(TensorType::F32), true);
  }
}

TEST_CASE("network: answers of int8 files are those of plain arithmetic") {
  for (const NamedShape& named : Shapes()) {
    INFO(named.name);
    CheckAnswers(named.shape.With(TensorType::I8), false);
  }
}

TEST_CASE("network: answers of files with both kinds of weights are those of plain arithmetic") {
  for (NamedShape named : Shapes()) {
    INFO(named.name);
    named.shape.type = Mixed;
    CheckAnswers(named.shape, false);
  }
}

// More rows than the feed-forward part takes at a time (128), and just as many.
TEST_CASE("network: long inputs") {
  const NetworkShape shape = {.hidden = 24, .heads = 3, .ffn = 70, .layers = 2, .tokens = 300};
  for (const bool exact : {true, false}) {
    const OpenNetworkFile file(shape.With(exact ? TensorType::F32 : TensorType::I8));
    const auto prepared = Prepare(file.model(), BackendKind::kXnnpack);
    Differences differences(exact);
    for (const uint32_t most : {128u, 129u, 300u}) {
      for (const uint32_t threads : {1u, 3u}) {
        CAPTURE(most);
        CAPTURE(threads);
        TestNetwork network(*prepared, {.max_tokens = most, .threads = threads, .heads = 1u << kTagger});
        for (const size_t tokens : {127, 128, 129, 255, 257, 300}) {
          if (tokens > most) break;
          CAPTURE(tokens);
          const std::vector<int32_t> ids = SomeIds(tokens);
          differences.Add(network.Encode(ids, kAllRows), ExpectedHidden(file.model(), ids, {}).back());
        }
      }
    }
    differences.CheckMedian();
  }
}

// Threads share the columns of a product and the rows of everything else; no sum is cut in two, so not a bit may
// change.
TEST_CASE("network: the number of threads does not matter") {
  for (const NamedShape& named : Shapes()) {
    INFO(named.name);
    for (const TensorType type : {TensorType::F32, TensorType::I8}) {
      const OpenNetworkFile file(named.shape.With(type));
      const auto prepared = Prepare(file.model(), BackendKind::kXnnpack);
      const uint32_t most = file.model().max_tokens();
      const std::vector<int32_t> ids = SomeIds(most);
      TestNetwork alone(*prepared, {.max_tokens = most, .threads = 1, .heads = 1u << kTagger});
      const Matrix hidden = alone.Encode(ids, kAllRows), tags = alone.Head();
      for (const uint32_t threads : {2u, 3u, 5u}) {
        CAPTURE(threads);
        TestNetwork network(*prepared, {.max_tokens = most, .threads = threads, .heads = 1u << kTagger});
        CHECK(WorstDifference(network.Encode(ids, kAllRows), hidden) < 1e-6);
        CHECK(WorstDifference(network.Head(), tags) < 1e-6);
      }
    }
  }
}

TEST_CASE("network: selected rows are the rows of the whole") {
  for (const NamedShape& named : Shapes()) {
    INFO(named.name);
    for (const TensorType type : {TensorType::F32, TensorType::I8}) {
      const OpenNetworkFile file(named.shape.With(type));
      const uint32_t most = file.model().max_tokens();
      const std::vector<int32_t> ids = SomeIds(most);
      for (const BackendKind backend : kBackends) {
        const auto prepared = Prepare(file.model(), backend);
        for (const uint32_t threads : {1u, 3u}) {
          CAPTURE(threads);
          TestNetwork network(*prepared, {.max_tokens = most, .threads = threads, .heads = 1u << kTagger});
          const Matrix all = network.Encode(ids, kAllRows);
          REQUIRE(all.rows == most);
          const std::vector<uint32_t> lists[] = {{0}, {most - 1}, {0, 2, 3}, {1, 2, most - 1}, {}};
          for (const std::vector<uint32_t>& listed : lists) {
            const Matrix some = network.Encode(ids, {schema::RowChoice::Listed, listed});
            CHECK(WorstDifference(some, Rows(all, listed)) < 1e-5);
          }
          const uint32_t first[] = {0};
          CHECK(WorstDifference(network.Encode(ids, kFirstRow), Rows(all, first)) < 1e-5);
          // And nothing of it stays behind.
          CHECK(WorstDifference(network.Encode(ids, kAllRows), all) == 0);
        }
      }
    }
  }
}

// "Computed" and "read" differ by 14 % of a model's time and by nothing in its answers. Behind the selected row the
// residual stream still holds what the layer before left there; were the last layer to compute all rows, it would hold
// that layer's output.
TEST_CASE("network: the last layer computes the selected rows only") {
  const OpenNetworkFile file(NetworkShape{.layers = 3}.With(TensorType::I8));
  const auto prepared = Prepare(file.model(), BackendKind::kXnnpack);
  TestNetwork network(*prepared, {.max_tokens = 20, .threads = 2, .heads = 1u << kClassifier});
  const std::vector<int32_t> ids = SomeIds(20);
  std::vector<std::pair<size_t, Matrix>> seen;
  const HiddenStateTap tap = {
      [](void* context, TapPoint point, uint32_t, const float* hidden, size_t rows, size_t columns) {
        if (point == TapPoint::kAttention) return;
        Matrix second(1, columns);
        std::copy_n(hidden + columns, columns, second.values.begin());
        static_cast<std::vector<std::pair<size_t, Matrix>>*>(context)->emplace_back(rows, second);
      },
      &seen};
  REQUIRE(network->Encode({ids, {}}, kFirstRow, &tap).ok());
  REQUIRE(seen.size() == 4);
  for (int layer : {0, 1, 2}) CHECK(seen[static_cast<size_t>(layer)].first == 20);
  CHECK(seen[3].first == 1);
  CHECK(WorstDifference(seen[2].second, seen[1].second) > 0.01);
  CHECK(WorstDifference(seen[3].second, seen[2].second) == 0);
}

// Each head by itself, and all in one network after one Encode: the same bits.
TEST_CASE("network: several heads on one encoder") {
  for (const NamedShape& named : Shapes()) {
    INFO(named.name);
    for (const TensorType type : {TensorType::F32, TensorType::I8}) {
      const OpenNetworkFile file(named.shape.With(type));
      const uint32_t most = file.model().max_tokens();
      const std::vector<int32_t> ids = SomeIds(most);
      for (const BackendKind backend : kBackends) {
        const auto prepared = Prepare(file.model(), backend);
        TestNetwork all(*prepared, {.max_tokens = most, .threads = 2, .heads = 0x1F});
        all.Encode(ids, kAllRows);
        for (const uint32_t head : {kTagger, kManySteps, kFeatures, kClassifier, kLanguage, kTagger}) {
          CAPTURE(head);
          TestNetwork alone(*prepared, {.max_tokens = most, .threads = 2, .heads = 1u << head});
          alone.Encode(ids, kAllRows);
          all->UseHead(head);
          CHECK(all->head_outputs() == alone->head_outputs());
          CHECK(all->max_head_rows() == alone->max_head_rows());
          CHECK(WorstDifference(all.Head(), alone.Head()) == 0);
        }
        all->UseHead(31);  // there is none
        CHECK(all->head_outputs() == 5);
      }
    }
  }
}

// Sessions share the model and nothing else.
TEST_CASE("network: several at once on one model") {
  const OpenNetworkFile file(NetworkShape{.hidden = 66, .heads = 6, .ffn = 131}.With(TensorType::I8));
  const auto prepared = Prepare(file.model(), BackendKind::kXnnpack);
  constexpr size_t kSessions = 4;
  std::vector<Matrix> expected;
  std::vector<std::vector<int32_t>> ids;
  for (uint32_t i = 0; i < kSessions; ++i) {
    ids.push_back(SomeIds(5 + 3 * i, i));
    TestNetwork network(*prepared, {.max_tokens = 20, .threads = 1, .heads = 1u << kTagger});
    expected.push_back(network.Encode(ids.back(), kAllRows));
  }
  int wrong[kSessions] = {};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kSessions; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        TestNetwork network(*prepared, {.max_tokens = 20, .threads = 1 + i % 2, .heads = 1u << kTagger});
        for (int request = 0; request < 20; ++request) {
          wrong[i] += WorstDifference(network.Encode(ids[i], kAllRows), expected[i]) > 1e-6;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : wrong) CHECK(count == 0);
}

// Rows of `all` from `first`.
Matrix Part(const Matrix& all, size_t first, size_t rows) {
  Matrix part(rows, all.columns);
  std::copy_n(all.row(first), part.values.size(), part.values.begin());
  return part;
}

TEST_CASE("network: several texts in one pass are each what it is alone") {
  const std::vector<uint32_t> lengths = {1, 3, 7, 1, 1, 2};
  for (const NamedShape& named : Shapes()) {
    NetworkShape shape = named.shape;
    shape.tokens = 15;
    for (const TensorType type : {TensorType::I8, TensorType::F32}) {
      const OpenNetworkFile file(shape.With(type));
      for (const BackendKind backend : kBackends) {
        const auto packed = Prepare(file.model(), backend);
        for (const uint32_t threads : {1u, 4u}) {
          INFO(named.name, ", type ", static_cast<int>(type), ", backend ", static_cast<int>(backend), ", threads ",
               threads);
          const NetworkOptions options{.max_tokens = 15, .threads = threads, .heads = 1u << kFeatures};
          TestNetwork network(*packed, options), alone(*packed, options);
          const std::vector<int32_t> ids = SomeIds(15, 3);
          std::vector<uint8_t> types(15);
          for (size_t i = 0; i < types.size(); ++i) types[i] = static_cast<uint8_t>(i % std::max(1u, shape.types));
          std::vector<uint32_t> starts;
          for (uint32_t start = 0, i = 0; i < lengths.size(); start += lengths[i++]) starts.push_back(start);
          // Ours in int8 are exact, and the plain ones.
          const bool exact =
              backend == BackendKind::kReference || (backend == BackendKind::kNative && type == TensorType::I8);
          const double most = exact ? 0 : type == TensorType::I8 ? 5e-2 : 1e-4;
          for (const RowSelection& rows : {kFirstRow, kAllRows}) {
            const bool first = rows.choice == schema::RowChoice::First;
            REQUIRE(network->Encode({ids, types, starts}, rows).ok());
            const Matrix together = network.Hidden();
            REQUIRE(together.rows == (first ? lengths.size() : ids.size()));
            for (size_t i = 0; i < lengths.size(); ++i) {
              const auto part = std::span(ids).subspan(starts[i], lengths[i]);
              const Matrix one = alone.Encode(part, rows, std::span(types).subspan(starts[i], lengths[i]));
              CHECK(WorstDifference(Part(together, first ? i : starts[i], one.rows), one) <= most);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("network: texts that do not lie one behind the other are refused") {
  const OpenNetworkFile file(NetworkShape{});
  const auto packed = Prepare(file.model(), BackendKind::kReference);
  TestNetwork network(*packed, {.max_tokens = 10, .heads = 1u << kFeatures});
  const std::vector<int32_t> ids = SomeIds(10);
  using Starts = std::vector<uint32_t>;
  for (const Starts& starts : {Starts{1}, Starts{0, 0}, Starts{0, 5, 4}, Starts{0, 10}, Starts{0, 5, 0xFFFFFFFF}}) {
    CHECK(network->Encode({ids, {}, starts}, kAllRows).code() == Code::kInvalidArgument);
  }
  const Starts starts = {0, 9};
  const std::vector<uint32_t> listed = {0};
  CHECK(network->Encode({ids, {}, starts}, {schema::RowChoice::Listed, listed}).code() == Code::kInvalidArgument);
  CHECK(network->Encode({ids, {}, starts}, kFirstRow).ok());
  CHECK(network->rows() == 2);
}

}  // namespace
}  // namespace pbert::test
