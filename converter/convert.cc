#include "converter/convert.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "converter/check/sample_logits.h"
#include "converter/checkpoint/checkpoint_files.h"
#include "converter/checkpoint/config.h"
#include "converter/checkpoint/known_keys.h"
#include "converter/network/added_heads.h"
#include "converter/network/architectures.h"
#include "converter/network/heads.h"
#include "converter/network/plan.h"
#include "converter/network/sentence_transformer.h"
#include "converter/pbert/writer.h"
#include "converter/support/error.h"
#include "converter/support/file.h"
#include "converter/tokenizer/reader.h"
#include "pocketbert/pocketbert.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

// A checkpoint, read as far as possible without touching the weights: everything that can be wrong with its metadata
// has been found once this is made.
struct Checkpoint {
  fs::path directory;  // of config.json
  SentenceTransformer sentence;
  std::unique_ptr<Weights> weights;
  std::unique_ptr<Config> config;
  std::string task;
  uint64_t hash = 0;
  std::vector<uint64_t> encoder_hashes;            // once they are known; of each tensor
  std::vector<std::unique_ptr<Checkpoint>> added;  // more heads
  std::unique_ptr<VocabularyTrim> trim;            // null: the vocabulary stays whole

  Checkpoint(const std::string& path_or_name, const std::string& wanted_task, const WarningCallback& warn = {})
      : sentence(ReadSentenceTransformer(FindCheckpoint(path_or_name), warn)), task(wanted_task) {
    directory = sentence.encoder;
    weights = OpenWeights(directory);
    config = std::make_unique<Config>(directory / "config.json");
    config->WarnOfUnknownKeys(warn);
    if (warn && fs::exists(directory / "adapter_config.json")) {
      warn(
          (directory / "adapter_config.json").string() +
          ": these weights are converted without the adapter (LoRA) that it describes, unless it was merged into them");
    }
    // Whatever the encoder's class is called, what was saved here is an embedding.
    if (sentence.exists && task.empty()) task = TaskName(schema::Task::FeatureExtraction);
  }

  // `names`: as ConvertOptions::add_heads.
  void AddHeads(const std::vector<std::string>& names, const std::string& own_name, const WarningCallback& warn = {}) {
    const std::vector<std::string> tasks = TaskNames();
    for (const std::string& name : names) {
      const bool own = std::find(tasks.begin(), tasks.end(), name) != tasks.end() && !fs::exists(name);
      added.push_back(std::make_unique<Checkpoint>(own ? own_name : name, own ? name : "", warn));
    }
  }
};

// max_seq_length takes the place of the tokenizer's model_max_length, even where it is more; the encoder's positions
// remain the end. Nothing of this is about other tasks than embeddings, for which sentence-transformers is not asked.
void AddSentenceTransformer(const SentenceTransformer& sentence, schema::HeadT* head, schema::TokenizerT* tokenizer) {
  if (!sentence.exists || head->task != schema::Task::FeatureExtraction) return;
  if (sentence.max_tokens != 0) tokenizer->max_tokens = sentence.max_tokens;
  head->pooling = sentence.pooling;
  head->normalize = sentence.normalize;
  head->text = std::make_unique<schema::TextPreparationT>(sentence.text);
}

std::unique_ptr<schema::TokenizerT> TokenizerOf(const Checkpoint& checkpoint, const Plan& plan,
                                                ConvertedNetwork* network) {
  const auto token = static_cast<size_t>(network->encoder->embeddings->token);
  auto tokenizer = ReadTokenizer(checkpoint.directory, plan.tensors()[token].rows,
                                 network->head->task == schema::Task::QuestionAnswering);
  if (network->head->task == schema::Task::FillMask && tokenizer->mask_id < 0) {
    throw Error((checkpoint.directory / "tokenizer_config.json").string() +
                ": \"mask_token\": there is none in the vocabulary, and a model that fills masks needs it: name it, as "
                "in \"mask_token\": \"[MASK]\"");
  }
  AddSentenceTransformer(checkpoint.sentence, network->head.get(), tokenizer.get());
  return tokenizer;
}

