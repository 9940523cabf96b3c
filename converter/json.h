// JSON files of a checkpoint, read with errors that name the file.
#ifndef POCKETBERT_CONVERTER_JSON_H_
#define POCKETBERT_CONVERTER_JSON_H_

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pbert {

using Json = nlohmann::json;

// Parses `text`; an object is expected at the top. A key that appears twice in the top-level object is an
// error when `unique_keys` (JSON leaves open which one counts). Throws Error, whose text begins with `where`.
Json ParseJsonObject(std::string_view text, const std::string& where, bool unique_keys = false);

Json ReadJsonFile(const std::filesystem::path& path);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_JSON_H_
