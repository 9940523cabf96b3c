// Backends give the same answers, on the committed goldens and in this compiler's build. With POCKETBERT_LOGITS=FILE
// the logits are written there too: compilers_test.py compares the files of two compilers' builds.
//
// A mistake in one backend's packing, or code that a compiler translates differently, moves logits by far more than the
// limits.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "converter/check/raw_outputs.h"
#include "converter/convert.h"
#include "engine/backend.h"

namespace pbert::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Weight {
  const char* name;
  converter::WeightType type;
  double
      limit;  // between backends; float sums are taken in another order, and an int8 step may then fall the other way
};
constexpr Weight kWeights[] = {{"fp32", converter::WeightType::kFloat32, 1e-4},
                               {"int8", converter::WeightType::kInt8, 5e-2}};

constexpr std::pair<const char*, BackendKind> kBackends[] = {{"reference", BackendKind::kReference},
                                                             {"xnnpack", BackendKind::kXnnpack},
                                                             {"native", BackendKind::kNative},
                                                             {"auto", BackendKind::kAuto}};

using Logits = std::vector<std::vector<float>>;  // [texts][outputs]

Logits Ask(const fs::path& file, BackendKind backend, const Json& cases, uint32_t max_tokens) {
  converter::RawOptions options;
  options.backend = backend;
  options.max_tokens = max_tokens;
  converter::RawModel model(file, options);
  Logits logits;
  for (const Json& one : cases) {
    const std::string text = one["text"];
    const bool has_pair = one.contains("text_pair") && one["text_pair"].is_string();
    const std::string pair = has_pair ? one["text_pair"] : "";
    TextInput input;
    input.has_pair = has_pair;
    input.text = text;
    if (has_pair) input.pair = pair;
    model.Encode(input);
    logits.push_back(model.Outputs());
  }
  return logits;
}

void CheckAgreement(const Logits& logits, const Logits& reference, double limit) {
  REQUIRE(logits.size() == reference.size());
  for (size_t i = 0; i < logits.size(); ++i) {
    REQUIRE(logits[i].size() == reference[i].size());
    double worst = 0;
    for (size_t j = 0; j < logits[i].size(); ++j) {
      worst = std::max(worst, std::fabs(double{logits[i][j]} - reference[i][j]));
    }
    CAPTURE(i);
    CHECK(worst <= limit);
    const auto label = [](const std::vector<float>& row) {
      return std::max_element(row.begin(), row.end()) - row.begin();
    };
    CHECK(label(logits[i]) == label(reference[i]));
  }
}

TEST_CASE("all backends agree on the goldens") {
  const fs::path output = fs::temp_directory_path() / ("pocketbert-agreement-" + std::to_string(getpid()) + ".pbert");
  Json written;
  for (const auto& entry : fs::directory_iterator(fs::path(POCKETBERT_TESTS_DIR) / "golden/checkpoints")) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    std::ifstream golden(entry.path() / "golden.json");
    const Json expected = Json::parse(golden);
    for (const Weight& weight : kWeights) {
      CAPTURE(weight.name);
      converter::ConvertOptions job;
      job.checkpoint_dir = entry.path().string();
      job.output = output.string();
      job.weights.type = weight.type;
      converter::Convert(job);
      Logits reference;
      for (const auto& [backend_name, backend] : kBackends) {
        CAPTURE(backend_name);
        const Logits logits = Ask(output, backend, expected["cases"], expected["max_length"]);
        if (reference.empty()) reference = logits;
        CheckAgreement(logits, reference, weight.limit);
        written[name][weight.name][backend_name] = logits;
      }
    }
  }
  fs::remove(output);
  CHECK(written.size() >= 7);
  if (const char* file = std::getenv("POCKETBERT_LOGITS")) std::ofstream(file) << written;
}

}  // namespace
}  // namespace pbert::test
