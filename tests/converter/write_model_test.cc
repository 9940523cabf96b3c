// WriteModel: which numbers of a checkpoint end up where in the file.
#include <cmath>
#include <cstring>

#include "base/checksum.h"
#include "base/packed_block.h"
#include "converter/checkpoint_fixture.h"
#include "converter/convert.h"
#include "converter/network/distilbert.h"
#include "model/model.h"
#include "quant/quantize.h"

namespace pbert::converter {
namespace {

using test::CheckMessage;
using test::ErrorOf;
using test::FixtureTensor;
using test::TemporaryDirectory;
using test::TinyCheckpoint;

// A checkpoint written and opened again.
struct Written {
  TemporaryDirectory directory;
  std::unique_ptr<Model> model;

  Written(const TinyCheckpoint& checkpoint, WeightType type) {
    checkpoint.Write(directory / "checkpoint");
    WriteModel((directory / "checkpoint").string(), (directory / "out.pbert").string(), type);
    OpenOptions options;
    options.verify_data = true;
    const Status status = Model::OpenPath((directory / "out.pbert").c_str(), options, &model);
    REQUIRE_MESSAGE(status.ok(), status.message());
  }
  TensorView Tensor(const std::string& name) const {
    for (uint32_t i = 0; i < model->root().tensors()->size(); ++i) {
      if (model->root().tensors()->Get(i)->name()->str() == name) return model->tensor(static_cast<int32_t>(i));
    }
    FAIL("no tensor " << name);
    return {};
  }
  // The tensor's values, dequantized.
  std::vector<float> Values(const std::string& name) const {
    const TensorView view = Tensor(name);
    std::vector<float> values(size_t{view.rows} * view.columns);
    if (view.type == schema::TensorType::F32) {
      memcpy(values.data(), view.data, values.size() * sizeof(float));
      return values;
    }
    for (size_t i = 0; i < values.size() && view.layout == schema::Layout::Packed16x4; ++i) {
      const PackedBlocks blocks(view.data, view.columns);
      values[i] = blocks.Scale(i / view.columns) * blocks.Weight(i / view.columns, i % view.columns);
    }
    for (size_t i = 0; i < values.size() && view.layout == schema::Layout::RowMajor; ++i) {
      float scale;
      memcpy(&scale, view.scales + i / view.columns, sizeof(scale));
      values[i] = scale * view.int8s()[i];
    }
    return values;
  }
};

std::vector<float> Scaled(std::vector<float> values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

const std::string kLayer = "distilbert.transformer.layer.0.";

TEST_CASE("write model: fp32 keeps every number; the query is scaled by 1/sqrt(head size)") {
  const TinyCheckpoint checkpoint;
  const Written written(checkpoint, WeightType::kFloat32);
  const auto source = [&](const std::string& name) { return checkpoint.tensors.at(name).values; };
  const float factor = 1 / std::sqrt(4.0f);
  for (const char* part : {".weight", ".bias"}) {
    CHECK(written.Values(std::string("layer.0.query") + part) ==
          Scaled(source(kLayer + "attention.q_lin" + part), factor));
  }
  const std::pair<const char*, std::string> same[] = {
      {"embeddings.token", "distilbert.embeddings.word_embeddings.weight"},
      {"embeddings.position", "distilbert.embeddings.position_embeddings.weight"},
      {"embeddings.norm.gamma", "distilbert.embeddings.LayerNorm.weight"},
      {"embeddings.norm.beta", "distilbert.embeddings.LayerNorm.bias"},
      {"layer.0.key.weight", kLayer + "attention.k_lin.weight"},
      {"layer.0.key.bias", kLayer + "attention.k_lin.bias"},
      {"layer.0.value.weight", kLayer + "attention.v_lin.weight"},
      {"layer.0.value.bias", kLayer + "attention.v_lin.bias"},
      {"layer.0.attention_output.weight", kLayer + "attention.out_lin.weight"},
      {"layer.0.attention_output.bias", kLayer + "attention.out_lin.bias"},
      {"layer.0.attention_norm.gamma", kLayer + "sa_layer_norm.weight"},
      {"layer.0.attention_norm.beta", kLayer + "sa_layer_norm.bias"},
      {"layer.0.ffn_in.weight", kLayer + "ffn.lin1.weight"},
      {"layer.0.ffn_in.bias", kLayer + "ffn.lin1.bias"},
      {"layer.0.ffn_out.weight", kLayer + "ffn.lin2.weight"},
      {"layer.0.ffn_out.bias", kLayer + "ffn.lin2.bias"},
      {"layer.0.ffn_norm.gamma", kLayer + "output_layer_norm.weight"},
      {"layer.0.ffn_norm.beta", kLayer + "output_layer_norm.bias"},
      {"classifier.dense.weight", "pre_classifier.weight"},
      {"classifier.dense.bias", "pre_classifier.bias"},
      {"classifier.output.weight", "classifier.weight"},
      {"classifier.output.bias", "classifier.bias"},
  };
  for (const auto& [name, from] : same) {
    CAPTURE(name);
    CHECK(written.Values(name) == source(from));
  }
  CHECK(written.model->root().tensors()->size() == std::size(same) + 2);
}

TEST_CASE("write model: int8 has one scale per row of every matrix, vectors stay floats") {
  const TinyCheckpoint checkpoint;
  const Written exact(checkpoint, WeightType::kFloat32);
  const Written written(checkpoint, WeightType::kInt8);
  for (const schema::Tensor* tensor : *written.model->root().tensors()) {
    const std::string name = tensor->name()->str();
    CAPTURE(name);
    const TensorView view = written.Tensor(name);
    const std::vector<float> expected = exact.Values(name);
    if (tensor->shape()->size() == 1) {
      CHECK(view.type == schema::TensorType::F32);
      CHECK(written.Values(name) == expected);
      continue;
    }
    REQUIRE(view.type == schema::TensorType::I8);
    for (uint32_t row = 0; row < view.rows; ++row) {
      const std::span<const float> weights(expected.data() + size_t{row} * view.columns, view.columns);
      std::vector<int8_t> quantized(view.columns);
      const float scale = QuantizeRow(weights, quantized);
      if (view.layout == schema::Layout::RowMajor) {
        CHECK(memcmp(&scale, view.scales + row, sizeof(scale)) == 0);
        CHECK(memcmp(quantized.data(), view.int8s() + size_t{row} * view.columns, quantized.size()) == 0);
        continue;
      }
      const PackedBlocks blocks(view.data, view.columns);
      std::vector<int8_t> packed(view.columns);
      blocks.CopyRow(row, packed.data());
      CHECK(packed == quantized);
      CHECK(blocks.Scale(row) == scale);
      CHECK(blocks.Bias(row) == exact.Values(name.substr(0, name.size() - 6) + "bias")[row]);
    }
  }
}

TEST_CASE("write model: the network, the head and where they come from") {
  TinyCheckpoint checkpoint;
  checkpoint.config["activation"] = "relu";
  checkpoint.config["problem_type"] = "multi_label_classification";
  const Written written(checkpoint, WeightType::kInt8);
  const schema::Encoder& encoder = written.model->encoder();
  CHECK(encoder.hidden_size() == 8);
  CHECK(encoder.embedding_size() == 8);
  CHECK(encoder.head_count() == 2);
  CHECK(encoder.ffn_size() == 16);
  CHECK(encoder.max_tokens() == 12);
  CHECK(encoder.norm_epsilon() == 1e-12f);
  CHECK(encoder.activation() == schema::Activation::Relu);
  CHECK(encoder.layers()->size() == 1);
  CHECK(encoder.embeddings()->token_type() == -1);
  const schema::Head& head = written.model->head(0);
  CHECK(head.task() == schema::Task::TextClassification);
  CHECK(head.problem_type() == schema::ProblemType::MultiLabel);
  CHECK(head.rows() == schema::RowChoice::First);
  REQUIRE(head.labels()->size() == 3);
  CHECK(head.labels()->Get(2)->str() == "oos");
  REQUIRE(head.steps()->size() == 2);
  CHECK(head.steps()->Get(0)->activation() == schema::Activation::Relu);
  CHECK(head.steps()->Get(1)->activation() == schema::Activation::None);
  CHECK(head.reject_threshold() < 0);
  CHECK(written.model->tokenizer().max_tokens() == 512);
  CHECK(written.model->max_tokens() == 12);

  const std::string weights = test::ReadFile(written.directory.path() / "checkpoint" / "model.safetensors");
  char hash[17];
  snprintf(hash, sizeof(hash), "%016llx", static_cast<unsigned long long>(Checksum64(weights.data(), weights.size())));
  const schema::Provenance& provenance = *written.model->root().provenance();
  CHECK(provenance.architecture()->str() == "DistilBertForSequenceClassification");
  CHECK(provenance.source_hash()->str() == hash);
  CHECK(provenance.recipe()->str().find("int8") != std::string::npos);
  CHECK(written.model->root().report()->source_bytes() == weights.size());
  CHECK(written.model->root().report()->error_texts() == 0);
}

TEST_CASE("write model: names with and without the prefix, and those of the oldest checkpoints") {
  const Written expected(TinyCheckpoint(), WeightType::kInt8);
  const auto data_of = [](const Written& written) {
    return std::vector<uint32_t>(written.model->header().data_checksum, written.model->header().data_checksum + 2);
  };
  TinyCheckpoint bare;
  bare.RenamePrefix("");
  CHECK(data_of(Written(bare, WeightType::kInt8)) == data_of(expected));

  TinyCheckpoint old;
  for (const char* norm :
       {"embeddings.LayerNorm", "transformer.layer.0.sa_layer_norm", "transformer.layer.0.output_layer_norm"}) {
    const std::string name = std::string("distilbert.") + norm;
    old.tensors[name + ".gamma"] = old.tensors.extract(name + ".weight").mapped();
    old.tensors[name + ".beta"] = old.tensors.extract(name + ".bias").mapped();
  }
  CHECK(data_of(Written(old, WeightType::kInt8)) == data_of(expected));

  // What the reference ignores: a language-model head beside the classifier.
  TinyCheckpoint extra;
  extra.tensors["vocab_projector.bias"] = {{12}, std::vector<float>(12)};
  CHECK(data_of(Written(extra, WeightType::kInt8)) == data_of(expected));

  TinyCheckpoint silent;
  silent.config.erase("architectures");
  CHECK(data_of(Written(silent, WeightType::kInt8)) == data_of(expected));
}

TEST_CASE("write model: sinusoidal positions are the checkpoint's, or computed when it has none") {
  TinyCheckpoint checkpoint;
  checkpoint.config["sinusoidal_pos_embds"] = true;
  const std::string name = "distilbert.embeddings.position_embeddings.weight";
  CHECK(Written(checkpoint, WeightType::kFloat32).Values("embeddings.position") == checkpoint.tensors[name].values);
  checkpoint.tensors.erase(name);
  const std::vector<float> computed = Written(checkpoint, WeightType::kFloat32).Values("embeddings.position");
  REQUIRE(computed.size() == 12 * 8);
  CHECK(computed[0] == 0);
  CHECK(computed[1] == 1);
  CHECK(computed[8] == doctest::Approx(std::sin(1.0)));
  CHECK(computed[9] == doctest::Approx(std::cos(1.0)));
  CHECK(computed[5 * 8 + 2] == doctest::Approx(std::sin(5 / std::pow(10000, 2.0 / 8))));
  CHECK(computed[11 * 8 + 7] == doctest::Approx(std::cos(11 / std::pow(10000, 6.0 / 8))));
  CHECK(Written(checkpoint, WeightType::kInt8).Tensor("embeddings.position").type == schema::TensorType::I8);
}

TEST_CASE("write model: what is wrong with a checkpoint is named, and nothing is left behind") {
  const struct {
    std::string name;
    void (*change)(TinyCheckpoint*);
    std::vector<std::string> words;
  } cases[] = {
      {"unsupported model type",
       [](TinyCheckpoint* c) { c->config["model_type"] = "gpt2"; },
       {"config.json", "\"model_type\"", "gpt2", "supported: albert, bert, camembert, distilbert"}},
      {"unsupported head",
       [](TinyCheckpoint* c) { c->config["architectures"] = {"DistilBertForMaskedLM"}; },
       {"\"vocab_transform.weight\": missing", "fill-mask", "DistilBertForMaskedLM", "--task text-classification"}},
      {"no architectures, no head",
       [](TinyCheckpoint* c) {
         c->config.erase("architectures");
         c->tensors.erase("classifier.weight");
       },
       {"\"architectures\"", "no classifier"}},
      {"heads do not divide", [](TinyCheckpoint* c) { c->config["n_heads"] = 3; }, {"\"n_heads\"", "3", "8"}},
      {"missing tensor",
       [](TinyCheckpoint* c) { c->tensors.erase(kLayer + "ffn.lin1.bias"); },
       {"model.safetensors", "distilbert.transformer.layer.0.ffn.lin1.bias", "missing", "[16]"}},
      {"missing head",
       [](TinyCheckpoint* c) { c->tensors.erase("pre_classifier.weight"); },
       {"\"pre_classifier.weight\"", "missing"}},
      {"missing layer",
       [](TinyCheckpoint* c) { c->config["n_layers"] = 2; },
       {"distilbert.transformer.layer.1.attention.q_lin.weight", "missing"}},
      {"missing positions",
       [](TinyCheckpoint* c) { c->tensors.erase("distilbert.embeddings.position_embeddings.weight"); },
       {"position_embeddings", "missing"}},
      {"misshapen tensor",
       [](TinyCheckpoint* c) { c->config["hidden_dim"] = 20; },
       {"ffn.lin1.weight", "[16, 8]", "[20, 8]"}},
      {"vector for a matrix",
       [](TinyCheckpoint* c) { c->tensors["classifier.weight"] = {{24}, std::vector<float>(24)}; },
       {"classifier.weight", "[24]", "[3, 8]"}},
      {"labels and outputs disagree",
       [](TinyCheckpoint* c) { c->config["id2label"] = {{"0", "a"}, {"1", "b"}}; },
       {"classifier.weight", "[3, 8]", "[2, 8]"}},
      {"vocabulary and embedding disagree",
       [](TinyCheckpoint* c) { c->vocab += "more\n"; },
       {"vocab.txt", "13 pieces", "12 rows"}},
      {"no tokenizer", [](TinyCheckpoint* c) { c->vocab = ""; }, {"vocab.txt"}},
      {"NaN in a matrix",
       [](TinyCheckpoint* c) { c->tensors[kLayer + "ffn.lin2.weight"].values[2 * 16 + 5] = NAN; },
       {"distilbert.transformer.layer.0.ffn.lin2.weight", "[2, 5]", "NaN"}},
      {"infinity in a vector",
       [](TinyCheckpoint* c) { c->tensors["classifier.bias"].values[1] = -INFINITY; },
       {"\"classifier.bias\"", "[1]", "infinite"}},
      {"NaN in K",
       [](TinyCheckpoint* c) { c->tensors[kLayer + "attention.k_lin.weight"].values[63] = NAN; },
       {"attention.k_lin.weight", "[7, 7]", "NaN"}},
      {"broken config",
       [](TinyCheckpoint* c) { c->other_files["config.json"] = "{\"model_type\": "; },
       {"config.json", "not valid JSON"}},
      {"broken weights",
       [](TinyCheckpoint* c) { c->other_files["model.safetensors"] = "hello"; },
       {"model.safetensors", "too short"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    TinyCheckpoint checkpoint;
    c.change(&checkpoint);
    TemporaryDirectory directory;
    checkpoint.Write(directory / "checkpoint");
    for (WeightType type : {WeightType::kInt8, WeightType::kFloat32}) {
      CheckMessage(
          ErrorOf([&] { WriteModel((directory / "checkpoint").string(), (directory / "out.pbert").string(), type); }),
          c.words);
      CHECK(directory.Files() == std::vector<std::string>{"checkpoint"});
    }
  }
}

TEST_CASE("write model: what is wrong with the paths is named") {
  TemporaryDirectory directory;
  TinyCheckpoint checkpoint;
  checkpoint.Write(directory / "checkpoint");
  const auto write = [&](const std::string& from, const std::string& to) {
    return ErrorOf([&] { WriteModel((directory / from).string(), (directory / to).string(), WeightType::kInt8); });
  };
  CheckMessage(write("nowhere", "out.pbert"), {"nowhere", "no such directory"});
  CheckMessage(write("checkpoint/config.json", "out.pbert"), {"config.json", "not a directory"});
  CheckMessage(write("checkpoint", "missing/out.pbert"), {"missing", "cannot create"});
  CheckMessage(write("checkpoint", "checkpoint"), {"checkpoint", "is a directory"});
  std::filesystem::remove(directory / "checkpoint" / "model.safetensors");
  CheckMessage(write("checkpoint", "out.pbert"), {"model.safetensors", "no such file"});
  test::WriteFile(directory / "checkpoint" / "pytorch_model.bin", "");
  CheckMessage(write("checkpoint", "out.pbert"), {"pytorch_model.bin", "not a PyTorch checkpoint", "truncated"});
  CHECK(directory.Files() == std::vector<std::string>{"checkpoint"});
}

TEST_CASE("write model: an older file is replaced, and stays when the conversion fails") {
  TemporaryDirectory directory;
  TinyCheckpoint checkpoint;
  checkpoint.Write(directory / "good");
  checkpoint.tensors["classifier.bias"].values[0] = NAN;
  checkpoint.Write(directory / "bad");
  const std::string output = (directory / "out.pbert").string();
  test::WriteFile(output, "old");
  CHECK(ErrorOf([&] { WriteModel((directory / "bad").string(), output, WeightType::kInt8); }) != "");
  CHECK(test::ReadFile(output) == "old");
  WriteModel((directory / "good").string(), output, WeightType::kInt8);
  const std::string first = test::ReadFile(output);
  CHECK(first.substr(4, 4) == "PBRT");
  WriteModel((directory / "good").string(), output, WeightType::kInt8);
  CHECK(test::ReadFile(output) == first);  // the same bytes every time
}

}  // namespace
}  // namespace pbert::converter
