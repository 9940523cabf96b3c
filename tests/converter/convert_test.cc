// Convert and UpdateReport end to end: files that the library opens and runs.
#include "converter/convert.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>

#include "converter/check/sample_logits.h"
#include "converter/check/sample_texts.h"
#include "converter/checkpoint_fixture.h"
#include "model/model.h"
#include "pocketbert/pocketbert.h"
#include "quant/error_measures.h"
#include "support/skip.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;
using test::CheckMessage;
using test::ErrorOf;
using test::TemporaryDirectory;
using test::TinyCheckpoint;

const fs::path kGolden = fs::path(POCKETBERT_TESTS_DIR) / "golden/checkpoints/distilbert-sequence-classification";

schema::ReportT StoredReport(const fs::path& file) {
  std::unique_ptr<Model> model;
  const Status status = Model::OpenPath(file.c_str(), OpenOptions{true}, &model);
  REQUIRE_MESSAGE(status.ok(), status.message());
  schema::ReportT report;
  REQUIRE(model->root().report() != nullptr);
  model->root().report()->UnPackTo(&report);
  return report;
}

schema::HeadT StoredHead(const fs::path& file) {
  std::unique_ptr<Model> model;
  const Status status = Model::OpenPath(file.c_str(), OpenOptions{true}, &model);
  REQUIRE_MESSAGE(status.ok(), status.message());
  schema::HeadT head;
  model->head(0).UnPackTo(&head);
  return head;
}

struct Comparison {
  double worst = 0;
  std::vector<float> ours, reference;
};

// Runs a file on the cases of a golden.json: token ids must be the reference's; the logits are returned.
Comparison Compare(const fs::path& file, const fs::path& golden) {
  const auto json = nlohmann::json::parse(test::ReadFile(golden));
  pbert_model* model = nullptr;
  REQUIRE_MESSAGE(pbert_open(file.c_str(), nullptr, &model) == PBERT_OK, pbert_error());
  pbert_session* session = nullptr;
  REQUIRE_MESSAGE(pbert_session_create(model, nullptr, &session) == PBERT_OK, pbert_error());
  Comparison comparison;
  for (const auto& c : json["cases"]) {
    const std::string text = c["text"];
    CAPTURE(text);
    const std::string pair = c["text_pair"].is_null() ? "" : c["text_pair"].get<std::string>();
    pbert_input input = PBERT_INPUT;
    input.max_tokens = json["max_length"];
    input.text = text.data();
    input.text_size = text.size();
    if (!c["text_pair"].is_null()) {
      input.pair = pair.data();
      input.pair_size = pair.size();
    }
    pbert_classification result = PBERT_CLASSIFICATION;
    REQUIRE_MESSAGE(pbert_classify(session, &input, &result) == PBERT_OK, pbert_error());
    CHECK(std::vector<int>(result.token_ids, result.token_ids + result.token_count) ==
          c["input_ids"].get<std::vector<int>>());
    const std::vector<float> expected = c["logits"];
    REQUIRE(result.count == expected.size());
    comparison.ours.insert(comparison.ours.end(), result.logits, result.logits + result.count);
    comparison.reference.insert(comparison.reference.end(), expected.begin(), expected.end());
  }
  pbert_session_destroy(session);
  pbert_close(model);
  comparison.worst = MaxAbsError(comparison.reference, comparison.ours);
  return comparison;
}

void CheckAgainstReference(const fs::path& checkpoint) {
  CAPTURE(checkpoint.string());
  TemporaryDirectory directory;
  WriteModel(checkpoint.string(), (directory / "fp32.pbert").string(), WeightType::kFloat32);
  CHECK(Compare(directory / "fp32.pbert", checkpoint / "golden.json").worst <= 2e-4);
  WriteModel(checkpoint.string(), (directory / "int8.pbert").string(), WeightType::kInt8);
  const Comparison comparison = Compare(directory / "int8.pbert", checkpoint / "golden.json");
  CHECK(comparison.worst <= 0.5);
  CHECK(CosineSimilarity(comparison.reference, comparison.ours) >= 0.999);
}

TEST_CASE("convert: the bundled checkpoint answers like the reference") { CheckAgainstReference(kGolden); }

TEST_CASE("convert: every DistilBERT classifier of ../shared answers like the reference") {
  for (const char* name :
       {"distilbert-sequence-classification", "distilbert-sequence-classification-pair", "distilbert-multi-label",
        "distilbert-regression", "distilbert-sinusoidal-relu", "distilbert-float16", "distilbert-bfloat16"}) {
    const std::string path = std::string("fixtures/checkpoints/") + name;
    PBERT_NEEDS_SHARED(path);
    CheckAgainstReference(test::Shared(path));
  }
}

