// JSON files of a checkpoint, read with errors that name the file.
#ifndef POCKETBERT_CONVERTER_JSON_H_
#define POCKETBERT_CONVERTER_JSON_H_

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pbert {

using Json = nlohmann::json;

// Parses what Python's json writes: JSON, and Infinity (here the largest number) and NaN (here null). Throws Error, whose
// text begins with `where`.
Json ParseJson(std::string_view text, const std::string& where);

// Parses `text`; an object is expected at the top. A key that appears twice in the top-level object is an
// error when `unique_keys` (JSON leaves open which one counts). Throws Error, whose text begins with `where`.
Json ParseJsonObject(std::string_view text, const std::string& where, bool unique_keys = false);

// A file with an object, or with any value. Throws Error, also for a Git LFS pointer in its place.
Json ReadJsonFile(const std::filesystem::path& path);
Json ReadJsonValueFile(const std::filesystem::path& path);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_JSON_H_
