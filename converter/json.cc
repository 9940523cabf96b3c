#include "converter/json.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "converter/error.h"
#include "converter/file.h"

namespace pbert {
namespace {

constexpr uint64_t kLargestJsonFile = 256u << 20;  // tokenizer.json of the largest vocabularies has some 20 MB

// The library's messages begin with "[json.exception....] "; a person needs what follows, in one line.
std::string PlainReason(const char* what) {
  std::string text = what;
  if (const size_t end = text.find("] "); text.starts_with("[json") && end != std::string::npos) {
    text.erase(0, end + 2);
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

}  // namespace

Json ParseJsonObject(std::string_view text, const std::string& where, bool unique_keys) {
  std::unordered_set<std::string> keys;
  auto check_key = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1 && !keys.insert(value.get<std::string>()).second) {
      throw Error(where + ": \"" + value.get<std::string>() + "\" appears twice");
    }
    return true;
  };
  try {
    Json json = unique_keys ? Json::parse(text, check_key) : Json::parse(text);
    if (!json.is_object()) throw Error(where + ": not a JSON object");
    return json;
  } catch (const Json::exception& error) {
    throw Error(where + ": not valid JSON: " + PlainReason(error.what()));
  }
}

Json ReadJsonFile(const std::filesystem::path& path) {
  return ParseJsonObject(ReadTextFile(path, kLargestJsonFile), path.string());
}

}  // namespace pbert
