// The C interface against tests/golden/conformance.json, which the tests of all language bindings read: what the
// reference library answers. tests/golden/make_conformance.py says what is in it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "converter/convert.h"
#include "pocketbert/pocketbert.h"

namespace pbert::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// A checkpoint of this repository, converted to fp32 and opened. Its file is gone by then: an open one stays.
class Subject {
 public:
  explicit Subject(const std::string& checkpoint) {
    std::string directory = (fs::temp_directory_path() / "pbert_conformance_XXXXXX").string();
    REQUIRE(mkdtemp(directory.data()) != nullptr);
    const std::string file = directory + "/model.pbert";
    converter::WriteModel((fs::path(POCKETBERT_TESTS_DIR).parent_path() / checkpoint).string(), file,
                          converter::WeightType::kFloat32);
    const pbert_status opened = pbert_open(file.c_str(), nullptr, &model);
    fs::remove_all(directory);
    REQUIRE_MESSAGE(opened == PBERT_OK, pbert_error());
    REQUIRE_MESSAGE(pbert_session_create(model, nullptr, &session) == PBERT_OK, pbert_error());
    REQUIRE(pbert_get_model_info(model, &info) == PBERT_OK);
  }
  ~Subject() {
    pbert_session_destroy(session);
    pbert_close(model);
  }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  pbert_model* model = nullptr;
  pbert_session* session = nullptr;
  pbert_model_info info = PBERT_MODEL_INFO;
};

// A case of the file, and how it is asked and compared.
struct Case {
  const Json& json;
  const Subject& subject;
  double tolerance;
  std::string text, pair;
  pbert_input input = PBERT_INPUT;

  Case(const Json& from, const Subject& asked, double score_tolerance)
      : json(from), subject(asked), tolerance(score_tolerance), text(from["text"]), pair(from.value("pair", "")) {
    input.text = text.data();
    input.text_size = text.size();
    if (json.contains("pair")) {
      input.pair = pair.data();
      input.pair_size = pair.size();
    }
    input.max_tokens = json.value("max_tokens", 0u);
  }
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  const Json& Expected(const char* what) const { return json["expected"].at(what); }
  bool Close(double ours, const Json& theirs) const { return std::abs(ours - theirs.get<double>()) <= tolerance; }

  void CheckLabel(const std::string& name, double score, const Json& expected) const {
    CHECK(name == expected[0].get<std::string>());
    CHECK_MESSAGE(Close(score, expected[1]), name, ": ", score, " instead of ", expected[1].dump());
  }
  void CheckExtent(const pbert_extent& extent, const std::string& whole, const Json& expected,
                   const char* words) const {
    CHECK(extent.begin_utf16 == expected["begin"]);
    CHECK(extent.end_utf16 == expected["end"]);
    CHECK(extent.begin_code_points == expected["begin_code_points"]);
    CHECK(extent.end_code_points == expected["end_code_points"]);
    CHECK(whole.substr(extent.begin_bytes, extent.end_bytes - extent.begin_bytes) ==
          expected[words].get<std::string>());
  }
};

void Classify(const Case& c) {
  pbert_classification result = PBERT_CLASSIFICATION;
  REQUIRE_MESSAGE(pbert_classify(c.subject.session, &c.input, &result) == PBERT_OK, pbert_error());
  CHECK(result.truncated == c.Expected("truncated").get<bool>());
  const Json& labels = c.Expected("labels");  // the best ones
  REQUIRE(result.count >= labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    c.CheckLabel(pbert_label(c.subject.model, result.labels[i].label), result.labels[i].score, labels[i]);
  }
}

void Tag(const Case& c) {
  const std::map<std::string, pbert_aggregation> kAggregations = {{"none", PBERT_AGGREGATE_NONE},
                                                                  {"simple", PBERT_AGGREGATE_SIMPLE},
                                                                  {"first", PBERT_AGGREGATE_FIRST},
                                                                  {"average", PBERT_AGGREGATE_AVERAGE},
                                                                  {"max", PBERT_AGGREGATE_MAX}};
  const pbert_aggregation aggregation = kAggregations.at(c.json.value("aggregation", "none"));
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE_MESSAGE(pbert_tag(c.subject.session, &c.input, aggregation, &result) == PBERT_OK, pbert_error());
  CHECK(result.truncated == c.Expected("truncated").get<bool>());
  const Json& entities = c.Expected("entities");
  REQUIRE(result.count == entities.size());
  for (size_t i = 0; i < entities.size(); ++i) {
    CAPTURE(i);
    std::string name = pbert_label(c.subject.model, result.entities[i].label);
    if (aggregation != PBERT_AGGREGATE_NONE) name.erase(0, name.find('-') + 1);  // npos + 1 is 0
    c.CheckLabel(name, result.entities[i].score, {entities[i]["label"], entities[i]["score"]});
    c.CheckExtent(result.entities[i].extent, c.text, entities[i], "word");
  }
}

