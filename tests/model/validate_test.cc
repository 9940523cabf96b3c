// The validator's rules about the file as a whole, its texts and its tensors; and what it must let pass.

#include <doctest/doctest.h>

#include "model/limits.h"
#include "tests/support/validate_cases.h"

namespace pbert::test {
namespace {

TEST_CASE("the file as a whole") {
  Run({
      {"no encoder", [](TinyFile& f) { f.model.encoder = nullptr; }, "file", "its encoder from another file",
       Code::kUnsupported},
      {"names an encoder", [](TinyFile& f) { f.model.encoder_hash = "0123"; }, "file", "its encoder from another file",
       Code::kUnsupported},
      {"no tokenizer", [](TinyFile& f) { f.model.tokenizer = nullptr; }, "file", "a tokenizer from outside",
       Code::kUnsupported},
      {"no heads", [](TinyFile& f) { f.model.heads.clear(); }, "file", "0 heads: must be 1 to 16"},
      {"no tensors", [](TinyFile& f) { f.model.tensors.clear(); }, "file", "0 tensors"},
      {"too many tensors",
       [](TinyFile& f) {
         for (uint32_t i = 0; i <= kLimits.tensors; ++i) {
           f.model.tensors.push_back(std::make_unique<TensorT>(*f.model.tensors[0]));
         }
       },
       "file", "tensors: must be 1 to 4096"},
      {"too many tables",
       [](TinyFile& f) {
         for (uint32_t i = 0; i <= kLimits.tables; ++i) {
           Words(f).added_tokens.push_back(std::make_unique<AddedTokenT>(*Words(f).added_tokens[0]));
         }
       },
       "metadata", "not a well-formed flatbuffer"},
  });
}

TEST_CASE("texts and names") {
  Run({
      {"tensor without a name", [](TinyFile& f) { f.model.tensors[2]->name = ""; }, "tensor 2", "a name of 0 bytes"},
      {"long tensor name", [](TinyFile& f) { f.model.tensors[2]->name = std::string(257, 'x'); }, "tensor 2",
       "must have 1 to 256"},
      {"escape in a tensor name", [](TinyFile& f) { f.model.tensors[2]->name = "\x1B[31m"; }, "tensor 2",
       "not plain ASCII"},
      {"high byte in a tensor name", [](TinyFile& f) { f.model.tensors[2]->name = "\xC3\xA9"; }, "tensor 2",
       "not plain ASCII"},
      {"head without a name", [](TinyFile& f) { Head0(f).name = ""; }, "head 0", "a name of 0 bytes"},
      {"long label", [](TinyFile& f) { Head0(f).labels[1] = std::string(5000, 'x'); }, "head 0: label 1",
       "more than the limit of 4096"},
      {"NUL in a label", [](TinyFile& f) { Head0(f).labels[1] = std::string("a\0b", 3); }, "head 0: label 1",
       "not valid UTF-8"},
      {"Latin-1 label", [](TinyFile& f) { Head0(f).labels[1] = "caf\xE9"; }, "head 0: label 1", "not valid UTF-8"},
      {"overlong label", [](TinyFile& f) { Head0(f).labels[1] = "\xC0\x80"; }, "head 0: label 1", "not valid UTF-8"},
      {"overlong 3", [](TinyFile& f) { Head0(f).labels[1] = "\xE0\x9F\xBF"; }, "label 1", "not valid UTF-8"},
      {"overlong 4", [](TinyFile& f) { Head0(f).labels[1] = "\xF0\x8F\xBF\xBF"; }, "label 1", "not valid UTF-8"},
      {"surrogate label", [](TinyFile& f) { Head0(f).labels[1] = "\xED\xA0\x80"; }, "head 0: label 1",
       "not valid UTF-8"},
      {"label beyond Unicode", [](TinyFile& f) { Head0(f).labels[1] = "\xF4\x90\x80\x80"; }, "head 0: label 1",
       "not valid UTF-8"},
      {"label cut in a character", [](TinyFile& f) { Head0(f).labels[1] = "x\xE2\x82"; }, "head 0: label 1",
       "not valid UTF-8"},
      {"label with a bad tail", [](TinyFile& f) { Head0(f).labels[1] = "\xE2\x82("; }, "head 0: label 1",
       "not valid UTF-8"},
      {"added token empty", [](TinyFile& f) { Words(f).added_tokens[3]->content = ""; }, "added token 3", "is empty"},
      {"added token bad", [](TinyFile& f) { Words(f).added_tokens[3]->content = "\xFF"; }, "added token 3",
       "not valid UTF-8"},
      {"prefix bad", [](TinyFile& f) { Words(f).continuing_prefix = "\xFF"; }, "continuing prefix", "not valid UTF-8"},
      {"converter version", [](TinyFile& f) { f.model.report->converter_version = "\xFF"; },
       "report: converter version", "UTF-8"},
      {"dataset", [](TinyFile& f) { f.model.report->accuracy->dataset = "\xFF"; }, "report: dataset", "UTF-8"},
      {"metric", [](TinyFile& f) { f.model.report->accuracy->metric = "\xFF"; }, "report: metric", "UTF-8"},
      {"architecture", [](TinyFile& f) { f.model.provenance->architecture = "\xFF"; }, "provenance: architecture",
       "UTF-8"},
      {"source hash", [](TinyFile& f) { f.model.provenance->source_hash = "\xFF"; }, "provenance: source hash",
       "UTF-8"},
      {"recipe", [](TinyFile& f) { f.model.provenance->recipe = std::string(4097, 'x'); }, "provenance: recipe",
       "4097 bytes"},
  });
  TinyFile good;
  Head0(good).labels = {"\xF4\x8F\xBF\xBF \xED\x9F\xBF \xEE\x80\x80", "\xE0\xA0\x80 \xF0\x90\x80\x80 \xC2\x80", ""};
  CHECK_MESSAGE(Open(good).ok(), std::string(Open(good).message()));
}

TEST_CASE("tensors") {
  Run({
      {"F16", [](TinyFile& f) { Query(f).type = TensorType::F16; }, "tensor layer.0.query.weight",
       "weights of type F16, which this version does not implement", Code::kUnsupported},
      {"I4", [](TinyFile& f) { Query(f).type = TensorType::I4; }, "tensor layer.0.query.weight", "weights of type I4",
       Code::kUnsupported},
      {"type 200", [](TinyFile& f) { Query(f).type = Unknown<TensorType>(); }, "tensor layer.0.query.weight",
       "unknown type 200", Code::kUnsupported},
      {"packed floats", [](TinyFile& f) { Query(f).type = TensorType::F32; }, "tensor layer.0.query.weight",
       "Packed16x4 of type F32: must be I8"},
      {"a packed table", [](TinyFile& f) { Encoder(f).embeddings->token = f.AddPacked("t", 20, 8); },
       "embeddings: token: tensor t", "is Packed16x4: must be RowMajor"},
      {"a packed weight in rows", [](TinyFile& f) { Layer0(f).key->weight = f.AddMatrix("w", 8, 8, TensorType::I8); },
       "layer 0: key: weight: tensor w", "is RowMajor: int8 weights must be Packed16x4"},
      {"a bias beside the blocks", [](TinyFile& f) { Layer0(f).value->bias = f.AddVector("v", 8); },
       "layer 0: value: bias", "the blocks of layer.0.value.weight have it inside"},
      {"layout 200", [](TinyFile& f) { Query(f).layout = Unknown<Layout>(); }, "tensor layer.0.query.weight",
       "unknown layout 200", Code::kUnsupported},
      {"blocks of scales", [](TinyFile& f) { Query(f).block_size = 4; }, "tensor layer.0.query.weight",
       "several scales per row", Code::kUnsupported},
      {"no dimension", [](TinyFile& f) { Query(f).shape = {}; }, "tensor layer.0.query.weight", "0 dimensions"},
      {"three dimensions", [](TinyFile& f) { Query(f).shape = {8, 4, 2}; }, "tensor layer.0.query.weight",
       "3 dimensions"},
      {"int8 vector", [](TinyFile& f) { Query(f).shape = {64}; }, "tensor layer.0.query.weight", "a vector of type I8"},
      {"dimension 0", [](TinyFile& f) { Query(f).shape = {8, 0}; }, "tensor layer.0.query.weight", "a dimension of 0"},
      {"bytes cut to 32 bits",
       [](TinyFile& f) {
         Query(f).shape = {0x10000, 0x10000};
         Query(f).data_bytes = 0;
       },
       "tensor layer.0.query.weight", "its shape [65536, 65536] needs 4295753728"},
      {"too few bytes", [](TinyFile& f) { Query(f).data_bytes -= 1; }, "tensor layer.0.query.weight",
       "319 bytes: its shape [8, 8] needs 320"},
      {"too many bytes", [](TinyFile& f) { Query(f).data_bytes += 1; }, "tensor layer.0.query.weight", "321 bytes"},
      {"data beyond the end", [](TinyFile& f) { Query(f).data_block = static_cast<uint32_t>(f.data.size() / 64 - 2); },
       "tensor layer.0.query.weight", "beyond the end of the data"},
      {"data far beyond", [](TinyFile& f) { Query(f).data_block = 0xFFFFFFFFu; }, "tensor layer.0.query.weight",
       "beyond the end of the data"},
      {"data beyond by 32 bits", [](TinyFile& f) { Query(f).data_block = 1u << 26; }, "tensor layer.0.query.weight",
       "bytes 4294967296 + 320"},
      {"scales beyond the end",
       [](TinyFile& f) { Token(f).scales_block = static_cast<uint32_t>(f.data.size() / 64 - 1); },
       "tensor embeddings.token", "scales, bytes"},
      {"scales far beyond", [](TinyFile& f) { Token(f).scales_block = 0xFFFFFFFFu; }, "tensor embeddings.token",
       "scales, bytes"},
      {"scale 0", [](TinyFile& f) { f.scales("embeddings.token")[0] = 0; }, "tensor embeddings.token",
       "not finite and positive"},
      {"scale -0", [](TinyFile& f) { f.scales("embeddings.token")[19] = -0.0f; }, "tensor embeddings.token",
       "not finite and positive"},
      {"scale negative", [](TinyFile& f) { f.scales("embeddings.token")[5] = -1; }, "tensor embeddings.token",
       "not finite and positive"},
      {"scale NaN", [](TinyFile& f) { f.scales("embeddings.token")[5] = kNan; }, "tensor embeddings.token",
       "not finite and positive"},
      {"scale infinite", [](TinyFile& f) { f.scales("embeddings.token")[5] = kInfinity; }, "tensor embeddings.token",
       "not finite and positive"},
      {"gamma NaN", [](TinyFile& f) { f.values("layer.0.ffn_norm.gamma")[3] = -kNan; }, "tensor layer.0.ffn_norm.gamma",
       "not finite"},
      {"beta infinite", [](TinyFile& f) { f.values("embeddings.norm.beta")[7] = kInfinity; },
       "tensor embeddings.norm.beta", "not finite"},
  });
  TinyFile good;
  good.scales("embeddings.token")[0] = 1e-42f;  // subnormal, and the largest
  good.scales("embeddings.token")[1] = std::numeric_limits<float>::max();
  good.values("layer.0.ffn_norm.beta")[0] = -std::numeric_limits<float>::max();
  CHECK(Open(good).ok());
  // What lies behind a vector in its last block is padding, and nobody's business.
  good.values("layer.0.ffn_norm.beta")[8] = kNan;
  CHECK(Open(good).ok());
  // A packed matrix has no scales of its own: where they would lie is not read.
  Query(good).scales_block = 0xFFFFFFFFu;
  CHECK(Open(good).ok());
}

// Opening reads nothing of a block, verifying reads all of it.
TEST_CASE("what lies in blocks") {
  constexpr size_t kWeights = 64, kScales = 64 + 16 * 8, kBiases = kScales + 64;
  const auto set = [](TinyFile* f, size_t at, auto value) {
    memcpy(f->bytes("layer.0.query.weight") + at, &value, sizeof(value));
  };
  const struct {
    const char* name;
    std::function<void(TinyFile&)> change;
    const char* message;
  } cases[] = {
      {"sum", [&](TinyFile& f) { set(&f, 4, int32_t{77777}); }, "row 1: the sum of its weights is another one"},
      {"sum of nothing", [&](TinyFile& f) { set(&f, 4 * 8, int32_t{1}); }, "row 8: the sum of its weights"},
      {"weight -128", [&](TinyFile& f) { set(&f, kWeights + 4, int8_t{-128}); }, "row 1: a weight of -128"},
      {"weight of nothing", [&](TinyFile& f) { set(&f, kWeights + 4 * 15, int8_t{1}); }, "row 15: what fills up"},
      {"scale 0", [&](TinyFile& f) { set(&f, kScales, 0.0f); }, "row 0: a scale that is not finite and positive"},
      {"scale NaN", [&](TinyFile& f) { set(&f, kScales + 28, kNan); }, "row 7: a scale"},
      {"bias infinite", [&](TinyFile& f) { set(&f, kBiases + 4, kInfinity); }, "row 1: a bias that is not finite"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    TinyFile file;
    each.change(file);
    CHECK(Open(file).ok());
    const std::vector<uint8_t> bytes = file.Bytes();
    const Placed placed(bytes, 4);
    std::unique_ptr<pbert::Model> model;
    const Status status = pbert::Model::OpenMemory(placed.data(), placed.size(), {.verify_data = true}, &model);
    CHECK(status.code() == Code::kBadFile);
    CHECK_MESSAGE(strstr(status.message(), each.message) != nullptr, std::string(status.message()));
    CHECK(strstr(status.message(), "tensor layer.0.query.weight") != nullptr);
  }
}

TEST_CASE("absurd dimensions") {
  // Products that are 0 or small once cut to 32 or 64 bits, and what they would have to be.
  const struct {
    uint32_t rows, columns, bytes;
  } shapes[] = {
      {0, 0, 0},
      {0, 8, 0},
      {0xFFFFFFFFu, 0xFFFFFFFFu, 1},
      {0xFFFFFFFFu, 8, 0xFFFFFFF8u},
      {0x10000u, 0x10000u, 0},
      {0x80000000u, 2, 0},
      {0x80000000u, 0x80000000u, 0},
      {0x40000000u, 0x40000000u, 0},
      {1u << 20, 1u << 12, 0},
      {1u << 20, 1u << 20, 0},
      {1u << 20, (1u << 12) + 1, 1u << 20},
  };
  for (const TensorType type : {TensorType::I8, TensorType::F32}) {
    for (const auto& shape : shapes) {
      for (const std::string name :
           {"layer.0.query.weight", "embeddings.token", "embeddings.position", "head.classifier.weight"}) {
        TinyFile file(type);
        file.tensor(name).shape = {shape.rows, shape.columns};
        file.tensor(name).data_bytes = shape.bytes;
        const Status status = Open(file);
        CAPTURE(name);
        CAPTURE(shape.rows);
        CHECK_MESSAGE(status.code() == Code::kBadFile, std::string(status.message()));
        CHECK_MESSAGE(strstr(status.message(), name.c_str()) != nullptr, std::string(status.message()));
      }
    }
  }
  for (const uint32_t absurd :
       {0u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu, 0x10000u, 0x55555556u /* x 3 wraps to 2 */}) {
    CAPTURE(absurd);
    const std::function<void(EncoderT&)> changes[] = {
        [=](EncoderT& e) { e.hidden_size = absurd; }, [=](EncoderT& e) { e.ffn_size = absurd; },
        [=](EncoderT& e) { e.head_count = absurd; },  [=](EncoderT& e) { e.embedding_size = absurd; },
        [=](EncoderT& e) { e.max_tokens = absurd; },
    };
    for (const auto& change : changes) {
      TinyFile file;
      change(Encoder(file));
      CHECK(Open(file).code() == Code::kBadFile);
    }
    if (absurd != 0) {
      TinyFile file;
      Encoder(file).embeddings->position_offset = absurd;
      CHECK(Open(file).code() == Code::kBadFile);
    }
  }
}

// The relatives that the format has room for: each is accepted, so that no rule above is too strict.
TEST_CASE("what is allowed") {
  const struct {
    std::string name;
    std::function<void(TinyFile&)> change;
  } cases[] = {
      {"factorised embeddings and shared layers, as ALBERT",
       [](TinyFile& f) {
         Encoder(f).embedding_size = 4;
         Encoder(f).embeddings->token = f.AddMatrix("t", 20, 4, TensorType::I8);
         Encoder(f).embeddings->position = f.AddMatrix("p", 12, 4, TensorType::I8);
         Encoder(f).embeddings->norm = f.AddNorm("n", 4);
         Encoder(f).embeddings->projection = f.AddLinear("x", 8, 4, TensorType::I8);
         Encoder(f).order.assign(12, 0);
         Encoder(f).activation = Activation::GeluTanh;
       }},
      {"padded positions, as RoBERTa",
       [](TinyFile& f) {
         Encoder(f).embeddings->position_offset = 2;
         Encoder(f).max_tokens = 10;
       }},
      {"token types and pooler, as BERT",
       [](TinyFile& f) {
         Encoder(f).embeddings->token_type = f.AddMatrix("types", 2, 8, TensorType::F32);
         Head0(f).steps[0]->activation = Activation::Tanh;
       }},
      {"relu", [](TinyFile& f) { Encoder(f).activation = Activation::Relu; }},
      {"tags",
       [](TinyFile& f) {
         SetTask(f, Task::TokenClassification, RowChoice::All, 2);
         Head0(f).labels = {"O", "B-x"};
       }},
      {"question answering", [](TinyFile& f) { SetTask(f, Task::QuestionAnswering, RowChoice::All, 2); }},
      {"next sentence", [](TinyFile& f) { SetTask(f, Task::NextSentence, RowChoice::First, 2); }},
      {"fill-mask with tied weights and a transform",
       [](TinyFile& f) {
         SetTask(f, Task::FillMask, RowChoice::Listed, 20);
         Head0(f).steps[0]->activation = Activation::GeluErf;
         Head0(f).steps[0]->norm = f.AddNorm("transform", 8);
         Head0(f).steps[1]->linear->weight = Encoder(f).embeddings->token;
       }},
      {"embedding",
       [](TinyFile& f) {
         SetTask(f, Task::FeatureExtraction, RowChoice::All, 3);
         Head0(f).steps.clear();
         Head0(f).pooling = Pooling::Mean;
         Head0(f).normalize = true;
       }},
      {"embedding of the first row",
       [](TinyFile& f) {
         SetTask(f, Task::FeatureExtraction, RowChoice::First, 3);
         Head0(f).pooling = Pooling::Cls;
       }},
      {"a head without bias", [](TinyFile& f) { Head0(f).steps[1]->linear->bias = -1; }},
      {"regression",
       [](TinyFile& f) {
         SetTask(f, Task::TextClassification, RowChoice::First, 1);
         Head0(f).problem_type = ProblemType::Regression;
         Head0(f).labels = {"LABEL_0"};
       }},
      {"two heads",
       [](TinyFile& f) {
         f.model.heads.push_back(std::make_unique<HeadT>());
         f.model.heads.back()->name = "embedding";
         f.model.heads.back()->task = Task::FeatureExtraction;
         f.model.heads.back()->rows = RowChoice::All;
       }},
      {"no special tokens but the unknown one",
       [](TinyFile& f) {
         Words(f).cls_id = Words(f).sep_id = Words(f).pad_id = Words(f).mask_id = -1;
         Words(f).added_tokens.clear();
       }},
      {"fewer pieces than rows",
       [](TinyFile& f) {
         Words(f).piece_ends.pop_back();
         Words(f).piece_bytes.resize(Words(f).piece_ends.back());
       }},
      {"no report, no provenance",
       [](TinyFile& f) {
         f.model.report = nullptr;
         f.model.provenance = nullptr;
       }},
      {"an fp32 matrix among int8 ones, with any values",
       [](TinyFile& f) {
         Layer0(f).ffn_in = f.AddLinear("fine", 16, 8, TensorType::F32);
         f.values("fine.weight")[0] = kInfinity;  // matrices are not read at open
       }},
  };
  for (const auto& c : cases) {
    TinyFile file;
    c.change(file);
    const Status status = OpenWhole(file);
    CHECK_MESSAGE(status.ok(), c.name, ": ", std::string(status.message()));
  }
}

}  // namespace
}  // namespace pbert::test