// Rows behind the tokenizer's last id are there to make the table's size round. More than that were trained for tokens
// that the tokenizer does not make: it may be another model's.
void WarnOfUnusedRows(const Plan& plan, const schema::ModelT& model, const WarningCallback& warn) {
  const PlannedTensor& table = plan.tensors()[static_cast<size_t>(model.encoder->embeddings->token)];
  uint32_t used = static_cast<uint32_t>(model.tokenizer->piece_ends.size());
  for (const auto& token : model.tokenizer->added_tokens) used = std::max(used, token->id + 1);
  const uint32_t unused = table.rows > used ? table.rows - used : 0;
  if (!warn || unused <= 128 || uint64_t{unused} * 100 <= table.rows) return;
  warn(plan.source() + ": the token embedding has " + std::to_string(table.rows) + " rows, the tokenizer only " +
       std::to_string(used) + " tokens: is it this model's?");
}

std::string RecipeOf(const WeightChoice& weights) {
  if (weights.type == WeightType::kFloat32) return "weights=fp32";
  std::string recipe = "weights=int8, symmetric, per row";
  for (const std::string& pattern : weights.keep) recipe += ", keep=fp32:" + pattern;
  return recipe;
}

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016" PRIx64, value);
  return text;
}

uint32_t Saturated(uint64_t value) {
  return static_cast<uint32_t>(std::min<uint64_t>(value, std::numeric_limits<uint32_t>::max()));
}

// All of a file but its tensors' bytes: made before the long work, so that its size is known and its faults are found.
struct Draft {
  Plan plan;
  schema::ModelT model;
  FileLayout layout;
  std::vector<std::unique_ptr<RowSubset>> subsets;  // that the plan reads by

  // `expected`, or null: what will be measured about the file.
  Draft(Checkpoint* base, const WeightChoice& weights, const Measurements* expected, const WarningCallback& warn = {},
        const ProgressCallback& progress = {})
      : plan(*base->weights, weights) {
    const Checkpoint& checkpoint = *base;
    ConvertedNetwork network = DescribeNetwork(*checkpoint.config, checkpoint.task, &plan, warn);
    model.tokenizer = TokenizerOf(checkpoint, plan, &network);
    model.encoder = std::move(network.encoder);
    model.heads.push_back(std::move(network.head));
    model.provenance = std::make_unique<schema::ProvenanceT>();
    model.provenance->architecture = network.architecture;
    model.provenance->source_hash = Hex(0);  // as long as the true one
    model.provenance->recipe = RecipeOf(weights);
    for (const auto& added : checkpoint.added) {
      AddHead(base, network.encoder_tensors, added.get(), weights, warn, progress);
    }
    plan.RequireAllKept();
    model.report = std::make_unique<schema::ReportT>(FirstReport(checkpoint));
    WarnOfUnusedRows(plan, model, warn);
    if (base->trim != nullptr) TrimVocabulary(base, warn, progress);
    layout = LayOutFile(plan, &model, expected);
  }

  // Behind all that is compared with other checkpoints.
  void TrimVocabulary(Checkpoint* base, const WarningCallback& warn, const ProgressCallback& progress) {
    if (progress) progress("trim the vocabulary", 0);
    base->trim->SetBytesBefore(LayOutFile(plan, &model, nullptr).bytes());
    base->trim->Trim(base->weights.get(), &plan, &model, &subsets);
    for (const auto& head : model.heads) {
      if (!warn || head->task != schema::Task::FillMask) continue;
      warn("--trim-vocab: the answers of fill-mask are pieces, and so can only be those " +
           std::to_string(base->trim->figures().pieces) + " that are kept");
    }
  }

