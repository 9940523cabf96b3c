// sentence-transformers' directories, as sentence-transformers 5.1.2 reads them.
#include "converter/network/sentence_transformer.h"

#include "converter/checkpoint_fixture.h"

namespace pbert::converter {
namespace {

using schema::Pooling;
using test::CheckMessage;
using test::ErrorOf;
using test::TemporaryDirectory;
using test::WriteFile;

struct Files {
  std::string pooling = R"({"pooling_mode_mean_tokens": true})";
  std::string limits_name = "sentence_bert_config.json";
  std::string limits = R"({"max_seq_length": 30, "do_lower_case": false})";
  std::string prompts = R"({"prompts": {"query": "query: "}, "default_prompt_name": "query"})";
  std::string third = "";  // a further module's type
};

SentenceTransformer Read(const Files& files, std::vector<std::string>* warnings = nullptr) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "1_Pooling");
  const std::string package = "sentence_transformers.models.";
  nlohmann::json modules = {{{"idx", 0}, {"name", "0"}, {"path", ""}, {"type", package + "Transformer"}},
                            {{"idx", 1}, {"name", "1"}, {"path", "1_Pooling"}, {"type", package + "Pooling"}}};
  if (!files.third.empty()) modules.push_back({{"idx", 2}, {"name", "2"}, {"path", "2"}, {"type", files.third}});
  WriteFile(directory / "modules.json", modules.dump());
  WriteFile(directory / "1_Pooling/config.json", files.pooling);
  WriteFile(directory / files.limits_name, files.limits);
  WriteFile(directory / "config_sentence_transformers.json", files.prompts);
  return ReadSentenceTransformer(directory.path(), [&](const std::string& message) {
    if (warnings != nullptr) warnings->push_back(message);
  });
}

TEST_CASE("sentence-transformers: the default prompt, and whether it is pooled") {
  Files files;
  CHECK(Read(files).text.prompt == "query: ");
  CHECK(Read(files).text.strip);
  CHECK_FALSE(Read(files).text.skip_prompt);
  files.pooling = R"({"pooling_mode_mean_tokens": true, "include_prompt": false})";
  CHECK(Read(files).text.skip_prompt);
  files.prompts = R"({"prompts": {"query": "query: "}, "default_prompt_name": null})";
  CHECK(Read(files).text.prompt == "");
  CHECK_FALSE(Read(files).text.skip_prompt);
  files.prompts = R"({"prompts": {}, "default_prompt_name": "web"})";
  CheckMessage(ErrorOf([&] { Read(files); }), {"default_prompt_name", "web"});
  files.prompts = R"({"model_type": "SparseEncoder"})";
  CheckMessage(ErrorOf([&] { Read(files); }), {"model_type", "SparseEncoder"});
}

TEST_CASE("sentence-transformers: the file of limits under all of its names") {
  for (const char* name : {"bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"}) {
    CAPTURE(name);
    Files files{.limits_name = std::string("sentence_") + name + "_config.json",
                .limits = R"({"max_seq_length": 30, "do_lower_case": true})"};
    CHECK(Read(files).max_tokens == 30);
    CHECK(Read(files).text.lowercase);
  }
  CheckMessage(ErrorOf([] { Read({.limits = R"({"tokenizer_args": {"a": 1}})"}); }), {"tokenizer_args"});
  CHECK(Read({.limits = R"({"max_seq_length": null})"}).max_tokens == 0);
}

TEST_CASE("sentence-transformers: every pooling alone; the mean is on where it is not mentioned") {
  const std::pair<const char*, Pooling> flags[] = {{"cls_token", Pooling::Cls},
                                                   {"max_tokens", Pooling::Max},
                                                   {"mean_sqrt_len_tokens", Pooling::MeanSqrtLength},
                                                   {"weightedmean_tokens", Pooling::WeightedMean},
                                                   {"lasttoken", Pooling::Last}};
  for (const auto& [flag, pooling] : flags) {
    CAPTURE(flag);
    const std::string on = "\"pooling_mode_" + std::string(flag) + "\": true";
    CHECK(Read({.pooling = "{\"pooling_mode_mean_tokens\": false, " + on + "}"}).pooling == pooling);
    CheckMessage(ErrorOf([&] { Read({.pooling = "{" + on + "}"}); }), {"several poolings", "mean"});
  }
  CHECK(Read({.pooling = R"({"word_embedding_dimension": 8})"}).pooling == Pooling::Mean);
  CHECK(Read({.pooling = R"({"pooling_mode": "LastToken"})"}).pooling == Pooling::Last);
  CheckMessage(ErrorOf([] { Read({.pooling = R"({"pooling_mode": "median"})"}); }), {"median", "weightedmean"});
}

TEST_CASE("sentence-transformers: other modules by name; unknown keys are warned of") {
  CHECK(Read({.third = "sentence_transformers.models.Normalize"}).normalize);
  CHECK_FALSE(Read({.third = "sentence_transformers.models.Dropout"}).normalize);
  CheckMessage(ErrorOf([] { Read({.third = "sentence_transformers.models.Dense"}); }), {"Dense", "not supported"});
  CheckMessage(ErrorOf([] { Read({.third = "mine.Normalize"}); }), {"mine.Normalize"});
  std::vector<std::string> warnings;
  Read({.limits = R"({"max_seq_length": 30, "scale": 2})"}, &warnings);
  REQUIRE(warnings.size() == 1);
  CheckMessage(warnings[0], {"sentence_bert_config.json", "scale"});
  CheckMessage(ErrorOf([] { Read({.pooling = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"}); }),
               {"1_Pooling/config.json", "git lfs pull"});
}

}  // namespace
}  // namespace pbert::converter
