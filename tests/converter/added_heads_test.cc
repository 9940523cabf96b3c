// Heads of several checkpoints in one file: its answers are those of the files with one head each, and what does not
// belong together is refused with the reason.
#include "converter/network/added_heads.h"

#include <algorithm>

#include "converter/check/sample_logits.h"
#include "converter/checkpoint_fixture.h"
#include "converter/convert.h"
#include "model/model.h"
#include "pocketbert/pocketbert.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;
using test::CheckMessage;
using test::ErrorOf;
using test::TemporaryDirectory;
using test::TinyCheckpoint;

TinyCheckpoint Slots() {
  TinyCheckpoint slots;
  slots.config["architectures"] = {"DistilBertForTokenClassification"};
  slots.config["id2label"] = {{"0", "I-DAY"}, {"1", "B-DAY"}};
  slots.tensors.erase("pre_classifier.weight");
  slots.tensors.erase("pre_classifier.bias");
  for (const char* name : {"classifier.weight", "classifier.bias"}) {
    test::FixtureTensor& tensor = slots.tensors[name];
    tensor.shape[0] = 2;
    tensor.values.resize(tensor.values.size() / 3 * 2);
    std::reverse(tensor.values.begin(), tensor.values.end());
  }
  return slots;
}

// The encoder as it was before anything was trained on it, saved alone: under other names.
TinyCheckpoint EncoderAlone() {
  TinyCheckpoint encoder;
  std::erase_if(encoder.tensors, [](const auto& tensor) { return !tensor.first.starts_with("distilbert."); });
  encoder.RenamePrefix("");
  encoder.config["architectures"] = {"DistilBertModel"};
  encoder.config.erase("id2label");
  return encoder;
}

// Its output layer is the token embedding: of the encoder that is there already.
TinyCheckpoint Masked() {
  TinyCheckpoint masked;
  for (const char* part : {".weight", ".bias"}) {
    const std::string end = part;
    masked.tensors["vocab_transform" + end] = masked.tensors["pre_classifier" + end];
    masked.tensors["vocab_layer_norm" + end] = masked.tensors["distilbert.embeddings.LayerNorm" + end];
    masked.tensors.erase("pre_classifier" + end);
    masked.tensors.erase("classifier" + end);
  }
  masked.tensors["vocab_projector.bias"] = {{12}, std::vector<float>(12, 0.25f)};
  masked.config["architectures"] = {"DistilBertForMaskedLM"};
  masked.config.erase("id2label");
  return masked;
}

struct Folder {
  TemporaryDirectory directory;
  std::string intents = (directory / "intents").string(), slots = (directory / "slots").string(),
              encoder = (directory / "encoder").string(), masked = (directory / "masked").string(),
              file = (directory / "all.pbert").string();

  Folder() {
    TinyCheckpoint().Write(intents);
    Slots().Write(slots);
    EncoderAlone().Write(encoder);
    Masked().Write(masked);
  }
  std::string Error(const std::vector<std::string>& heads, const std::string& base = {}) {
    return ErrorOf([&] { WriteModel(base.empty() ? intents : base, file, WeightType::kInt8, {}, {}, heads); });
  }
};

std::unique_ptr<Model> Open(const std::string& file) {
  std::unique_ptr<Model> model;
  const Status status = Model::OpenPath(file.c_str(), OpenOptions{true}, &model);
  REQUIRE_MESSAGE(status.ok(), status.message());
  return model;
}

TEST_CASE("added heads: the outputs of each are those of its own file") {
  Folder folder;
  for (const WeightType type : {WeightType::kInt8, WeightType::kFloat32}) {
    WriteModel(folder.intents, folder.file, type, {}, {}, {folder.slots, folder.encoder, folder.masked});
    std::vector<float> expected;
    uint64_t sizes = 0;
    for (const std::string& one : {folder.intents, folder.slots, folder.encoder, folder.masked}) {
      const std::string file = (folder.directory / "one.pbert").string();
      WriteModel(one, file, type);
      const std::vector<float> outputs = SampleLogits(file, true, {});
      expected.insert(expected.end(), outputs.begin(), outputs.end());
      sizes += Open(file)->root().tensors()->size();
    }
    CHECK(SampleLogits(folder.file, true, {}) == expected);

    const auto model = Open(folder.file);
    REQUIRE(model->head_count() == 4);
    CHECK(model->head(0).task() == schema::Task::TextClassification);
    CHECK(model->head(1).task() == schema::Task::TokenClassification);
    CHECK(model->head(1).labels()->Get(1)->str() == "B-DAY");
    CHECK(model->head(2).task() == schema::Task::FeatureExtraction);
    CHECK(model->max_tokens() == 12);
    CHECK(model->head(3).steps()->Get(1)->linear()->weight() == model->encoder().embeddings()->token());
    // The encoder is there once.
    const size_t tensors = model->root().tensors()->size();
    const size_t encoder = (sizes - tensors) / 3;
    // An int8 matrix has its bias inside, unless it is the embedding table.
    CHECK(tensors == encoder + (type == WeightType::kInt8 ? 2 + 1 + 4 : 4 + 2 + 5));
    const schema::Provenance& provenance = *model->root().provenance();
    CHECK(provenance.encoder_hash()->size() == 16);
    CHECK(provenance.recipe()->str().ends_with(
        ", add-head=DistilBertForTokenClassification, add-head=DistilBertModel, add-head=DistilBertForMaskedLM"));
  }
}

