// The vectors of a file's lines, kept beside it so that they are made once.
#ifndef POCKETBERT_PLATFORMS_CLI_VECTOR_FILE_H_
#define POCKETBERT_PLATFORMS_CLI_VECTOR_FILE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace pbert::cli {

// What the vectors were made from: others are made anew.
struct VectorSource {
  uint64_t model = 0;   // XXH64 of the .pbert file's header, in which its checksums are
  uint64_t corpus = 0;  // XXH64 of the text file
  uint32_t columns = 0;
  uint32_t count = 0;  // of lines that have a vector
};

// int8 [count, columns] as pbert_quantize_vector makes them, if `path` holds those of `source`; otherwise, and where
// the file is missing or damaged, nothing.
std::optional<std::vector<int8_t>> ReadVectors(const std::filesystem::path& path, const VectorSource& source);

// Throws Error if the file is there and holds something else than vectors: nobody's notes, corpus or model is to be
// lost.
void CheckReplaceable(const std::filesystem::path& path);

// Writes the file, whole or not at all. Throws Error.
//
// Format, little-endian: "PBVECTR1", then model, corpus (8 bytes each), columns, count (4 bytes each), XXH64 of the
// rows (8 bytes), and the rows.
void WriteVectors(const std::filesystem::path& path, const VectorSource& source, const std::vector<int8_t>& vectors);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_VECTOR_FILE_H_