TEST_CASE("convert: int8 with its report, measured against fp32") {
  TemporaryDirectory directory;
  ConvertOptions options;
  options.checkpoint_dir = kGolden.string();
  options.output = (directory / "out.pbert").string();
  std::vector<std::string> steps;
  options.progress = [&](const std::string& step, double done) {
    CHECK(done >= 0);
    CHECK(done <= 1);
    if (steps.empty() || steps.back() != step) steps.push_back(step);
  };
  const ConvertResult result = Convert(options);
  CHECK(directory.Files() == std::vector<std::string>{"out.pbert"});
  CHECK(steps.size() > 10);
  CHECK(result.source_bytes == fs::file_size(kGolden / "model.safetensors"));
  CHECK(result.file_bytes == fs::file_size(directory / "out.pbert"));
  CHECK(result.file_bytes < result.source_bytes / 2);
  CHECK(result.reject_threshold < 0);
  CHECK(result.report.error_texts == SampleTexts().size());
  CHECK(result.report.worst_logit_error > 0);
  CHECK(result.report.worst_logit_error < 0.5);
  CHECK(result.report.mean_logit_error > 0);
  CHECK(result.report.mean_logit_error < result.report.worst_logit_error);
  const schema::ReportT stored = StoredReport(directory / "out.pbert");
  CHECK(stored.converter_version == PBERT_VERSION);
  CHECK(stored.source_bytes == result.source_bytes);
  CHECK(stored.error_texts == result.report.error_texts);
  CHECK(stored.worst_logit_error == result.report.worst_logit_error);
  CHECK(stored.mean_logit_error == result.report.mean_logit_error);
  CHECK(std::isnan(stored.reject_cost));
  CHECK(stored.accuracy == nullptr);
}

TEST_CASE("convert: fp32 is not compared with itself") {
  TemporaryDirectory directory;
  ConvertOptions options;
  options.checkpoint_dir = kGolden.string();
  options.output = (directory / "out.pbert").string();
  options.weights = WeightType::kFloat32;
  const ConvertResult result = Convert(options);
  CHECK(result.report.error_texts == 0);
  CHECK(std::isnan(result.report.worst_logit_error));
  CHECK(StoredReport(directory / "out.pbert").error_texts == 0);
  CHECK(directory.Files() == std::vector<std::string>{"out.pbert"});
}

TEST_CASE("convert: what evaluate finds is stored, and what it throws leaves nothing behind") {
  TemporaryDirectory directory;
  ConvertOptions options;
  options.checkpoint_dir = kGolden.string();
  options.output = (directory / "out.pbert").string();
  options.evaluate = [](const std::string& file, const std::string& fp32_file) {
    CHECK(fs::file_size(file) < fs::file_size(fp32_file));
    CHECK(StoredReport(fp32_file).source_bytes > 0);
    Findings findings;
    findings.accuracy.dataset = "made up";
    findings.accuracy.int8 = 0.5f;
    findings.reject_threshold = 0.625f;
    findings.null_threshold = -0.375f;
    findings.reject_cost = 1.5f;
    return findings;
  };
  CHECK(Convert(options).reject_threshold == 0.625f);
  const schema::ReportT stored = StoredReport(directory / "out.pbert");
  REQUIRE(stored.accuracy != nullptr);
  CHECK(stored.accuracy->dataset == "made up");
  CHECK(stored.accuracy->int8 == 0.5f);
  CHECK(std::isnan(stored.accuracy->fp32));
  CHECK(stored.reject_cost == 1.5f);
  pbert_model* model = nullptr;
  REQUIRE(pbert_open((directory / "out.pbert").c_str(), nullptr, &model) == PBERT_OK);
  pbert_model_info info = PBERT_MODEL_INFO;
  CHECK(pbert_get_model_info(model, &info) == PBERT_OK);
  CHECK(info.reject_threshold == 0.625f);
  CHECK(info.null_threshold == -0.375f);
  pbert_close(model);

  fs::remove(directory / "out.pbert");
  options.evaluate = [](const std::string&, const std::string&) -> Findings { throw std::runtime_error("no dataset"); };
  CHECK_THROWS_WITH(Convert(options), "no dataset");
  CHECK(directory.Files().empty());
}

