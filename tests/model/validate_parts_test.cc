// The validator's rules about the encoder and the heads.

#include <doctest/doctest.h>

#include "tests/support/validate_cases.h"

namespace pbert::test {
namespace {

TEST_CASE("encoder") {
  Run({
      {"pre-norm", [](TinyFile& f) { Encoder(f).norm_placement = NormPlacement::Pre; }, "encoder",
       "layer norm before each block (pre-norm), which this version does not implement", Code::kUnsupported},
      {"norm 200", [](TinyFile& f) { Encoder(f).norm_placement = Unknown<NormPlacement>(); }, "encoder",
       "norm placement 200", Code::kUnsupported},
      {"gated", [](TinyFile& f) { Encoder(f).feed_forward = FeedForward::Gated; }, "encoder",
       "the file needs gated feed-forward layers, which this version does not implement", Code::kUnsupported},
      {"feed-forward 200", [](TinyFile& f) { Encoder(f).feed_forward = Unknown<FeedForward>(); }, "encoder", "kind 200",
       Code::kUnsupported},
      {"relative", [](TinyFile& f) { Encoder(f).positions = Positions::Relative; }, "encoder", "relative positions",
       Code::kUnsupported},
      {"rotary", [](TinyFile& f) { Encoder(f).positions = Positions::Rotary; }, "encoder", "rotary positions",
       Code::kUnsupported},
      {"positions 200", [](TinyFile& f) { Encoder(f).positions = Unknown<Positions>(); }, "encoder",
       "positions of kind 200", Code::kUnsupported},
      {"activation 200", [](TinyFile& f) { Encoder(f).activation = Unknown<Activation>(); }, "encoder",
       "activation 200", Code::kUnsupported},
      {"no activation", [](TinyFile& f) { Encoder(f).activation = Activation::None; }, "encoder", "activation None"},
      {"hidden", [](TinyFile& f) { Encoder(f).hidden_size = 8193; }, "encoder", "8193 hidden size: must be 1 to 8192"},
      {"heads", [](TinyFile& f) { Encoder(f).head_count = 3; }, "encoder",
       "hidden size 8: not a multiple of its 3 attention heads"},
      {"heads 0", [](TinyFile& f) { Encoder(f).head_count = 0; }, "encoder", "0 attention heads"},
      {"ffn", [](TinyFile& f) { Encoder(f).ffn_size = 32769; }, "encoder", "feed-forward size"},
      {"tokens", [](TinyFile& f) { Encoder(f).max_tokens = 8193; }, "encoder", "8193 most tokens"},
      {"epsilon 0", [](TinyFile& f) { Encoder(f).norm_epsilon = 0; }, "encoder", "norm epsilon 0"},
      {"epsilon -1", [](TinyFile& f) { Encoder(f).norm_epsilon = -1e-12f; }, "encoder", "norm epsilon"},
      {"epsilon NaN", [](TinyFile& f) { Encoder(f).norm_epsilon = kNan; }, "encoder", "norm epsilon"},
      {"epsilon infinite", [](TinyFile& f) { Encoder(f).norm_epsilon = kInfinity; }, "encoder", "norm epsilon"},
      {"no layers", [](TinyFile& f) { Encoder(f).layers.clear(); }, "encoder", "0 layers"},
      {"order beyond", [](TinyFile& f) { Encoder(f).order = {0, 0, 1}; }, "encoder: order", "layer 1 of 1"},
      {"order too long", [](TinyFile& f) { Encoder(f).order.assign(257, 0); }, "encoder: order", "257 entries"},
  });
}

TEST_CASE("embeddings") {
  Run({
      {"no token table", [](TinyFile& f) { Encoder(f).embeddings->token = -1; }, "embeddings: token", "is missing"},
      {"token -2", [](TinyFile& f) { Encoder(f).embeddings->token = -2; }, "embeddings: token",
       "negative tensor number"},
      {"token beyond", [](TinyFile& f) { Encoder(f).embeddings->token = 1000; }, "embeddings: token",
       "tensor number 1000 of"},
      {"token vector", [](TinyFile& f) { Encoder(f).embeddings->token = f.AddVector("v", 8); }, "embeddings: token",
       "should be a matrix of width 8"},
      {"token width", [](TinyFile& f) { Encoder(f).embeddings->token = f.AddMatrix("m", 20, 9, TensorType::I8); },
       "embeddings: token: tensor m", "[20, 9]"},
      {"no positions", [](TinyFile& f) { Encoder(f).embeddings->position = -1; }, "embeddings: position", "is missing"},
      {"position width",
       [](TinyFile& f) { Encoder(f).embeddings->position = f.AddMatrix("m", 12, 7, TensorType::F32); },
       "embeddings: position", "[12, 7]"},
      {"too few positions", [](TinyFile& f) { Encoder(f).max_tokens = 13; }, "embeddings: position",
       "12 rows: too few for 13 tokens"},
      {"offset", [](TinyFile& f) { Encoder(f).embeddings->position_offset = 1; }, "embeddings: position",
       "too few for 12 tokens from row 1 on"},
      {"offset wraps", [](TinyFile& f) { Encoder(f).embeddings->position_offset = 0xFFFFFFF8u; },
       "embeddings: position", "too few"},
      {"type beyond", [](TinyFile& f) { Encoder(f).embeddings->token_type = 1000; }, "embeddings: token type",
       "tensor number"},
      {"type -2", [](TinyFile& f) { Encoder(f).embeddings->token_type = -2; }, "embeddings: token type", "negative"},
      {"type width", [](TinyFile& f) { Encoder(f).embeddings->token_type = f.AddMatrix("m", 2, 9, TensorType::I8); },
       "embeddings: token type", "[2, 9]"},
      {"types", [](TinyFile& f) { Encoder(f).embeddings->token_type = f.AddMatrix("m", 257, 8, TensorType::I8); },
       "embeddings: token type", "257 rows"},
      {"no gamma", [](TinyFile& f) { Encoder(f).embeddings->norm->gamma = -1; }, "embeddings: norm: gamma",
       "is missing"},
      {"no beta", [](TinyFile& f) { Encoder(f).embeddings->norm->beta = -1; }, "embeddings: norm: beta", "is missing"},
      {"gamma size", [](TinyFile& f) { Encoder(f).embeddings->norm->gamma = f.AddVector("v", 9); },
       "embeddings: norm: gamma", "should be a vector of 8"},
      {"gamma a matrix",
       [](TinyFile& f) { Encoder(f).embeddings->norm->gamma = f.AddMatrix("m", 1, 8, TensorType::F32); },
       "embeddings: norm: gamma", "should be a vector of 8"},
      {"width without projection",
       [](TinyFile& f) {
         Encoder(f).embedding_size = 4;
         Encoder(f).embeddings->token = f.AddMatrix("t", 20, 4, TensorType::I8);
         Encoder(f).embeddings->position = f.AddMatrix("p", 12, 4, TensorType::I8);
         Encoder(f).embeddings->norm = f.AddNorm("n", 4);
       },
       "embeddings", "there is no projection"},
      {"projection shape",
       [](TinyFile& f) { Encoder(f).embeddings->projection = f.AddLinear("p", 8, 9, TensorType::I8); },
       "embeddings: projection", "should be a matrix of [8, 8]"},
  });
}

TEST_CASE("layers") {
  Run({
      {"query missing", [](TinyFile& f) { Layer0(f).query->weight = -1; }, "layer 0: query: weight", "is missing"},
      {"key rows", [](TinyFile& f) { Layer0(f).key = f.AddLinear("x", 7, 8, TensorType::I8); },
       "layer 0: key: weight: tensor x.weight", "[7, 8], should be a matrix of [8, 8]"},
      {"value a vector", [](TinyFile& f) { Layer0(f).value->weight = f.AddVector("v", 8); }, "layer 0: value: weight",
       "should be a matrix"},
      {"float bias missing",
       [](TinyFile& f) {
         Layer0(f).query = f.AddLinear("x", 8, 8, TensorType::F32);
         Layer0(f).query->bias = -1;
       },
       "layer 0: query: bias", "is missing"},
      {"float bias size",
       [](TinyFile& f) {
         Layer0(f).query = f.AddLinear("x", 8, 8, TensorType::F32);
         Layer0(f).query->bias = f.AddVector("v", 24);
       },
       "layer 0: query: bias", "should be a vector of 8"},
      {"attention output", [](TinyFile& f) { Layer0(f).attention_output = f.AddLinear("x", 8, 16, TensorType::I8); },
       "layer 0: attention output", "[8, 16]"},
      {"attention norm", [](TinyFile& f) { Layer0(f).attention_norm = f.AddNorm("n", 16); },
       "layer 0: attention norm: gamma", "vector of 8"},
      {"ffn in", [](TinyFile& f) { Layer0(f).ffn_in = f.AddLinear("x", 8, 16, TensorType::I8); }, "layer 0: ffn in",
       "should be a matrix of [16, 8]"},
      {"ffn out", [](TinyFile& f) { Layer0(f).ffn_out = f.AddLinear("x", 16, 8, TensorType::I8); }, "layer 0: ffn out",
       "should be a matrix of [8, 16]"},
      {"ffn norm", [](TinyFile& f) { Layer0(f).ffn_norm->beta = f.AddVector("v", 16); }, "layer 0: ffn norm: beta",
       "vector of 8"},
      {"second layer",
       [](TinyFile& f) {
         Encoder(f).layers.push_back(std::make_unique<LayerT>());
         LayerT& layer = *Encoder(f).layers.back();
         layer.query = f.AddLinear("layer.1.query", 8, 8, TensorType::I8);
         layer.key = f.AddLinear("layer.1.key", 8, 8, TensorType::I8);
         layer.value = f.AddLinear("layer.1.value", 8, 8, TensorType::I8);
         layer.attention_output = f.AddLinear("layer.1.attention_output", 8, 8, TensorType::I8);
         layer.attention_norm = f.AddNorm("layer.1.attention_norm", 8);
         layer.ffn_in = f.AddLinear("layer.1.ffn_in", 16, 8, TensorType::I8);
         layer.ffn_out = f.AddLinear("layer.1.ffn_out", 8, 16, TensorType::I8);
         layer.ffn_norm = std::make_unique<NormT>();
       },
       "layer 1: ffn norm: gamma", "is missing"},
  });
}

// A head beside the others.
void AddTagger(TinyFile& f, uint32_t labels) {
  auto head = std::make_unique<HeadT>();
  head->name = "tagger";
  head->task = Task::TokenClassification;
  head->rows = RowChoice::All;
  head->labels.assign(labels, "x");
  head->steps.push_back(std::make_unique<schema::HeadStepT>());
  head->steps[0]->linear = f.AddLinear("head.tagger", labels, TinyFile::kHidden, TensorType::F32);
  f.model.heads.push_back(std::move(head));
}

TEST_CASE("heads") {
  Run({
      {"too many heads",
       [](TinyFile& f) {
         for (int i = 0; i < 16; ++i) {
           f.model.heads.push_back(std::make_unique<HeadT>());
           f.model.heads.back()->name = "x";
           f.model.heads.back()->task = Task::FeatureExtraction;
         }
       },
       "file", "17 heads"},
      {"task 200", [](TinyFile& f) { Head0(f).task = Unknown<Task>(); }, "head 0", "task 200", Code::kUnsupported},
      {"problem type 200", [](TinyFile& f) { Head0(f).problem_type = Unknown<ProblemType>(); }, "head 0",
       "problem type 200", Code::kUnsupported},
      {"pooling 200", [](TinyFile& f) { Head0(f).pooling = Unknown<Pooling>(); }, "head 0", "pooling 200",
       Code::kUnsupported},
      {"rows 200", [](TinyFile& f) { Head0(f).rows = Unknown<RowChoice>(); }, "head 0", "row choice 200"},
      {"rows all", [](TinyFile& f) { Head0(f).rows = RowChoice::All; }, "head 0", "not one of TextClassification"},
      {"pooling of a classifier", [](TinyFile& f) { Head0(f).pooling = Pooling::Mean; }, "head 0",
       "only of FeatureExtraction"},
      {"normalized classifier", [](TinyFile& f) { Head0(f).normalize = true; }, "head 0", "only of FeatureExtraction"},
      {"threshold NaN", [](TinyFile& f) { Head0(f).reject_threshold = kNan; }, "head 0", "threshold"},
      {"null threshold infinite", [](TinyFile& f) { Head0(f).null_threshold = kInfinity; }, "head 0", "threshold"},
      {"no steps", [](TinyFile& f) { Head0(f).steps.clear(); }, "head 0: TextClassification", "has no linear layer"},
      {"too many steps",
       [](TinyFile& f) {
         for (int i = 0; i < 9; ++i) Head0(f).steps.push_back(std::make_unique<HeadStepT>());
       },
       "head 0", "11 steps"},
      {"step width", [](TinyFile& f) { Head0(f).steps[0]->linear = f.AddLinear("x", 9, 8, TensorType::I8); },
       "head 0: step 1", "should be a matrix of width 9"},
      {"step too wide for int32 sums",
       [](TinyFile& f) {
         SetTask(f, Task::FillMask, RowChoice::Listed, 20);
         Head0(f).steps[0]->linear = f.AddLinear("x", 65537, 8, TensorType::I8);
         Head0(f).steps[1]->linear = f.AddLinear("y", 20, 65537, TensorType::I8);
       },
       "head 0: step 1", "65537 inputs"},
      {"step weight missing", [](TinyFile& f) { Head0(f).steps[0]->linear->weight = -1; }, "head 0: step 0",
       "is missing"},
      {"step bias",
       [](TinyFile& f) {
         Head0(f).steps[1]->linear = f.AddLinear("x", 3, 8, TensorType::F32);
         Head0(f).steps[1]->linear->bias = f.AddVector("v", 4);
       },
       "head 0: step 1: bias", "vector of 3"},
      {"step bias -2",
       [](TinyFile& f) {
         Head0(f).steps[1]->linear = f.AddLinear("x", 3, 8, TensorType::F32);
         Head0(f).steps[1]->linear->bias = -2;
       },
       "head 0: step 1: bias", "negative"},
      {"step bias beside blocks", [](TinyFile& f) { Head0(f).steps[1]->linear->bias = 0; }, "head 0: step 1: bias",
       "have it inside"},
      {"step activation 200", [](TinyFile& f) { Head0(f).steps[0]->activation = Unknown<Activation>(); },
       "head 0: step 0", "activation 200", Code::kUnsupported},
      {"step norm", [](TinyFile& f) { Head0(f).steps[0]->norm = f.AddNorm("n", 7); }, "head 0: step 0: gamma",
       "vector of 8"},
      {"labels missing", [](TinyFile& f) { Head0(f).labels.pop_back(); }, "head 0", "2 labels for 3 outputs"},
      {"no labels", [](TinyFile& f) { Head0(f).labels.clear(); }, "head 0", "0 labels for 3 outputs"},
      {"second head",
       [](TinyFile& f) {
         f.model.heads.push_back(std::make_unique<HeadT>());
         f.model.heads.back()->name = "x";
       },
       "head 1", "has no linear layer"},
      {"second head of a good first one reads too wide a row",
       [](TinyFile& f) {
         AddTagger(f, 3);
         f.model.heads[1]->steps[0]->linear = f.AddLinear("wide", 3, 16, TensorType::F32);
       },
       "head 1: step 0", "16"},
      {"second head's labels",
       [](TinyFile& f) {
         AddTagger(f, 3);
         f.model.heads[1]->labels.pop_back();
       },
       "head 1", "2 labels for 3 outputs"},
      {"second head's tensor",
       [](TinyFile& f) {
         AddTagger(f, 3);
         f.model.heads[1]->steps[0]->linear->weight = 1000;
       },
       "head 1: step 0", "1000"},
      {"second head's threshold",
       [](TinyFile& f) {
         AddTagger(f, 3);
         f.model.heads[1]->reject_threshold = std::numeric_limits<float>::infinity();
       },
       "head 1", "not finite"},
      {"two heads of one task",
       [](TinyFile& f) {
         AddTagger(f, 3);
         AddTagger(f, 2);
       },
       "head 2: TokenClassification", "head 1 is for this task already"},
      {"question outputs", [](TinyFile& f) { SetTask(f, Task::QuestionAnswering, RowChoice::All, 3); },
       "head 0: QuestionAnswering", "3 outputs, should be 2"},
      {"question rows", [](TinyFile& f) { SetTask(f, Task::QuestionAnswering, RowChoice::First, 2); }, "head 0",
       "not one of QuestionAnswering"},
      {"next sentence outputs", [](TinyFile& f) { SetTask(f, Task::NextSentence, RowChoice::First, 1); },
       "head 0: NextSentence", "1 outputs, should be 2"},
      {"tags rows", [](TinyFile& f) { SetTask(f, Task::TokenClassification, RowChoice::First, 3); }, "head 0",
       "not one of TokenClassification"},
      {"tags labels", [](TinyFile& f) { SetTask(f, Task::TokenClassification, RowChoice::All, 3); }, "head 0",
       "0 labels for 3 outputs"},
      {"mask outputs", [](TinyFile& f) { SetTask(f, Task::FillMask, RowChoice::Listed, 19); }, "head 0: FillMask",
       "19 outputs, should be 20"},
      {"mask labels",
       [](TinyFile& f) {
         SetTask(f, Task::FillMask, RowChoice::Listed, 20);
         Head0(f).labels = {"x"};
       },
       "head 0", "1 labels for 20 outputs"},
      {"pooled first row",
       [](TinyFile& f) {
         SetTask(f, Task::FeatureExtraction, RowChoice::First, 3);
         Head0(f).pooling = Pooling::Max;
       },
       "head 0: pooling Max", "needs all rows"},
  });
}

}  // namespace
}  // namespace pbert::test
