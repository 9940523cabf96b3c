// pocketbert inspect: what is in a file, byte group by byte group.

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "converter/evaluate/sensitivity.h"
#include "converter/support/error.h"
#include "model/layer_linears.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/memory_view.h"
#include "platforms/cli/output.h"
#include "platforms/cli/report_view.h"

namespace pbert::cli {
namespace {

enum Group { kEncoder, kEmbeddings, kHead, kVectors, kScales, kTokenizer, kLabels, kDirectory, kPadding, kGroups };
constexpr const char* kGroupKeys[kGroups] = {"encoder_matrices", "embeddings", "head_matrices",
                                             "norms_and_biases", "scales",     "tokenizer",
                                             "labels",           "directory",  "padding"};
constexpr const char* kGroupNames[kGroups] = {"encoder matrices", "embeddings",           "head matrices",
                                              "norms and biases", "scales of int8",       "tokenizer",
                                              "labels",           "directory and report", "padding"};

template <typename Vector>
uint64_t VectorBytes(const Vector* vector, uint64_t element) {
  return vector == nullptr ? 0 : 4 + element * vector->size();  // its length, then its elements
}

// Sums up to the file's size: what is in no other group is directory or padding.
class Layout {
 public:
  explicit Layout(const Model& model) : model_(model), groups_(kGroups, 0) {
    std::vector<Group> of_tensor(model.root().tensors()->size(), kVectors);
    const auto set = [&](int32_t index, Group group) {
      if (index >= 0) of_tensor[static_cast<size_t>(index)] = group;
    };
    const auto set_linear = [&](const schema::Linear* linear, Group group) {
      if (linear != nullptr) set(linear->weight(), group);
    };
    for (size_t i = 0; i < model.head_count(); ++i) {
      const auto* steps = model.head(i).steps();
      for (uint32_t s = 0; steps != nullptr && s < steps->size(); ++s) set_linear(steps->Get(s)->linear(), kHead);
    }
    const schema::Embeddings& embeddings = *model.encoder().embeddings();
    for (const int32_t table : {embeddings.token(), embeddings.position(), embeddings.token_type()}) {
      set(table, kEmbeddings);
    }
    set_linear(embeddings.projection(), kEncoder);
    for (const schema::Layer* layer : *model.encoder().layers()) {
      for (const schema::Linear* linear : LinearsOf(*layer)) set_linear(linear, kEncoder);
    }
    AddTensors(of_tensor);
    AddMetadata();
  }

  uint64_t bytes(size_t group) const { return groups_[group]; }

 private:
  void AddTensors(const std::vector<Group>& of_tensor) {
    uint64_t used = 0;
    std::set<uint32_t> seen;  // tied weights share their data
    for (uint32_t i = 0; i < of_tensor.size(); ++i) {
      const schema::Tensor& tensor = *model_.root().tensors()->Get(i);
      if (tensor.data_bytes() == 0 || !seen.insert(tensor.data_block()).second) continue;
      groups_[of_tensor[i]] += tensor.data_bytes();
      used += tensor.data_bytes();
      if (tensor.type() != schema::TensorType::I8) continue;
      const uint64_t scales = 4 * uint64_t{tensor.shape()->Get(0)};
      groups_[kScales] += scales;
      if (tensor.layout() == schema::Layout::Packed16x4) {  // scales and biases are inside
        groups_[kVectors] += scales;
        groups_[of_tensor[i]] -= 2 * scales;
      } else {
        used += scales;
      }
    }
    groups_[kPadding] = model_.file_size() - model_.header().data_offset - used;
  }

  void AddMetadata() {
    const schema::Tokenizer& tokenizer = model_.tokenizer();
    groups_[kTokenizer] = VectorBytes(tokenizer.piece_ends(), 4) + VectorBytes(tokenizer.piece_bytes(), 1) +
                          VectorBytes(tokenizer.trie(), 4);
    for (size_t i = 0; i < model_.head_count(); ++i) {
      const auto* labels = model_.head(i).labels();
      groups_[kLabels] += VectorBytes(labels, 4);
      for (uint32_t l = 0; labels != nullptr && l < labels->size(); ++l) {
        groups_[kLabels] += VectorBytes(labels->Get(l), 1) + 1;  // and the zero at its end
      }
    }
    groups_[kDirectory] = model_.header().data_offset - groups_[kTokenizer] - groups_[kLabels];
  }