void Answer(const Case& c) {
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = c.json.value("top_k", 0u);
  options.doc_stride = c.json.value("doc_stride", 0u);
  options.max_answer_tokens = c.json.value("max_answer_tokens", 0u);
  options.allow_none = c.json.value("allow_none", false);
  options.part_words = c.json.value("part_words", false);
  std::vector<pbert_answer_span> spans(64);
  uint32_t count = 0;
  const pbert_status status =
      pbert_answer(c.subject.session, &c.input, &options, spans.data(), static_cast<uint32_t>(spans.size()), &count);
  REQUIRE_MESSAGE(status == PBERT_OK, pbert_error());
  const Json& answers = c.Expected("answers");
  REQUIRE(count == answers.size());
  for (size_t i = 0; i < count; ++i) {
    CAPTURE(i);
    CHECK_MESSAGE(c.Close(spans[i].score, answers[i]["score"]), spans[i].score);
    c.CheckExtent(spans[i].extent, c.pair, answers[i], "text");
  }
}

void FillMask(const Case& c) {
  std::vector<int32_t> targets;
  for (const std::string piece : c.json.value("targets", Json::array())) {
    targets.push_back(pbert_piece_id(c.subject.model, piece.data(), piece.size()));
    REQUIRE(targets.back() >= 0);
  }
  std::vector<pbert_fill> fills(64);
  uint32_t count = 0;
  const pbert_status status =
      pbert_fill_mask(c.subject.session, &c.input, c.json.value("top_k", 0u), targets.data(),
                      static_cast<uint32_t>(targets.size()), fills.data(), static_cast<uint32_t>(fills.size()), &count);
  REQUIRE_MESSAGE(status == PBERT_OK, pbert_error());
  const Json& expected = c.Expected("fills");
  REQUIRE(count == expected.size());
  for (size_t i = 0; i < count; ++i) {
    CAPTURE(i);
    size_t size = 0;
    const char* piece = pbert_piece(c.subject.model, fills[i].id, &size);
    c.CheckLabel(std::string(piece, size), fills[i].score, {expected[i][0], expected[i][2]});
    CHECK(fills[i].id == expected[i][1]);
  }
}

void Embed(const Case& c) {
  const std::map<std::string, pbert_pooling> kPoolings = {
      {"tokens", PBERT_POOL_TOKENS}, {"cls", PBERT_POOL_CLS}, {"mean", PBERT_POOL_MEAN}, {"max", PBERT_POOL_MAX}};
  pbert_embedding result = PBERT_EMBEDDING;
  const pbert_status status = pbert_embed(c.subject.session, &c.input, kPoolings.at(c.json["pooling"]),
                                          c.json.value("normalize", false), &result);
  REQUIRE_MESSAGE(status == PBERT_OK, pbert_error());
  CHECK(result.truncated == c.Expected("truncated").get<bool>());
  REQUIRE(result.rows == c.Expected("rows"));
  const Json& values = c.Expected("values");
  REQUIRE(size_t{result.rows} * result.columns == values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    CHECK_MESSAGE(c.Close(result.values[i], values[i]), i, ": ", result.values[i], " instead of ", values[i].dump());
  }
}

// The interface has no call for it: each label makes a hypothesis, whose logits are those of an entailment model.
void ZeroShot(const Case& c) {
  const std::string pattern = c.json.value("hypothesis_template", "This example is {}.");
  const size_t hole = pattern.find("{}");
  const std::vector<std::string> labels = c.json["labels"];
  std::vector<std::string> texts;
  std::vector<pbert_text> hypotheses;
  for (const std::string& label : labels) texts.push_back(pattern.substr(0, hole) + label + pattern.substr(hole + 2));
  for (const std::string& text : texts) hypotheses.push_back({text.data(), text.size()});
  std::vector<pbert_label_score> scores(labels.size());
  REQUIRE_MESSAGE(pbert_zero_shot(c.subject.session, &c.input, hypotheses.data(), static_cast<uint32_t>(labels.size()),
                                  c.json.value("multi_label", false), scores.data(), nullptr) == PBERT_OK,
                  pbert_error());
  const Json& expected = c.Expected("labels");
  REQUIRE(scores.size() == expected.size());
  for (size_t i = 0; i < scores.size(); ++i) c.CheckLabel(labels[scores[i].label], scores[i].score, expected[i]);
}

TEST_CASE("conformance: every case of the shared file is answered as by the reference") {
  const std::map<std::string, void (*)(const Case&)> kTasks = {{"classify", Classify}, {"tag", Tag},
                                                               {"answer", Answer},     {"fill_mask", FillMask},
                                                               {"embed", Embed},       {"zero_shot", ZeroShot}};
  std::ifstream file(POCKETBERT_TESTS_DIR "/golden/conformance.json", std::ios::binary);
  REQUIRE(file.good());
  const Json all = Json::parse(file);
  std::map<std::string, std::unique_ptr<Subject>> subjects;
  for (const auto& [name, model] : all["models"].items()) {
    INFO(name);
    subjects[name] = std::make_unique<Subject>(model["checkpoint"].get<std::string>());
  }
  size_t asked = 0;
  for (const Json& json : all["cases"]) {
    const std::string model = json["model"], task = json["task"], text = json["text"];
    INFO("case ", asked, ": ", model, ", ", task, ": ", text.substr(0, 60));
    kTasks.at(task)(Case(json, *subjects.at(model), all["tolerance"]));
    ++asked;
  }
  CHECK(asked >= 40);
}

}  // namespace
}  // namespace pbert::test