TEST_CASE("convert: the report is stored where room was kept for it, and in a larger file where that is too small") {
  const auto inode = [](const fs::path& file) {
    struct stat info{};
    REQUIRE(stat(file.c_str(), &info) == 0);
    return info.st_ino;
  };
  Findings found;
  found.accuracy.dataset = std::string(200, 'd');
  found.accuracy.examples = 5;
  found.accuracy.int8 = 0.5f;
  Findings all = found;
  all.accuracy.dataset += std::string(100, 'e');
  all.accuracy.fp32 = all.accuracy.same_answer = all.accuracy.p_value = 0;
  all.reject_threshold = 0;
  TemporaryDirectory directory;
  const auto convert = [&](const char* name, const Findings& expected) {
    ConvertOptions options;
    options.checkpoint_dir = kGolden.string();
    options.output = (directory / name).string();
    options.expected = expected;
    ino_t evaluated = 0;
    options.evaluate = [&](const std::string& file, const std::string&) {
      evaluated = inode(file);
      const schema::ReportT before = StoredReport(file);
      CHECK(before.accuracy == nullptr);  // room, and no figures that nobody measured
      CHECK(before.error_texts == 0);
      return found;
    };
    const ConvertResult result = Convert(options);
    CHECK(result.file_bytes == fs::file_size(directory / name));
    const schema::ReportT stored = StoredReport(directory / name);
    REQUIRE(stored.accuracy != nullptr);
    CHECK(stored.accuracy->dataset == found.accuracy.dataset);
    CHECK(stored.error_texts == SampleTexts().size());
    CHECK(std::isnan(stored.accuracy->fp32));
    return evaluated == inode(directory / name);
  };
  CHECK_FALSE(convert("small.pbert", Findings{}));
  CHECK(convert("exact.pbert", found));
  CHECK(convert("large.pbert", all));
  CHECK(test::ReadFile(directory / "small.pbert") == test::ReadFile(directory / "exact.pbert"));
  CHECK(fs::file_size(directory / "large.pbert") > fs::file_size(directory / "exact.pbert"));
  CHECK(SampleLogits(directory / "large.pbert", true, {}) == SampleLogits(directory / "exact.pbert", true, {}));
  CHECK(directory.Files() == std::vector<std::string>{"exact.pbert", "large.pbert", "small.pbert"});
}

TEST_CASE("convert: a network whose outputs overflow is refused, under the name that the user gave") {
  TemporaryDirectory directory;
  TinyCheckpoint checkpoint;
  for (float& value : checkpoint.tensors["pre_classifier.weight"].values) value *= 1e30f;
  for (float& value : checkpoint.tensors["classifier.weight"].values) value *= 1e30f;
  checkpoint.Write(directory / "checkpoint");
  ConvertOptions options;
  options.checkpoint_dir = (directory / "checkpoint").string();
  options.output = (directory / "out.pbert").string();
  options.weights = WeightType::kFloat32;
  CheckMessage(ErrorOf([&] { Convert(options); }), {(directory / "out.pbert").string(), "not finite"});
  CHECK(directory.Files() == std::vector<std::string>{"checkpoint"});
}

TEST_CASE("convert: UpdateReport changes the report and nothing else") {
  TemporaryDirectory directory;
  const std::string file = (directory / "out.pbert").string();
  WriteModel(kGolden.string(), file, WeightType::kInt8);
  const std::vector<float> before = SampleLogits(file, true, {});
  schema::ReportT report = StoredReport(file);
  const uint32_t source_bytes = report.source_bytes;
  report.accuracy = std::make_unique<schema::AccuracyT>();
  report.accuracy->dataset = std::string(300, 'd');  // the metadata grows beyond its padding
  report.accuracy->examples = 17;
  UpdateReport(file, report, 0.25f, 0.125f);
  CHECK(StoredHead(file).reject_threshold == 0.25f);
  CHECK(StoredHead(file).null_threshold == 0.125f);
  const schema::ReportT stored = StoredReport(file);
  CHECK(stored.source_bytes == source_bytes);
  REQUIRE(stored.accuracy != nullptr);
  CHECK(stored.accuracy->dataset == std::string(300, 'd'));
  CHECK(stored.accuracy->examples == 17);
  CHECK(SampleLogits(file, true, {}) == before);
  CHECK(directory.Files() == std::vector<std::string>{"out.pbert"});

  test::WriteFile(directory / "bad.pbert", "hello");
  CheckMessage(ErrorOf([&] { UpdateReport((directory / "bad.pbert").string(), report, -1, 0); }), {"bad.pbert"});
  CHECK(test::ReadFile(directory / "bad.pbert") == "hello");
}

TEST_CASE("convert: sample texts are many and of many kinds") {
  const auto texts = SampleTexts();
  CHECK(texts.size() >= 40);
  CHECK(std::any_of(texts.begin(), texts.end(), [](auto text) { return text.empty(); }));
  CHECK(std::any_of(texts.begin(), texts.end(), [](auto text) { return text.size() > 400; }));
  CHECK(std::any_of(texts.begin(), texts.end(), [](auto text) { return text.find("\xf0\x9f") != text.npos; }));
}

}  // namespace
}  // namespace pbert::converter
