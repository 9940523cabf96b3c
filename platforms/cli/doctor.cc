// pocketbert doctor: what this machine has, how fast it can be, and what makes it slow.

#include <algorithm>

#include "base/cpu.h"
#include "base/port.h"
#include "converter/support/error.h"
#include "engine/packed_model.h"
#include "kernels/instruction_set.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/machine.h"
#include "platforms/cli/output.h"
#include "platforms/cli/report_view.h"
#include "platforms/cli/roofline.h"

namespace pbert::cli {
namespace {

constexpr uint32_t kLengths[] = {8, 16, 32, 64, 128};

constexpr char kDescription[] =
    "Shows what this machine has, which code will run on it, the least time that a text can take (for FILE, or for\n"
    "DistilBERT-base's shape), and what makes it slow. Measures for a fifth of a second.";

constexpr char kMore[] =
    "JSON keys: processor, commit, isa (what the processor has), instruction_sets [{name, on_this_cpu, used}], "
    "kernels,\n"
    "big_cores, cores (which ones, and why), processors (that may be used), page_size, model, backend, layout,\n"
    "packed_bytes (copied at load; 0: the file is used as it is), dot_isa, peak_gmacs, peak_gbytes (a second),\n"
    "limits [{tokens, limit_ms}], slow [sentence]; null without FILE.\n\n"
    "Example:\n"
    "  pocketbert doctor intent.pbert";

// How a file will run.
struct Choice {
  std::string backend, layout;
  size_t packed_bytes = 0;
};

Choice ChoiceFor(const std::string& path, const Model& model) {
  std::unique_ptr<PackedModel> packed;
  if (const Status status = PackedModel::Create(model, BackendKind::kAuto, &packed); !status.ok()) {
    throw converter::Error(path + ": " + status.message());
  }
  return {packed->products_name(), LayoutNames(model), packed->packed_bytes()};
}

}  // namespace

int DoctorCommand(CommandLine& line) {
  bool json = false;
  line.Describe("[FILE]", kDescription, kMore);
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(0, 1);

  std::unique_ptr<Model> model;
  std::string path;
  Choice choice;
  if (!line.positionals().empty()) {
    path = line.positionals()[0];
    model = OpenModel(path);
    choice = ChoiceFor(path, *model);
  }
  const auto work = [&](uint32_t tokens) { return model ? WorkOf(*model, tokens) : WorkOfDistilBertBase(tokens); };
  const Peak peak = MeasurePeak(1, RooflineBuffer(work(1)), UsedInstructionSet());
  std::vector<uint32_t> lengths(std::begin(kLengths), std::end(kLengths));
  if (model) std::erase_if(lengths, [&](uint32_t n) { return n > model->max_tokens(); });
  const std::vector<std::string> causes = SlowCauses();
  const CoreChoice cores = BigCores();

  if (json) {
    Json object = {{"processor", ProcessorName()},
                   {"commit", BuildCommit()},
                   {"isa", InstructionSets()},
                   {"instruction_sets", Json::array()},
                   {"kernels", BestKernels().name},
                   {"big_cores", cores.cores},
                   {"cores", CoresView(cores)},
                   {"processors", UsableProcessors()},
                   {"page_size", PageSize()},
                   {"model", TextOrNull(path)},
                   {"backend", TextOrNull(choice.backend)},
                   {"layout", TextOrNull(choice.layout)},
                   {"packed_bytes", model ? Json(choice.packed_bytes) : Json()},
                   {"dot_isa", peak.dot_isa},
                   {"peak_gmacs", Rounded(peak.gmacs, 1)},
                   {"peak_gbytes", Rounded(peak.gbytes, 2)},
                   {"limits", Json::array()},
                   {"slow", causes}};
    for (const InstructionSet& set : pbert::InstructionSets()) {
      object["instruction_sets"].push_back(
          {{"name", set.name}, {"on_this_cpu", set.on_this_cpu}, {"used", &set == &UsedInstructionSet()}});
    }
    for (const uint32_t n : lengths) {
      object["limits"].push_back({{"tokens", n}, {"limit_ms", Rounded(LimitMs(work(n), peak), 4)}});
    }
    Out().WriteExactLine(Dump(object));
    return 0;
  }

  Table table("ll");
  table.Add({"processor", ProcessorName()});
  table.Add({"instruction sets", InstructionSetsView()});
  table.Add({"kernels", BestKernels().name});
  table.Add(
      {"big cores", Format("%s; this process may use %d processors", CoresView(cores).c_str(), UsableProcessors())});
  table.Add({"page size", Format("%zu", PageSize())});
  table.Add({"one core, measured",
             Format("%.1f GMAC/s of int8 (%s), %.1f GB/s from memory", peak.gmacs, peak.dot_isa, peak.gbytes)});
  if (model) {
    table.Add({"model", path});
    table.Add({"backend", choice.backend});
    table.Add({"layout",
               choice.layout + (choice.packed_bytes == 0 ? ", used as it lies in the file"
                                                         : "; " + Bytes(choice.packed_bytes) +
                                                               " are packed at load, the rest is used as it lies")});
  }
  Out().Write(table.Print());

  Table times("rrl", {"tokens", "at least, ms", "bound by"});
  for (const uint32_t n : lengths) {
    times.Add({std::to_string(n), Format("%.3f", LimitMs(work(n), peak)),
               BoundByMemory(work(n), peak) ? "memory" : "arithmetic"});
  }
  Out().WriteLine(Format("\n%s on one core:\n", model ? "This model" : "DistilBERT-base's shape"));
  Out().Write(times.Print());
  Out().WriteLine(causes.empty() ? "\nNothing in sight makes it slow." : "\nWhat makes it slow:");
  for (const std::string& cause : causes) Out().WriteLine("  - " + cause);
  return 0;
}

}  // namespace pbert::cli
