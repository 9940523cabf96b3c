// search: the lines of a file that are nearest to a text, by embeddings.

#include <algorithm>

#include "base/checksum.h"
#include "converter/support/error.h"
#include "converter/support/file.h"
#include "model/header.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/embedder.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/table.h"
#include "platforms/cli/vector_file.h"

namespace pbert::cli {
namespace {

using converter::Error;
using converter::InputFile;
using converter::ModelHandle;
using converter::ReadTextFile;
using converter::Require;

constexpr uint64_t kMaxCorpus = uint64_t{1} << 32;

constexpr char kDescription[] =
    "Shows the lines of CORPUS, a text file, that mean most nearly what QUERY does: by the cosine of their "
    "embeddings.\n"
    "FILE is an embedding model, such as one converted from sentence-transformers. The first search embeds every line\n"
    "and keeps the vectors, a byte for each number, in CORPUS.vectors; later ones take milliseconds. When the text or\n"
    "the model changes they are made again.";

constexpr char kMore[] =
    "JSON: an array of {\"line\", \"score\", \"text\"}; lines count from 1.\n\n"
    "Example:\n"
    "  pocketbert search minilm.pbert questions.txt \"I forgot my login\" --top-k 3";

struct Line {
  size_t number;  // from 1
  std::string_view text;
};

// Lines that say something.
std::vector<Line> LinesOf(std::string_view text) {
  std::vector<Line> lines;
  for (size_t number = 1, at = 0; at < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != std::string_view::npos) lines.push_back({number, line});
    at = end + 1;
  }
  return lines;
}

uint64_t HeaderChecksum(const std::string& path) {
  uint8_t header[kHeaderSize];
  InputFile(path).ReadAt(0, header, sizeof(header));
  return Checksum64(header, sizeof(header));
}

std::vector<int8_t> EmbedAll(const std::vector<Line>& lines, Embedder* embedder) {
  const uint32_t columns = embedder->columns();
  std::vector<int8_t> vectors(lines.size() * columns);
  Progress progress("search");
  constexpr size_t kAtOnce = 256;  // for which there are inputs at a time
  for (size_t first = 0; first < lines.size(); first += kAtOnce) {
    std::vector<std::string_view> texts;
    for (size_t i = first; i < std::min(first + kAtOnce, lines.size()); ++i) texts.push_back(lines[i].text);
    embedder->EmbedAll(
        texts, [&](size_t index) { return lines[first + index].number; },
        [&](size_t index, const float* vector) {
          Require(pbert_quantize_vector(vector, columns, vectors.data() + (first + index) * columns));
          progress.Count(first + index + 1, lines.size(), "lines");
        });
  }
  embedder->Finish(lines.size());
  return vectors;
}

}  // namespace

int SearchCommand(CommandLine& line) {
  uint32_t threads = 0, top_k = 5;
  std::string backend = "auto", kept_in;
  bool json = false;
  line.Describe("FILE CORPUS QUERY", kDescription, kMore);
  line.Add("--top-k", top_k, "Show so many lines, nearest first (default 5)", "N", Range{1, 1 << 20});
  line.Add("--vectors", kept_in, "Keep the vectors here (default CORPUS.vectors)", "FILE");
  line.AddThreads(threads, "Cores for one text (default 1)");
  line.AddBackend(backend);
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(3, 3);
  const std::string& path = line.positionals()[0];
  const std::string& corpus = line.positionals()[1];
  const ModelHandle model = OpenEmbeddingModel(path);
  Embedder embedder(model, threads, backend);
  const std::string text = ReadTextFile(corpus, kMaxCorpus);
  const std::vector<Line> lines = LinesOf(text);
  if (lines.empty()) throw Error(corpus + ": it has no lines to search");
  if (kept_in.empty()) kept_in = corpus + ".vectors";
  CheckReplaceable(kept_in);

  const VectorSource source = {HeaderChecksum(path), Checksum64(text.data(), text.size()), embedder.columns(),
                               static_cast<uint32_t>(lines.size())};
  std::optional<std::vector<int8_t>> vectors = ReadVectors(kept_in, source);
  if (!vectors) {
    vectors = EmbedAll(lines, &embedder);
    try {
      WriteVectors(kept_in, source, *vectors);
    } catch (const Error& error) {
      Complain(CommandName(), std::string(error.what()) +
                                  "; the vectors were not kept, so the next search makes them " +
                                  "again (--vectors says where to)");
    }
  }
  const std::vector<float> query = embedder.Embed(line.positionals()[2], 1);
  std::vector<pbert_label_score> best(std::min<size_t>(top_k, lines.size()));
  uint32_t found = 0;
  Require(pbert_nearest(query.data(), source.columns, vectors->data(), source.count, best.data(),
                        static_cast<uint32_t>(best.size()), &found));
  best.resize(found);
  Json list = Json::array();
  for (const pbert_label_score& score : best) {
    const Line& near = lines[score.label];
    if (json) {
      list.push_back({{"line", near.number}, {"score", Number(score.score)}, {"text", near.text}});
    } else {
      Out().WriteLine(Format("%.4f  ", static_cast<double>(score.score)) + OneLine(near.text, SIZE_MAX));
    }
  }
  if (json) Out().WriteExactLine(Dump(list));
  return 0;
}

}  // namespace pbert::cli
