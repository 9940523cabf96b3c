// The text of a data set's file, which may lie in a zip archive as the sets are often published.
#ifndef POCKETBERT_CONVERTER_EVALUATE_DATA_FILE_H_
#define POCKETBERT_CONVERTER_EVALUATE_DATA_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>

namespace pbert::converter {

inline constexpr uint64_t kLargestDataFile = uint64_t{2} << 30;
// A zip archive may unpack to so many times its own size and kUnpackedAnyway: text compresses to a tenth, text that
// says the same again and again to a fiftieth, and zeros to a thousandth.
inline constexpr uint64_t kMaxUnpacked = 64;
inline constexpr uint64_t kUnpackedAnyway = uint64_t{16} << 20;

// The file's name, by whose extension its format is known: without ".zip", where the name ends so, and where nothing
// is left then that could be an extension, the name that the file has in the archive. Throws Error as ReadDataFile.
std::filesystem::path DataName(const std::filesystem::path& path);

// The whole of the file or, when its name ends in ".zip", of the only file in that archive. Throws Error when it cannot
// be read, is larger than kLargestDataFile (unpacked, too), is not UTF-8, or the archive holds no
// file or several. Memory: the text; of an archive, three times the limits above while it grows, and its directory some
// 10 times.
std::string ReadDataFile(const std::filesystem::path& path);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_DATA_FILE_H_
