#include "platforms/cli/vector_file.h"

#include <bit>
#include <cstring>

#include "base/checksum.h"
#include "converter/support/error.h"
#include "converter/support/file.h"

namespace pbert::cli {
namespace {

using converter::Error;
using converter::InputFile;
using converter::OutputFile;
using converter::TemporaryBeside;
using converter::TemporaryFile;

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

struct FileStart {
  char magic[8] = {'P', 'B', 'V', 'E', 'C', 'T', 'R', '1'};
  uint64_t model = 0, corpus = 0;
  uint32_t columns = 0, count = 0;
  uint64_t checksum = 0;
};
static_assert(sizeof(FileStart) == 40);

FileStart StartOf(const VectorSource& source, const std::vector<int8_t>& vectors) {
  FileStart start;
  start.model = source.model;
  start.corpus = source.corpus;
  start.columns = source.columns;
  start.count = source.count;
  start.checksum = Checksum64(vectors.data(), vectors.size());
  return start;
}

}  // namespace

void CheckReplaceable(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return;
  InputFile file(path);
  char magic[sizeof(FileStart::magic)] = {};
  if (file.size() >= sizeof(magic)) file.ReadAt(0, magic, sizeof(magic));
  if (file.size() == 0 || memcmp(magic, FileStart().magic, sizeof(magic)) == 0) return;
  throw Error(path.string() +
              ": it holds something else than vectors and is not overwritten; --vectors says where to keep them");
}

std::optional<std::vector<int8_t>> ReadVectors(const std::filesystem::path& path, const VectorSource& source) {
  const uint64_t bytes = uint64_t{source.columns} * source.count;
  if (!std::filesystem::is_regular_file(path)) return {};
  try {
    InputFile file(path);
    if (file.size() != sizeof(FileStart) + bytes) return {};
    FileStart start;
    file.ReadAt(0, &start, sizeof(start));
    std::vector<int8_t> vectors(bytes);
    file.ReadAt(sizeof(start), vectors.data(), vectors.size());
    const FileStart expected = StartOf(source, vectors);
    if (memcmp(&start, &expected, sizeof(start)) != 0) return {};
    return vectors;
  } catch (const Error&) {
    return {};
  }
}

void WriteVectors(const std::filesystem::path& path, const VectorSource& source, const std::vector<int8_t>& vectors) {
  const std::unique_ptr<TemporaryFile> target = TemporaryBeside(path);
  const FileStart start = StartOf(source, vectors);
  OutputFile file(*target, sizeof(start) + vectors.size());
  file.Write(&start, sizeof(start));
  file.Write(vectors.data(), vectors.size());
  file.Close();
  target->Rename(path);
}

}  // namespace pbert::cli