  const Model& model_;
  std::vector<uint64_t> groups_;
};

std::string Text(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

// "int8" also where some matrices are kept finer.
const char* WeightsName(const Model& model) {
  const auto& tensors = *model.root().tensors();
  const bool any = std::any_of(tensors.begin(), tensors.end(),
                               [](const schema::Tensor* t) { return t->type() == schema::TensorType::I8; });
  return any ? "int8" : "fp32";
}

// Matrices that `convert --keep` left in fp32; none in an fp32 file, where nothing else was wanted.
std::vector<std::string> KeptFiner(const Model& model) {
  return WeightsName(model) == std::string_view("int8") ? converter::KeptMatrices(model) : std::vector<std::string>();
}

uint32_t LayersRun(const schema::Encoder& encoder) {
  return encoder.order() != nullptr ? encoder.order()->size() : encoder.layers()->size();
}

schema::ReportT ReportOf(const Model& model) {
  schema::ReportT report;
  if (model.root().report() != nullptr) model.root().report()->UnPackTo(&report);
  return report;
}

Json ToJson(const std::string& path, const Model& model) {
  const schema::Encoder& encoder = model.encoder();
  const schema::Tokenizer& tokenizer = model.tokenizer();
  Json object;
  object["file"] = path;
  object["file_bytes"] = model.file_size();
  object["format_version"] = model.header().format_version;
  object["minimum_reader"] = model.header().minimum_reader;
  object["checksums"] = {{"metadata", "ok"}, {"data", "ok"}};
  const Layout layout(model);
  for (size_t i = 0; i < kGroups; ++i) object["bytes"][kGroupKeys[i]] = layout.bytes(i);
  object["tensors"] = model.root().tensors()->size();
  object["encoder"] = {{"weights", WeightsName(model)},
                       {"kept_fp32", KeptFiner(model)},
                       {"layout", LayoutNames(model)},
                       {"layers", LayersRun(encoder)},
                       {"distinct_layers", encoder.layers()->size()},
                       {"hidden_size", encoder.hidden_size()},
                       {"heads", encoder.head_count()},
                       {"ffn_size", encoder.ffn_size()},
                       {"activation", schema::EnumNameActivation(encoder.activation())},
                       {"norm_epsilon", Number(encoder.norm_epsilon())},
                       {"max_tokens", model.max_tokens()}};
  object["heads"] = Json::array();
  for (size_t i = 0; i < model.head_count(); ++i) {
    const schema::Head& head = model.head(i);
    Json labels = Json::array();
    for (uint32_t l = 0; head.labels() != nullptr && l < head.labels()->size(); ++l) {
      labels.push_back(Text(head.labels()->Get(l)));
    }
    object["heads"].push_back(
        {{"name", Text(head.name())},
         {"task", schema::EnumNameTask(head.task())},
         {"problem_type", schema::EnumNameProblemType(head.problem_type())},
         {"labels", labels},
         {"reject_threshold", head.reject_threshold() >= 0 ? Number(head.reject_threshold()) : Json()},
         {"null_threshold", head.null_threshold() != 0 ? Number(head.null_threshold()) : Json()}});
  }
  object["tokenizer"] = {{"kind", schema::EnumNameTokenizerKind(tokenizer.kind())},
                         {"pieces", tokenizer.piece_ends()->size()},
                         {"clean_text", tokenizer.clean_text()},
                         {"space_cjk", tokenizer.space_cjk()},
                         {"strip_accents", tokenizer.strip_accents()},
                         {"lowercase", tokenizer.lowercase()},
                         {"added_tokens", tokenizer.added_tokens() == nullptr ? 0 : tokenizer.added_tokens()->size()},
                         {"max_tokens", tokenizer.max_tokens() == 0 ? Json() : Json(tokenizer.max_tokens())}};
  const schema::Provenance* provenance = model.root().provenance();
  object["provenance"] =
      provenance == nullptr
          ? Json()
          : Json{{"architecture", Text(provenance->architecture())},
                 {"source_hash", Text(provenance->source_hash())},
                 {"recipe", Text(provenance->recipe())},
                 {"encoder_hash",
                  provenance->encoder_hash() == nullptr ? Json() : Json(Text(provenance->encoder_hash()))}};
  object["report"] = model.root().report() == nullptr ? Json() : ReportJson(ReportOf(model));
  return object;
}

void PrintPeople(const std::string& path, const Model& model) {
  const schema::Encoder& encoder = model.encoder();
  const schema::Tokenizer& tokenizer = model.tokenizer();
  Table table("ll");
  table.Add({"file", path + ", " + Grouped(model.file_size()) + " bytes, format " +
                         std::to_string(model.header().format_version) + ", both checksums ok"});
  if (const auto* provenance = model.root().provenance(); provenance != nullptr) {
    table.Add({"made from", Text(provenance->architecture()) + ", weights " + Text(provenance->source_hash()) + " (" +
                                Text(provenance->recipe()) + ")"});
  }
  table.Add({"encoder", Format("%u layers, hidden size %u, %u heads, feed-forward %u, %s, %s weights",
                               LayersRun(encoder), encoder.hidden_size(), encoder.head_count(), encoder.ffn_size(),
                               schema::EnumNameActivation(encoder.activation()), WeightsName(model))});
  std::string kept;
  for (const std::string& name : KeptFiner(model)) kept += (kept.empty() ? "" : ", ") + name;
  if (!kept.empty()) table.Add({"kept in fp32", kept});
  table.Add({"longest text", Format("%u tokens", model.max_tokens())});
  for (size_t i = 0; i < model.head_count(); ++i) {
    const schema::Head& head = model.head(i);
    std::string labels;
    const uint32_t count = head.labels() == nullptr ? 0 : head.labels()->size();
    for (uint32_t l = 0; l < count; ++l) labels += (l == 0 ? "" : ", ") + Text(head.labels()->Get(l));
    table.Add({"head", std::string(schema::EnumNameTask(head.task())) + ", " +
                           schema::EnumNameProblemType(head.problem_type()) + ", " + std::to_string(count) +
                           " labels: " + OneLine(labels, 80)});
  }
  table.Add({"tokenizer", std::string(schema::EnumNameTokenizerKind(tokenizer.kind())) + ", " +
                              Grouped(tokenizer.piece_ends()->size()) + " pieces" +
                              (tokenizer.lowercase() ? ", lower-cases" : "") +
                              (tokenizer.strip_accents() ? ", strips accents" : "") +
                              (tokenizer.space_cjk() ? ", splits CJK" : "")});
  AddReportRows(ReportOf(model), model.head(0).reject_threshold(), model.head(0).null_threshold(), &table);
  Out().Write(table.Print() + "\n");

  Table bytes("lrr", {"bytes of", "", "share"});
  const Layout layout(model);
  for (size_t i = 0; i < kGroups; ++i) {
    bytes.Add({kGroupNames[i], Grouped(layout.bytes(i)),
               Percent(static_cast<double>(layout.bytes(i)) / static_cast<double>(model.file_size()))});
  }
  Out().Write(bytes.Print());
}

constexpr char kDescription[] =
    "Shows what is in a .pbert file, group by group, how it was made and what was measured about it. Reads all of it\n"
    "and compares both checksums; a damaged file is an error. With --memory it shows instead what a session on this\n"
    "machine would take: each buffer with its place and, block by block, the steps of a request in which it is alive.";

constexpr char kMore[] =
    "JSON keys: file, file_bytes, format_version, minimum_reader, checksums {metadata, data: \"ok\"},\n"
    "bytes {encoder_matrices, embeddings, head_matrices, norms_and_biases, scales, tokenizer, labels, directory,\n"
    "padding}, which sum up to file_bytes, tensors, encoder {weights, kept_fp32, layout, layers, distinct_layers,\n"
    "hidden_size, heads, ffn_size, activation, norm_epsilon, max_tokens}, heads [{name, task, problem_type, labels,\n"
    "reject_threshold, null_threshold}],\n"
    "tokenizer {kind, pieces, clean_text, space_cjk, strip_accents, lowercase, added_tokens, max_tokens},\n"
    "provenance {architecture, source_hash, recipe, encoder_hash}, report (see convert --help); null: not there, not\n"
    "measured. With several heads encoder_hash is that of the tensors that they share.\n"
    "With --memory also memory {max_tokens, threads, backend, arena_bytes, planned_bytes, most_alive_bytes, buffers\n"
    "[{name, bytes, offset, alive: names of steps}], steps [{name, alive_bytes}]}: arena_bytes is the whole session,\n"
    "planned_bytes what its buffers share of it, most_alive_bytes what no plan can do without.\n\n"
    "Examples:\n"
    "  pocketbert inspect intent.pbert\n"
    "  pocketbert inspect intent.pbert --memory --max-tokens 64 --threads 2";

}  // namespace

int InspectCommand(CommandLine& line) {
  bool json = false, memory = false;
  MemoryOptions options;
  std::string backend = "auto";
  line.Describe("FILE", kDescription, kMore);
  line.AddFlag("--memory", memory, "Show the memory plan of a session");
  line.Add("--max-tokens", options.max_tokens,
           "With --memory: of a session for texts of N tokens;\ndefault: the model's positions", "N",
           Range{1, 1 << 20});
  line.AddThreads(options.threads, "With --memory: cores for one text (default 1)");
  line.AddBackend(backend);
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(1, 1);
  for (const char* flag : {"--max-tokens", "--threads", "--backend"}) {
    if (line.Given(flag) && !memory) throw UsageError(std::string(flag) + ": says something only with --memory");
  }
  options.backend = static_cast<BackendKind>(ParseBackend(backend));
  const std::string& path = line.positionals()[0];
  const std::unique_ptr<Model> model = OpenModel(path);
  if (const Status status = model->VerifyData(); !status.ok()) throw converter::Error(path + ": " + status.message());
  if (json) {
    Json object = ToJson(path, *model);
    if (memory) object["memory"] = MemoryJson(CountMemory(*model, options));
    Out().WriteExactLine(Dump(object));
  } else if (memory) {
    Out().Write(MemoryPicture(CountMemory(*model, options)));
  } else {
    PrintPeople(path, *model);
  }
  return 0;
}

}  // namespace pbert::cli
