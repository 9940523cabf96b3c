// The one reader of JSON: of a checkpoint's files, of data sets, of requests. Its errors name the file.
//
// A value that is nested more than 64 deep is refused before it is made, so that nothing that walks, prints or frees
// one needs more stack than that. Memory: the strings of the text, and at most 112 bytes for each other value of
// it, of which the shortest takes two bytes of text and there may be 2^24: no more than 56 times the text, and no more
// than 2 GB above its strings. tests/layers_test.py keeps other readers away.
#ifndef POCKETBERT_CONVERTER_SUPPORT_JSON_H_
#define POCKETBERT_CONVERTER_SUPPORT_JSON_H_

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pbert::converter {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

inline constexpr size_t kDeepestJson = 64;          // checkpoints and pipelines' requests need seven
inline constexpr size_t kMaxJsonValues = 1u << 24;  // the largest vocabularies with their merges have some 5 million

// Parses JSON as the standard has it. False, and `why` in a line, where the text is not that.
bool TryParseJson(std::string_view text, Json* json, std::string* why, size_t most_values = kMaxJsonValues);
// As before, with members in the order of the text; of an object at most 1000.
bool TryParseJson(std::string_view text, OrderedJson* json, std::string* why);

// Parses what Python's json writes: JSON, and Infinity (here the largest number) and NaN (here null). Throws Error,
// whose text begins with `where`.
Json ParseJson(std::string_view text, const std::string& where);

// Parses `text`; an object is expected at the top. A key that appears twice in the top-level object is an
// error when `unique_keys` (JSON leaves open which one counts). Throws Error, whose text begins with `where`.
Json ParseJsonObject(std::string_view text, const std::string& where, bool unique_keys = false);

// A file with an object, or with any value. Throws Error, also for a Git LFS pointer in its place.
Json ReadJsonFile(const std::filesystem::path& path);
Json ReadJsonValueFile(const std::filesystem::path& path);

// A value as a message shows it: as JSON, cut after a few dozen characters.
std::string Excerpt(const Json& value);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_SUPPORT_JSON_H_