  // The head of another checkpoint, once it is sure that all else is the same.
  void AddHead(Checkpoint* base, size_t encoder_tensors, Checkpoint* added, const WeightChoice& weights,
               const WarningCallback& warn, const ProgressCallback& progress) {
    Plan own(*added->weights, weights);
    ConvertedNetwork network = DescribeNetwork(*added->config, added->task, &own, warn);
    const auto tokenizer = TokenizerOf(*added, own, &network);
    for (const auto& head : model.heads) {
      if (head->task != network.head->task) continue;
      throw Error(
          "--add-head: " + added->directory.string() + ": its head is for " + TaskName(head->task) +
          ", for which the file has one already: a question goes to the head of its task, so a second one needs "
          "a file of its own");
    }
    RequireSameModel({base->config->model_type(), plan.source(), *model.encoder, *model.tokenizer},
                     {added->config->model_type(), own.source(), *network.encoder, *tokenizer});
    const auto hash = [&](Checkpoint* checkpoint, const Plan& tensors) {
      if (!checkpoint->encoder_hashes.empty()) return;
      if (progress) progress("compare the encoders", 0);
      checkpoint->encoder_hashes = HashTensors(tensors, encoder_tensors, checkpoint->weights.get());
    };
    hash(base, plan);
    hash(added, own);
    RequireSameTensors(plan, base->encoder_hashes, own, added->encoder_hashes);
    MoveTensors(plan.Adopt(own, encoder_tensors, added->weights.get()), static_cast<int32_t>(encoder_tensors),
                network.head.get());
    model.heads.push_back(std::move(network.head));
    model.provenance->encoder_hash = Hex(HashOf(base->encoder_hashes));
    model.provenance->recipe += ", add-head=" + network.architecture;
  }

  static schema::ReportT FirstReport(const Checkpoint& checkpoint) {
    schema::ReportT report;
    report.converter_version = PBERT_VERSION;
    report.source_bytes = Saturated(checkpoint.weights->bytes());
    return report;
  }
};

void Write(Draft* draft, Checkpoint* checkpoint, const TemporaryFile& file, const ProgressCallback& progress) {
  if (checkpoint->hash == 0) {
    if (progress) progress("hash the weights", 0);
    checkpoint->hash = checkpoint->weights->Hash();
  }
  draft->model.provenance->source_hash = Hex(checkpoint->hash);
  WritePlannedModel(draft->plan, draft->layout, draft->model, checkpoint->weights.get(), file, progress);
}

void WriteCheckpoint(Checkpoint* checkpoint, const WeightChoice& weights, const TemporaryFile& file,
                     const ProgressCallback& progress) {
  Draft draft(checkpoint, weights, nullptr);
  RequireRoom({{&file, draft.layout.bytes()}});  // before the weights are hashed
  Write(&draft, checkpoint, file, progress);
}

void AddLogitErrors(const LogitErrors& errors, schema::ReportT* report) {
  report->error_texts = errors.texts;
  report->worst_logit_error = errors.worst;
  report->mean_logit_error = errors.mean;
}

void AddFindings(const Findings& findings, Measurements* measurements) {
  measurements->report.accuracy = std::make_unique<schema::AccuracyT>(findings.accuracy);
  measurements->report.reject_cost = findings.reject_cost;
  measurements->reject_threshold = findings.reject_threshold;
  measurements->null_threshold = findings.null_threshold;
}

// Names the file that a message is about as the user knows it, not by its hidden name. Both are in one folder.
template <typename Function>
void WithOutputName(const fs::path& hidden, const fs::path& output, Function function) {
  try {
    function();
  } catch (const Error& error) {
    std::string text = error.what();
    const std::string name = hidden.filename().string();
    if (const size_t place = text.find(name); place != std::string::npos) {
      text.replace(place, name.size(), output.filename().string());
    }
    throw Error(text);
  }
}

// What is read must not be what is replaced. A .pbert file beside the weights is a result of before.
void RequireNoInput(const fs::path& output, const fs::path& checkpoint) {
  if (!fs::exists(output) || output.extension() == ".pbert") return;
  for (const auto& entry : fs::directory_iterator(checkpoint)) {
    if (fs::equivalent(entry.path(), output)) {
      throw Error(output.string() + ": is a file of the checkpoint itself; name another file");
    }
  }
}

}  // namespace

void WriteModel(const std::string& checkpoint_dir, const std::string& output, const WeightChoice& weights,
                const ProgressCallback& progress, const std::string& task, const std::vector<std::string>& add_heads) {
  Checkpoint checkpoint(checkpoint_dir, task);
  checkpoint.AddHeads(add_heads, checkpoint_dir);
  const auto file = TemporaryBeside(output);
  WithOutputName(file->path(), output, [&] { WriteCheckpoint(&checkpoint, weights, *file, progress); });
  file->Rename(output);
}

