// The text of a data set's file, which may lie in a zip archive as the sets are often published.
#ifndef POCKETBERT_CONVERTER_EVALUATE_DATA_FILE_H_
#define POCKETBERT_CONVERTER_EVALUATE_DATA_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>

namespace pbert {

inline constexpr uint64_t kLargestDataFile = uint64_t{2} << 30;

// The file's name, by whose extension its format is known: without ".zip", where the name ends so.
std::filesystem::path DataName(const std::filesystem::path& path);

// The whole of the file or, when its name ends in ".zip", of the only file in that archive. Throws Error when it cannot
// be read, is larger than kLargestDataFile (unpacked, too), or the archive holds no file or several.
std::string ReadDataFile(const std::filesystem::path& path);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_EVALUATE_DATA_FILE_H_
