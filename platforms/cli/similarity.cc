// similarity: two texts by the cosine of their embeddings.

#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/embedder.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

using converter::ModelHandle;

constexpr char kDescription[] =
    "Shows how alike A and B are: the cosine of their embeddings, 1 for the same, around 0 for texts that have "
    "nothing\n"
    "to do with each other. FILE is an embedding model, such as one converted from sentence-transformers.";

constexpr char kMore[] =
    "JSON: {\"similarity\": 0.8719}.\n\n"
    "Example:\n"
    "  pocketbert similarity minilm.pbert \"How do I reset my password?\" \"I forgot my login\"";

}  // namespace

int SimilarityCommand(CommandLine& line) {
  uint32_t threads = 0;
  std::string backend = "auto";
  bool json = false;
  line.Describe("FILE A B", kDescription, kMore);
  line.AddThreads(threads, "Cores for one text (default 1)");
  line.AddBackend(backend);
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(3, 3);
  const ModelHandle model = OpenEmbeddingModel(line.positionals()[0]);
  Embedder embedder(model, threads, backend);
  const std::vector<float> a = embedder.Embed(line.positionals()[1], 1), b = embedder.Embed(line.positionals()[2], 2);
  const float similarity = pbert_similarity(a.data(), b.data(), embedder.columns());
  if (json) {
    Out().WriteExactLine(Dump({{"similarity", Number(similarity)}}));
  } else {
    Out().WriteLine(Format("%.4f", static_cast<double>(similarity)));
  }
  embedder.Finish(2);
  return 0;
}

}  // namespace pbert::cli