std::unique_ptr<TemporaryFile> WriteScratchModel(const std::string& checkpoint_dir, const WeightChoice& weights,
                                                 const ProgressCallback& progress) {
  Checkpoint checkpoint(checkpoint_dir, "");
  auto file = ScratchFile("pocketbert");
  WriteCheckpoint(&checkpoint, weights, *file, progress);
  return file;
}

// Two files come and go: the converted one under a hidden name, and its fp32 twin for comparison, which is run like any
// file and so is one: in memory it would be as large as the checkpoint. The report is stored where room was kept for
// it.
ConvertResult Convert(const ConvertOptions& options) {
  Checkpoint checkpoint(options.checkpoint_dir, options.task, options.warn);
  WarnOfUnknownKeys(checkpoint.directory, options.warn);
  checkpoint.AddHeads(options.add_heads, options.checkpoint_dir, options.warn);
  if (!options.trim.name.empty()) checkpoint.trim = std::make_unique<VocabularyTrim>(options.trim);
  const fs::path output = options.output;
  const bool int8 = options.weights.type == WeightType::kInt8;
  Measurements measured{Draft::FirstReport(checkpoint)};
  Measurements expected = measured;
  if (int8) AddLogitErrors({.texts = 1, .worst = 0, .mean = 0}, &expected.report);
  if (options.evaluate) AddFindings(options.expected, &expected);

  RequireNoInput(output, checkpoint.directory);
  for (const auto& added : checkpoint.added) RequireNoInput(output, added->directory);
  auto file = TemporaryBeside(output);
  // An fp32 file is its own twin: it is only opened and run.
  std::unique_ptr<TemporaryFile> twin;
  WithOutputName(file->path(), output, [&] {
    {
      Draft draft(&checkpoint, options.weights, &expected, options.warn, options.progress);
      if (int8) {
        twin = ScratchFile(output.filename().string());
        RequireRoom(
            {{file.get(), draft.layout.bytes()}, {twin.get(), draft.layout.metadata + draft.layout.data_in_fp32}});
      } else {
        RequireRoom({{file.get(), draft.layout.bytes()}});
      }
      Write(&draft, &checkpoint, *file, options.progress);
    }
    if (int8) {
      WriteCheckpoint(&checkpoint, WeightType::kFloat32, *twin, options.progress);
      WithOutputName(twin->path(), output, [&] {
        AddLogitErrors(CompareLogits(file->path(), twin->path(), options.progress), &measured.report);
      });
    } else {
      (void)SampleLogits(file->path(), true, options.progress);
    }
    if (options.evaluate) {
      if (checkpoint.trim != nullptr) {
        // What the file is held against has the whole vocabulary, so that the figures show what trimming costs.
        auto trim = std::move(checkpoint.trim);
        twin = ScratchFile(output.filename().string());
        WriteCheckpoint(&checkpoint, WeightType::kFloat32, *twin, options.progress);
        checkpoint.trim = std::move(trim);
      }
      const fs::path& fp32_file = twin != nullptr ? twin->path() : file->path();
      AddFindings(options.evaluate(file->path().string(), fp32_file.string()), &measured);
    }
    twin.reset();
    if (!ReplaceReport(*file, measured)) {
      auto larger = TemporaryBeside(output);
      CopyWithReport(file->path(), *larger, measured);
      file = std::move(larger);
    }
  });
  ConvertResult result;
  result.source_bytes = checkpoint.weights->bytes();
  result.file_bytes = fs::file_size(file->path());
  result.report = measured.report;
  result.reject_threshold = measured.reject_threshold;
  result.null_threshold = measured.null_threshold;
  if (checkpoint.trim != nullptr) result.trim = checkpoint.trim->figures();
  file->Rename(output);
  return result;
}

void UpdateReport(const std::string& file, const schema::ReportT& report, float reject_threshold,
                  float null_threshold) {
  const auto updated = TemporaryBeside(file);
  CopyWithReport(file, *updated, {report, reject_threshold, null_threshold});
  updated->Rename(file);
}

}  // namespace pbert::converter
