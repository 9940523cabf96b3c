// Faults of files that readers of models have had elsewhere, each under its name: what a checkpoint can say that is
// larger, deeper, longer or somewhere else than it may be.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "converter/checkpoint/checkpoint_files.h"
#include "converter/checkpoint/config.h"
#include "converter/checkpoint/known_keys.h"
#include "converter/checkpoint/safetensors.h"
#include "converter/checkpoint/sharded_weights.h"
#include "converter/checkpoint/unpickler.h"
#include "converter/checkpoint/unwrapped_weights.h"
#include "converter/checkpoint_fixture.h"
#include "converter/convert.h"
#include "converter/network/sentence_transformer.h"
#include "converter/pickle_fixture.h"
#include "converter/support/error.h"
#include "converter/support/file.h"
#include "converter/support/json.h"
#include "converter/tokenizer/merge_table_builder.h"
#include "converter/tokenizer/reader.h"
#include "text/merge_table.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::CheckMessage;
using test::ErrorOf;
using test::PickleGlobal;
using test::PickleInt;
using test::PickleOf;
using test::PickleTensor;
using test::PickleText;
using test::SafetensorsBytes;
using test::TemporaryDirectory;
using test::TinyCheckpoint;
using test::WriteFile;

std::string Repeated(const std::string& text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string SafetensorsError(const std::string& header, const std::string& data) {
  const TemporaryDirectory directory;
  WriteFile(directory / "m.safetensors", SafetensorsBytes(header, data));
  return ErrorOf([&] { SafeTensors file(directory / "m.safetensors"); });
}

std::string ConvertError(const TinyCheckpoint& checkpoint) {
  const TemporaryDirectory directory;
  checkpoint.Write(directory / "c");
  return ErrorOf(
      [&] { WriteModel((directory / "c").string(), (directory / "m.pbert").string(), WeightType::kFloat32); });
}

TEST_CASE("loader faults: an offset and a size whose sum wraps") {
  CheckMessage(
      SafetensorsError(
          R"({"t": {"dtype": "F32", "shape": [2], "data_offsets": [18446744073709551612, 18446744073709551620]}})",
          std::string(8, '\0')),
      {"\"t\"", "data_offsets"});
  CheckMessage(
      SafetensorsError(
          R"({"t": {"dtype": "U8", "shape": [4], "data_offsets": [18446744073709551608, 18446744073709551612]}})",
          std::string(8, '\0')),
      {"\"t\"", "truncated"});
  const TemporaryDirectory directory;
  const std::string header_length(8, '\xff');  // 8 + 2^64 - 1 is 7
  WriteFile(directory / "m.safetensors", header_length + "{}");
  CheckMessage(ErrorOf([&] { SafeTensors file(directory / "m.safetensors"); }), {"not a safetensors file"});
}

TEST_CASE("loader faults: a product of dimensions that wraps") {
  for (const char* shape : {"[4294967296, 4294967296]", "[4294967296, 4294967296, 0]",
                            "[0, 18446744073709551615, 2, 8]", "[9223372036854775809, 2]"}) {
    CAPTURE(shape);
    const std::string error =
        SafetensorsError(std::string(R"({"t": {"dtype": "F32", "shape": )") + shape + R"(, "data_offsets": [0, 8]}})",
                         std::string(8, '\0'));
    CheckMessage(error, {"\"t\"", "shape"});
  }
}

TEST_CASE("loader faults: a shape against the bytes, and against the rank that is asked for") {
  CheckMessage(
      SafetensorsError(R"({"t": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}})", std::string(8, '\0')),
      {"\"t\"", "shape"});
  for (const std::vector<uint64_t>& shape : {std::vector<uint64_t>{64}, {8, 8, 1}, {4, 16}}) {
    TinyCheckpoint checkpoint;
    auto& tensor = checkpoint.tensors.at("distilbert.transformer.layer.0.attention.q_lin.weight");
    REQUIRE(tensor.values.size() == 64);
    tensor.shape = shape;
    CheckMessage(ConvertError(checkpoint), {"q_lin.weight", "has shape", "[8, 8]"});
  }
}

TEST_CASE("loader faults: numbers of config.json are compared before anything is made of them") {
  const auto error = [](const char* key, const json& value) {
    TinyCheckpoint checkpoint;
    checkpoint.config[key] = value;
    if (std::string(key) == "num_labels") checkpoint.config.erase("id2label");
    return ConvertError(checkpoint);
  };
  for (const char* key : {"num_labels", "max_position_embeddings", "vocab_size", "n_layers", "dim", "hidden_dim"}) {
    CAPTURE(key);
    CHECK(error(key, 1u << 30) != "");
  }
  CheckMessage(error("num_labels", 1u << 30), {"1073741824", "classifier.weight", "[3, 8]"});
  CheckMessage(error("max_position_embeddings", 2'000'000), {"max_position_embeddings", "2000000", "16384"});
  CheckMessage(error("n_layers", 1u << 30), {"n_layers", "1073741824", "256"});
  // A table that is computed has no tensor to be compared with.
  TinyCheckpoint computed;
  computed.config["sinusoidal_pos_embds"] = true;
  computed.config["max_position_embeddings"] = 2'000'000;
  computed.tensors.erase("distilbert.embeddings.position_embeddings.weight");
  CheckMessage(ConvertError(computed), {"max_position_embeddings", "2000000"});
  const Config alone("config.json", json::parse(R"({"model_type": "bert", "num_labels": 1073741824})"));
  CHECK(alone.LabelCount() == 1u << 30);
  CheckMessage(ErrorOf([&] { alone.Labels(); }), {"num_labels", "65536"});
}

TEST_CASE("loader faults: a vocabulary's text that is used as an index") {
  const auto error = [](const char* vocabulary) {
    const TemporaryDirectory directory;
    WriteFile(directory / "tokenizer.json",
              std::string(R"({"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": )") + vocabulary + "}}");
    return ErrorOf([&] { (void)ReadTokenizer(directory.path(), 100); });
  };
  for (const char* id : {"4294967297", "18446744073709551615", "-1", "1.0", "1e30", "\"1\"", "[1]", "1048576"}) {
    CAPTURE(id);
    CheckMessage(error((std::string(R"({"[UNK]": )") + id + "}").c_str()), {"\"vocab\"", "[UNK]", "whole number"});
  }
  CheckMessage(error(R"({"[UNK]": 0, "far": 1048575})"), {"1048576 pieces", "100 rows"});
  const TemporaryDirectory directory;
  WriteFile(directory / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
  WriteFile(directory / "tokenizer_config.json",
            R"({"added_tokens_decoder": {"18446744073709551616": {"content": "x"}}})");
  CheckMessage(ErrorOf([&] { (void)ReadTokenizer(directory.path(), 100); }), {"18446744073709551616", "not an id"});
}

TEST_CASE("loader faults: a path inside a model that leaves it") {
  const TemporaryDirectory directory;
  const auto error = [&](const std::string& path) {
    return ErrorOf([&] { PathInside(directory.path(), path, "modules.json"); });
  };
  for (const std::string path : {"/etc/passwd", "..", "../x", "a/../../x", "a/..", "..\\x", "C:\\x"}) {
    CAPTURE(path);
    CheckMessage(error(path), {"modules.json", path, "leads out"});
  }
  CheckMessage(error(std::string("a\0b", 3)), {"leads out"});
  for (const std::string path : {"", "1_Pooling", "a/b.c", "..a/b..", "./a"}) CHECK(error(path) == "");

  fs::create_directory(directory / "inside");
  WriteFile(directory / "config.json", R"({"pooling_mode_mean_tokens": true})");
  const auto modules = [&](const std::string& first, const std::string& second) {
    const std::string package = "sentence_transformers.models.";
    const json list = {{{"path", first}, {"type", package + "Transformer"}},
                       {{"path", second}, {"type", package + "Pooling"}}};
    WriteFile(directory / "inside/modules.json", list.dump());
    return ErrorOf([&] { ReadSentenceTransformer(directory / "inside", {}); });
  };
  CheckMessage(modules("", ".."), {"modules.json", "\"..\"", "leads out"});
  CheckMessage(modules("../", "1_Pooling"), {"modules.json", "leads out"});
  CheckMessage(modules("", directory.path().string()), {"modules.json", "leads out"});

  WriteFile(directory / "m.safetensors",
            SafetensorsBytes(R"({"t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})", std::string(4, '\0')));
  const auto sharded = [&](const std::string& file) {
    WriteFile(directory / "inside/i.json", json({{"weight_map", {{"t", file}}}}).dump());
    return ErrorOf([&] {
      ShardedWeights(directory / "inside/i.json",
                     [](const fs::path& path) { return std::make_unique<SafeTensors>(path); });
    });
  };
  CheckMessage(sharded("../m.safetensors"), {"weight_map", "../m.safetensors", "not the name of a file beside it"});
  CheckMessage(sharded((directory / "m.safetensors").string()), {"weight_map", "not the name of a file beside it"});
  // As the Hugging Face cache keeps its files.
  fs::create_symlink("../m.safetensors", directory / "inside/link.safetensors");
  CHECK(sharded("link.safetensors") == "");

  WriteFile(directory / "inside/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
  WriteFile(directory / "inside/tokenizer_config.json", R"({"fast_tokenizer_files": ["tokenizer./../../x.json"]})");
  CheckMessage(ErrorOf([&] { (void)ReadTokenizer(directory / "inside", 100); }),
               {"fast_tokenizer_files", "file's name"});
}

const PickleTensor kTensor = {.name = "", .key = "0", .elements = 1, .shape = {1}, .strides = {1}};

TEST_CASE("loader faults: a pickle that is more than data") {
  for (const auto& [module, name] : {std::pair<std::string, std::string>{"os", "system"}, {"builtins", "exec"}}) {
    const std::string pickle = "\x80\x02" + PickleGlobal(module, name) + PickleText("true") + "\x85R.";
    CheckMessage(ErrorOf([&] { ReadStateDict(pickle, "f"); }), {"f", module + "." + name, "refused"});
  }
  for (const char opcode : {'i', 'o', '\x81', '\x82', 'B'}) {
    CHECK(ErrorOf([&] { ReadStateDict(std::string("\x80\x02(") + opcode + ".", "f"); }) != "");
  }
}

TEST_CASE("loader faults: a short pickle that takes much") {
  const std::string much = "times its size in memory";
  // A list, or a place in the memory, for each byte.
  CheckMessage(ErrorOf([&] { ReadStateDict("\x80\x02" + std::string(200'000, ']') + ".", "f"); }), {much});
  CheckMessage(ErrorOf([&] { ReadStateDict("\x80\x02N" + std::string(200'000, '\x94') + ".", "f"); }), {much});
  // The same long name and tensor, recalled again and again.
  const std::string pairs = Repeated("h\x01h\x02", 10'000);
  const auto named = [&](size_t size) {
    std::string text = "X" + PickleInt(static_cast<uint32_t>(size)).substr(1) + std::string(size, 'n');
    return "\x80\x02" + text + "q\x01" + "0" + PickleOf(kTensor) + "q\x02" + "0}(" + pairs + "u.";
  };
  CheckMessage(ErrorOf([&] { ReadStateDict(named(100'000), "f"); }), {"100000 bytes", "name"});
  CheckMessage(ErrorOf([&] { ReadStateDict(named(1000), "f"); }), {"appears twice"});
  // A tensor of eight dimensions out of arguments that are recalled: five bytes each.
  const std::string dimensions = "(" + Repeated(PickleInt(1), 8) + "t";
  const std::string again = "\x80\x02" + PickleGlobal("torch._utils", "_rebuild_tensor_v2") + "q\x01" + "0((" +
                            PickleText("storage") + PickleGlobal("torch", "FloatStorage") +
                            PickleText(std::string(200, 'k')) + PickleText("cpu") + PickleInt(1) + "tQ" + PickleInt(0) +
                            dimensions + dimensions + "tq\x02" + "0" + Repeated("h\x01h\x02R0", 20'000) + ".";
  CheckMessage(ErrorOf([&] { ReadStateDict(again, "f"); }), {much});
  // An endless name of something that is called for.
  const std::string endless = PickleText("torch") + "q\x01" + "0X" + PickleInt(100'000).substr(1) +
                              std::string(99'993, 'n') + "Storage" + "q\x02" + "0" +
                              Repeated(
                                  "h\x01h\x02\x93"
                                  "0",
                                  10'000);
  CheckMessage(ErrorOf([&] { ReadStateDict("\x80\x02" + endless + ".", "f"); }), {"endless name"});
  // What torch.save writes is far from the limit, many small tensors too.
  std::vector<PickleTensor> tensors;
  for (int i = 0; i < 2000; ++i) {
    PickleTensor tensor = kTensor;
    tensor.name = "t" + std::to_string(i);
    tensors.push_back(tensor);
  }
  CHECK(ReadStateDict(test::PickleStateDict(tensors), "f").size() == 2000);
}

TEST_CASE("loader faults: JSON that is deep, long or both") {
  const auto nested = [](size_t depth, const char* open, const char* close) {
    return Repeated(open, depth) + "0" + Repeated(close, depth);
  };
  CHECK(ErrorOf([&] { ParseJson(nested(kDeepestJson, "[", "]"), "f"); }) == "");
  CHECK(ErrorOf([&] { ParseJson(nested(kDeepestJson, "{\"a\":", "}"), "f"); }) == "");
  for (const size_t depth : {kDeepestJson + 1, size_t{1'000'000}}) {
    CheckMessage(ErrorOf([&] { ParseJson(nested(depth, "[", "]"), "f"); }), {"f", "nested more than 64 deep"});
    CheckMessage(ErrorOf([&] { ParseJson(nested(depth, "{\"a\":", "}"), "f"); }), {"f", "nested more than 64 deep"});
    CheckMessage(ErrorOf([&] { ParseJson(Repeated("[", depth), "f"); }), {"f", "nested more than 64 deep"});
    OrderedJson value;
    std::string why;
    CHECK_FALSE(TryParseJson(nested(depth, "[", "]"), &value, &why));
    CHECK(value.is_null());
    CheckMessage(why, {"nested more than 64 deep"});
  }
  Json value;
  std::string why;
  CHECK(TryParseJson("[0, [1], {\"a\": 2}]", &value, &why, 6));
  CHECK_FALSE(TryParseJson("[0, [1], {\"a\": 2}]", &value, &why, 5));
  CHECK(value.is_null());
  CheckMessage(why, {"5 values", "limit"});
  std::string members = "{";
  for (int i = 0; i < 1001; ++i) members += "\"" + std::to_string(i) + "\":0" + (i < 1000 ? "," : "}");
  OrderedJson ordered;
  CHECK_FALSE(TryParseJson(members, &ordered, &why));
  CheckMessage(why, {"1000 members"});
  CHECK(ParseJson(members, "f").size() == 1001);
}

TEST_CASE("loader faults: messages do not grow with the file") {
  const std::string big(1'000'000, 'x');
  CHECK(Excerpt(json(big)).size() < 80);
  CHECK(Excerpt(json::parse(R"(["a", 1])")) == R"(["a",1])");
  CHECK(std::string(Error("begin " + big + " end").what()).size() < 7000);
  CheckMessage(Error("begin " + big + " end").what(), {"begin x", "x end", " ... "});
  TinyCheckpoint checkpoint;
  checkpoint.config["dim"] = big;
  CHECK(ConvertError(checkpoint).size() < 500);
  CHECK(ErrorOf([&] { ParseJson("[\"" + big + "\" 1]", "f"); }).size() < 500);
  // Of a million unknown keys a hundred are named.
  json keys = {{"model_type", "bert"}};
  for (int i = 0; i < 1000; ++i) keys["key" + std::to_string(i)] = 0;
  keys["a" + big] = 0;
  size_t warnings = 0, longest = 0;
  Config("config.json", keys).WarnOfUnknownKeys([&](const std::string& message) {
    ++warnings;
    longest = std::max(longest, message.size());
  });
  CHECK(warnings == 101);
  CHECK(longest < 500);
}

TEST_CASE("loader faults: a name that consists of wrappers") {
  CHECK(UnwrappedName(Repeated("model.", 100'000) + "w") == "w");
  CHECK(UnwrappedName(Repeated("0.auto_model.model.", 50'000)) == "");
}

TEST_CASE("loader faults: merges that all have the same hash") {
  // Home() adds two products before it mixes, so pairs of one sum have one home in a table of any size.
  const auto sum = [](uint32_t left, uint32_t right) { return left * 0x9E3779B1u + right * 0x85EBCA77u; };
  const uint32_t inverse = [] {
    uint32_t inverse = 1;  // of an odd number, by Newton's steps
    for (int i = 0; i < 5; ++i) inverse *= 2 - 0x85EBCA77u * inverse;
    return inverse;
  }();
  std::vector<PieceMerge> merges;
  for (uint32_t left = 1; merges.size() < MergeLayout::kMaxProbes + 1; ++left) {
    REQUIRE(left < 1u << MergeLayout::kIdBits);
    const uint32_t right = (0 - left * 0x9E3779B1u) * inverse;
    if (right >> MergeLayout::kIdBits != 0) continue;
    REQUIRE(sum(left, right) == 0);
    merges.push_back({left, right, left});
  }
  CHECK_THROWS_AS(BuildMergeTable(merges), std::invalid_argument);
  merges.pop_back();
  CHECK_FALSE(BuildMergeTable(merges).empty());

  json vocab = json::object(), list = json::array();
  merges.push_back(merges.front());
  for (uint32_t left = merges[merges.size() - 2].left + 1;; ++left) {
    const uint32_t right = (0 - left * 0x9E3779B1u) * inverse;
    if (right >> MergeLayout::kIdBits != 0) continue;
    merges.back() = {left, right, left};
    break;
  }
  uint32_t merged = 0;
  std::set<uint32_t> used;
  for (const PieceMerge& merge : merges) used.insert({merge.left, merge.right});
  const auto name = [](uint32_t id) { return "p" + std::to_string(id) + "_"; };
  for (const PieceMerge& merge : merges) {
    while (!used.insert(++merged).second) {
    }
    vocab[name(merge.left)] = merge.left;
    vocab[name(merge.right)] = merge.right;
    vocab[name(merge.left) + name(merge.right)] = merged;
    list.push_back({name(merge.left), name(merge.right)});
  }
  const TemporaryDirectory directory;
  WriteFile(directory / "tokenizer.json",
            json({{"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", list}}}}).dump());
  CheckMessage(ErrorOf([&] { (void)ReadTokenizer(directory.path(), 1u << 20); }), {"merges", "same hash"});
}

TEST_CASE("loader faults: a short tokenizer that makes much of little") {
  const auto error = [](json parts) {
    const TemporaryDirectory directory;
    parts["model"] = {{"type", "WordPiece"}, {"unk_token", "[UNK]"}, {"vocab", {{"[UNK]", 0}}}};
    WriteFile(directory / "tokenizer.json", parts.dump());
    return ErrorOf([&] { (void)ReadTokenizer(directory.path(), 100); });
  };
  // Steps that double a text, in front of an added token that is normalized, and one that leaves nothing of it.
  json steps = json::array();
  for (int i = 0; i < 40; ++i) {
    steps.push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}});
  }
  steps.push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", ""}});
  CheckMessage(error({{"normalizer", {{"type", "Sequence"}, {"normalizers", steps}}},
                      {"pre_tokenizer", {{"type", "Whitespace"}}},
                      {"added_tokens", json::array({{{"id", 1}, {"content", "a"}, {"normalized", true}}})}}),
               {"normalizer", "more than 1024 bytes out of one"});
  // A special token of many ids that stands in the template many times.
  const json token = {{"SpecialToken", {{"id", "x"}, {"type_id", 0}}}};
  json single = json::array({{{"Sequence", {{"id", "A"}}}}}), ids = json::array();
  for (int i = 0; i < 20'000; ++i) {
    single.push_back(token);
    ids.push_back(0);
  }
  CheckMessage(error({{"post_processor",
                       {{"type", "TemplateProcessing"},
                        {"single", single},
                        {"pair", single},
                        {"special_tokens", {{"x", {{"ids", ids}}}}}}}}),
               {"post_processor", "\"single\"", "more than 16 pieces"});
}

}  // namespace
}  // namespace pbert::converter