TEST_CASE("added heads: one session answers with all of them") {
  Folder folder;
  ConvertOptions options;
  options.checkpoint_dir = folder.intents;
  options.output = folder.file;
  options.add_heads = {folder.slots, "feature-extraction"};
  CHECK(Convert(options).report.error_texts > 0);
  pbert_model* model = nullptr;
  REQUIRE_MESSAGE(pbert_open(folder.file.c_str(), nullptr, &model) == PBERT_OK, pbert_error());
  pbert_session* session = nullptr;
  REQUIRE_MESSAGE(pbert_session_create(model, nullptr, &session) == PBERT_OK, pbert_error());
  pbert_input input = PBERT_INPUT;
  input.text = "good weather";
  input.text_size = 12;
  pbert_classification intent = PBERT_CLASSIFICATION;
  pbert_entities slots = PBERT_ENTITIES;
  pbert_embedding vector = PBERT_EMBEDDING;
  CHECK(pbert_classify(session, &input, &intent) == PBERT_OK);
  CHECK(intent.count == 3);
  CHECK(pbert_tag(session, &input, PBERT_AGGREGATE_NONE, &slots) == PBERT_OK);
  CHECK(slots.count == 2);
  CHECK(pbert_embed(session, &input, PBERT_POOL_MODEL, 1, &vector) == PBERT_OK);
  CHECK(vector.columns == 8);
  pbert_session_destroy(session);
  pbert_close(model);
}

// A file with one head is what it always was.
TEST_CASE("added heads: none changes nothing") {
  Folder folder;
  WriteModel(folder.intents, folder.file, WeightType::kInt8);
  CHECK(Open(folder.file)->root().provenance()->encoder_hash() == nullptr);
}

TEST_CASE("added heads: --keep speaks of all of them") {
  Folder folder;
  WriteModel(folder.intents, folder.file, WeightChoice(WeightType::kInt8, {"token_classifier.*"}), {}, {},
             {folder.slots});
  const auto model = Open(folder.file);
  CHECK(model->tensor(model->head(1).steps()->Get(0)->linear()->weight()).type == schema::TensorType::F32);
  CHECK(model->tensor(model->head(0).steps()->Get(0)->linear()->weight()).type == schema::TensorType::I8);
}

TEST_CASE("added heads: what does not fit is refused") {
  Folder folder;
  CheckMessage(folder.Error({folder.slots, folder.slots}),
               {"--add-head: " + folder.slots, "its head is for token-classification", "a file of its own"});
  CheckMessage(folder.Error({"feature-extraction"}, folder.encoder), {"is for feature-extraction"});
  CheckMessage(folder.Error({folder.directory / "nothing"}), {"nothing"});
  CheckMessage(folder.Error({"fill-mask"}), {"vocab_transform", "there is no head for fill-mask"});

  const auto added = [&](const std::function<void(TinyCheckpoint&)>& change) {
    TinyCheckpoint slots = Slots();
    change(slots);
    slots.Write(folder.directory / "other");
    return folder.Error({(folder.directory / "other").string()});
  };
  CHECK(added([](TinyCheckpoint&) {}) == "");
  const char* const name = "distilbert.transformer.layer.0.ffn.lin1.bias";
  CheckMessage(
      added([&](TinyCheckpoint& c) { c.tensors[name].values[3] += 1e-6f; }),
      {"--add-head: ", "other/model.safetensors: tensor \"" + std::string(name) + "\": has other values than in ",
       "intents/model.safetensors", "fine-tuned on its own", "encoder frozen", "a file of its own"});
  CheckMessage(added([](TinyCheckpoint& c) { c.config["activation"] = "relu"; }),
               {"config.json asks for another encoder (activation)"});
  CheckMessage(added([](TinyCheckpoint& c) { c.config["n_heads"] = 4; }), {"another encoder (attention heads)"});
  CheckMessage(added([](TinyCheckpoint& c) { c.vocab.replace(c.vocab.find("good"), 4, "warm"); }),
               {"its tokenizer has another vocabulary"});
  CheckMessage(added([](TinyCheckpoint& c) { c.tokenizer_config["do_lower_case"] = false; }),
               {"its tokenizer has other rules"});
  CheckMessage(added([](TinyCheckpoint& c) { c.tokenizer_config["model_max_length"] = 10; }),
               {"cuts texts elsewhere, at 10 tokens and not at 512", "model_max_length"});
}

}  // namespace
}  // namespace pbert::converter
