#include "converter/checkpoint/config.h"

#include "converter/checkpoint_fixture.h"

namespace pbert::converter {
namespace {

using test::CheckMessage;
using test::ErrorOf;

Config Make(const std::string& keys) {
  return Config("config.json",
                nlohmann::json::parse("{\"model_type\": \"distilbert\"" + (keys.empty() ? "" : ", " + keys) + "}"));
}

TEST_CASE("config: numbers, flags and activations, with the reference's defaults") {
  const Config config = Make(R"("dim": 64, "flag": true, "null": null, "activation": "relu")");
  CHECK(config.model_type() == "distilbert");
  CHECK(config.architecture() == "");
  CHECK(config.Count("dim", 768) == 64);
  CHECK(config.Count("missing", 768) == 768);
  CHECK(config.Count("null", 5) == 5);
  CHECK(config.Flag("flag", false));
  CHECK(config.Flag("missing", true));
  CHECK(config.Activation("activation", "gelu") == schema::Activation::Relu);
  CHECK(config.Activation("missing", "gelu") == schema::Activation::GeluErf);
  for (const char* name : {"gelu_new", "gelu_pytorch_tanh", "gelu_fast"}) {
    CHECK(Make(std::string("\"a\": \"") + name + "\"").Activation("a", "gelu") == schema::Activation::GeluTanh);
  }
  CHECK(Make(R"("architectures": ["A", "B"])").architecture() == "A");
  CHECK(Make(R"("architectures": null)").architecture() == "");
}

// DistilBertConfig(**{"n_heads": 4, "num_attention_heads": 2}).n_heads is 2; BertConfig has no attribute_map.
TEST_CASE("config: another name of the reference's attribute_map, which counts before the own one") {
  CHECK(Make(R"("num_attention_heads": 2)").Count("n_heads", 12) == 2);
  CHECK(Make(R"("num_attention_heads": 2, "n_heads": 4)").Count("n_heads", 12) == 2);
  CHECK(Make(R"("hidden_size": 96, "num_hidden_layers": 3)").Count("dim", 768) == 96);
  CHECK(Make(R"("num_hidden_layers": 3)").Count("n_layers", 6) == 3);
  CHECK(Make(R"("n_heads": 4, "num_attention_heads": null)").Count("n_heads", 12) == 4);
  const Config bert("config.json", nlohmann::json::parse(R"({"model_type": "bert", "n_heads": 2, "dim": 8})"));
  CHECK(bert.Count("num_attention_heads", 12) == 12);
  std::vector<std::string> warnings;
  bert.WarnOfUnknownKeys([&](const std::string& message) { warnings.push_back(message); });
  REQUIRE(warnings.size() == 2);
  CheckMessage(warnings[1], {"n_heads"});
  Make(R"("n_heads": 2, "num_attention_heads": 2)").WarnOfUnknownKeys([&](const std::string& message) {
    warnings.push_back(message);
  });
  CHECK(warnings.size() == 2);
}

TEST_CASE("config: activations by all of the reference's names") {
  using schema::Activation;
  const std::pair<const char*, Activation> names[] = {
      {"gelu_python", Activation::GeluErf}, {"gelu_accurate", Activation::GeluTanh}, {"silu", Activation::Silu},
      {"swish", Activation::Silu},          {"quick_gelu", Activation::QuickGelu},   {"tanh", Activation::Tanh}};
  for (const auto& [name, activation] : names) {
    CHECK(Make(std::string("\"a\": \"") + name + "\"").Activation("a", "gelu") == activation);
  }
}

// PretrainedConfig makes its names from id2label or num_labels; label2id helps only where the reference cannot load.
TEST_CASE("config: label2id where it is all there is") {
  const std::string ids = R"("label2id": {"b": 1, "a": 0, "c": 2})";
  CHECK(Make(ids).Labels(3) == std::vector<std::string>{"a", "b", "c"});
  CHECK(Make(ids + R"(, "num_labels": 3)").Labels(3).back() == "LABEL_2");
  CHECK(Make(R"("label2id": {"b": 1, "a": 0})").Labels(2).front() == "LABEL_0");
  CHECK(Make(R"("label2id": {"b": 1, "a": 1, "c": 0})").Labels(3).size() == 2);
}

TEST_CASE("config: Infinity and NaN, which Python's json writes") {
  const nlohmann::json json =
      ParseJson(R"({"a": Infinity, "b": [-Infinity, NaN, 1], "Infinity": "NaN, \"Infinity\" \\"})", "file");
  CHECK(json["a"].get<double>() > 1e300);
  CHECK(json["b"][0].get<double>() < -1e300);
  CHECK(json["b"][1].is_null());
  CHECK(json["Infinity"] == "NaN, \"Infinity\" \\");
  CheckMessage(ErrorOf([] { ParseJson("{\"a\": Inf}", "file"); }), {"file", "not valid JSON"});
}

TEST_CASE("config: labels in the order of the outputs") {
  CHECK(Make(R"("id2label": {"0": "no", "1": "yes"})").Labels() == std::vector<std::string>{"no", "yes"});
  CHECK(Make("").Labels() == std::vector<std::string>{"LABEL_0", "LABEL_1"});
  CHECK(Make(R"("num_labels": 3)").Labels().back() == "LABEL_2");
  // More than ten: "10" sorts before "2" as text.
  nlohmann::json many;
  for (int i = 0; i < 12; ++i) many[std::to_string(i)] = "label " + std::to_string(i);
  const std::vector<std::string> labels = Make("\"id2label\": " + many.dump()).Labels();
  REQUIRE(labels.size() == 12);
  CHECK(labels[2] == "label 2");
  CHECK(labels[11] == "label 11");
}

// What TextClassificationPipeline of transformers 4.57 does: regression first, then "multi-label or one output", then
// softmax.
TEST_CASE("config: problem type as the reference's pipeline sees it") {
  const std::string one = R"("id2label": {"0": "a"})";
  const std::string two = R"("id2label": {"0": "a", "1": "b"})";
  CHECK(Make(two).ProblemType() == schema::ProblemType::SingleLabel);
  CHECK(Make(one).ProblemType() == schema::ProblemType::MultiLabel);
  CHECK(Make(two + R"(, "problem_type": null)").ProblemType() == schema::ProblemType::SingleLabel);
  CHECK(Make(two + R"(, "problem_type": "single_label_classification")").ProblemType() ==
        schema::ProblemType::SingleLabel);
  CHECK(Make(one + R"(, "problem_type": "single_label_classification")").ProblemType() ==
        schema::ProblemType::MultiLabel);
  CHECK(Make(two + R"(, "problem_type": "multi_label_classification")").ProblemType() ==
        schema::ProblemType::MultiLabel);
  CHECK(Make(one + R"(, "problem_type": "regression")").ProblemType() == schema::ProblemType::Regression);
  CHECK(Make(two + R"(, "problem_type": "regression")").ProblemType() == schema::ProblemType::Regression);
}

TEST_CASE("config: what is wrong is named") {
  const struct {
    std::string keys;
    void (*use)(const Config&);
    std::vector<std::string> words;
  } cases[] = {
      {R"("dim": 0)", [](const Config& c) { c.Count("dim", 1); }, {"config.json", "\"dim\"", "0"}},
      {R"("dim": -64)", [](const Config& c) { c.Count("dim", 1); }, {"\"dim\"", "-64", "at least 1"}},
      {R"("dim": 64.0)", [](const Config& c) { c.Count("dim", 1); }, {"\"dim\"", "64.0"}},
      {R"("dim": "64")", [](const Config& c) { c.Count("dim", 1); }, {"\"dim\"", "whole number"}},
      {R"("dim": 99999999999)", [](const Config& c) { c.Count("dim", 1); }, {"\"dim\"", "99999999999"}},
      {R"("f": 1)", [](const Config& c) { c.Flag("f", false); }, {"\"f\"", "true or false"}},
      {R"("activation": "mish")",
       [](const Config& c) { c.Activation("activation", "gelu"); },
       {"\"activation\"", "mish", "supported: gelu"}},
      {R"("activation": 1)", [](const Config& c) { c.Activation("activation", "gelu"); }, {"\"activation\""}},
      {R"("id2label": {})", [](const Config& c) { c.Labels(); }, {"\"id2label\""}},
      {R"("id2label": ["a"])", [](const Config& c) { c.Labels(); }, {"\"id2label\""}},
      {R"("id2label": {"0": "a", "2": "b"})",
       [](const Config& c) { c.Labels(); },
       {"\"id2label\"", "2 labels", "output 1"}},
      {R"("id2label": {"0": [1]})", [](const Config& c) { c.Labels(); }, {"\"id2label\"", "expected a name"}},
      {R"("problem_type": "guess")",
       [](const Config& c) { c.ProblemType(); },
       {"\"problem_type\"", "guess", "regression"}},
      {R"("architectures": [1])", [](const Config&) {}, {"\"architectures\""}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.keys);
    CheckMessage(ErrorOf([&] { c.use(Make(c.keys)); }), c.words);
  }
  CheckMessage(ErrorOf([] { Config("config.json", nlohmann::json::object()); }), {"\"model_type\"", "missing"});
}

}  // namespace
}  // namespace pbert::converter
