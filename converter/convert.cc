#include "converter/convert.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "converter/architectures.h"
#include "converter/check.h"
#include "converter/checkpoint_files.h"
#include "converter/config.h"
#include "converter/error.h"
#include "converter/file.h"
#include "converter/heads.h"
#include "converter/plan.h"
#include "converter/sentence_transformer.h"
#include "converter/tensor_reading.h"
#include "converter/tokenizer_reader.h"
#include "converter/writer.h"
#include "pocketbert/pocketbert.h"

namespace pbert {
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

  Checkpoint(const std::string& path_or_name, const std::string& wanted_task)
      : sentence(ReadSentenceTransformer(FindCheckpoint(path_or_name))), task(wanted_task) {
    directory = sentence.encoder;
    weights = OpenWeights(directory);
    CheckNoLfsPointer(directory / "config.json");
    config = std::make_unique<Config>(directory / "config.json");
    // Whatever the encoder's class is called, what was saved here is an embedding.
    if (sentence.exists && task.empty()) task = TaskName(schema::Task::FeatureExtraction);
  }
};

// The limit of a file is the smallest that anybody states: its positions (which the encoder knows), model_max_length,
// and sentence-transformers' own.
void AddSentenceTransformer(const SentenceTransformer& sentence, schema::ModelT* model) {
  if (!sentence.exists) return;
  uint32_t& limit = model->tokenizer->max_tokens;
  if (sentence.max_tokens != 0) limit = limit == 0 ? sentence.max_tokens : std::min(limit, sentence.max_tokens);
  if (sentence.lowercase) model->tokenizer->lowercase = true;
  schema::HeadT& head = *model->heads[0];
  if (head.task != schema::Task::FeatureExtraction) return;
  head.pooling = sentence.pooling;
  head.normalize = sentence.normalize;
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

// Writes the checkpoint to the existing file `path`.
void WriteCheckpoint(Checkpoint* checkpoint, const WeightChoice& weights, const fs::path& path,
                     const ProgressCallback& progress) {
  Plan plan(*checkpoint->weights, weights);
  ConvertedNetwork network = DescribeNetwork(*checkpoint->config, checkpoint->task, &plan);
  plan.RequireAllKept();
  const auto token = static_cast<size_t>(network.encoder->embeddings->token);
  schema::ModelT model;
  model.tokenizer = ReadTokenizer(checkpoint->directory, plan.tensors()[token].rows);
  model.encoder = std::move(network.encoder);
  model.heads.push_back(std::move(network.head));
  AddSentenceTransformer(checkpoint->sentence, &model);
  if (checkpoint->hash == 0) {
    if (progress) progress("hash the weights", 0);
    checkpoint->hash = checkpoint->weights->Hash();
  }
  model.provenance = std::make_unique<schema::ProvenanceT>();
  model.provenance->architecture = network.architecture;
  model.provenance->source_hash = Hex(checkpoint->hash);
  model.provenance->recipe = RecipeOf(weights);
  model.report = std::make_unique<schema::ReportT>();
  model.report->converter_version = PBERT_VERSION;
  model.report->source_bytes = Saturated(checkpoint->weights->bytes());
  WritePlannedModel(plan, checkpoint->weights.get(), &model, path, progress);
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

}  // namespace

void WriteModel(const std::string& checkpoint_dir, const std::string& output, const WeightChoice& weights,
                const ProgressCallback& progress, const std::string& task) {
  Checkpoint checkpoint(checkpoint_dir, task);
  const auto file = TemporaryBeside(output);
  WithOutputName(file->path(), output, [&] { WriteCheckpoint(&checkpoint, weights, file->path(), progress); });
  file->Rename(output);
}

// Three files come and go: the converted one under a hidden name, its fp32 twin for comparison, and, once
// everything about the first has been measured, its copy with the report, which gets the final name.
ConvertResult Convert(const ConvertOptions& options) {
  Checkpoint checkpoint(options.checkpoint_dir, options.task);
  const fs::path output = options.output;
  const auto file = TemporaryBeside(output);
  ConvertResult result;
  WithOutputName(file->path(), output, [&] {
    WriteCheckpoint(&checkpoint, options.weights, file->path(), options.progress);
    result.source_bytes = checkpoint.weights->bytes();
    result.report.converter_version = PBERT_VERSION;
    result.report.source_bytes = Saturated(result.source_bytes);

    // An fp32 file is its own twin: it is only opened and run.
    std::unique_ptr<TemporaryFile> twin;
    fs::path fp32_file = file->path();
    if (options.weights.type == WeightType::kInt8) {
      twin = ScratchFile(output);
      fp32_file = twin->path();
      WriteCheckpoint(&checkpoint, WeightType::kFloat32, fp32_file, options.progress);
      LogitErrors errors;
      WithOutputName(fp32_file, output, [&] { errors = CompareLogits(file->path(), fp32_file, options.progress); });
      result.report.error_texts = errors.texts;
      result.report.worst_logit_error = errors.worst;
      result.report.mean_logit_error = errors.mean;
    } else {
      (void)SampleLogits(file->path(), true, options.progress);
    }
    if (options.evaluate) {
      const Findings findings = options.evaluate(file->path().string(), fp32_file.string());
      result.report.accuracy = std::make_unique<schema::AccuracyT>(findings.accuracy);
      result.report.reject_cost = findings.reject_cost;
      result.reject_threshold = findings.reject_threshold;
    }
  });
  const auto final_file = TemporaryBeside(output);
  CopyWithReport(file->path(), final_file->path(), result.report, result.reject_threshold);
  result.file_bytes = fs::file_size(final_file->path());
  final_file->Rename(output);
  return result;
}

void UpdateReport(const std::string& file, const schema::ReportT& report, float reject_threshold) {
  const auto updated = TemporaryBeside(file);
  CopyWithReport(file, updated->path(), report, reject_threshold);
  updated->Rename(file);
}

}  // namespace pbert
