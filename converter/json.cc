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

// Python's words for numbers that JSON has none for, outside of strings, in words that it has. "" where there are none.
std::string WithoutPythonNumbers(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"Infinity", "1.7976931348623157e308"}, {"NaN", "null"}};
  std::string result;
  size_t copied = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') ++i;
    if (in_string) continue;
    for (const auto& [word, instead] : kWords) {
      if (text.substr(i, word.size()) != word) continue;
      result.append(text.substr(copied, i - copied)).append(instead);
      copied = i + word.size();
      i = copied - 1;
      break;
    }
  }
  return copied == 0 ? result : result.append(text.substr(copied));
}

Json Parse(std::string_view text, const std::string& where, const Json::parser_callback_t& callback) {
  const std::string plain = WithoutPythonNumbers(text);
  try {
    return Json::parse(plain.empty() ? text : std::string_view(plain), callback);
  } catch (const Json::exception& error) {
    throw Error(where + ": not valid JSON: " + PlainReason(error.what()));
  }
}

}  // namespace

Json ParseJson(std::string_view text, const std::string& where) { return Parse(text, where, nullptr); }

Json ParseJsonObject(std::string_view text, const std::string& where, bool unique_keys) {
  std::unordered_set<std::string> keys;
  auto check_key = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1 && !keys.insert(value.get<std::string>()).second) {
      throw Error(where + ": \"" + value.get<std::string>() + "\" appears twice");
    }
    return true;
  };
  Json json = unique_keys ? Parse(text, where, check_key) : Parse(text, where, nullptr);
  if (!json.is_object()) throw Error(where + ": not a JSON object");
  return json;
}

Json ReadJsonFile(const std::filesystem::path& path) {
  return ParseJsonObject(ReadTextFile(path, kLargestJsonFile), path.string());
}

Json ReadJsonValueFile(const std::filesystem::path& path) {
  return ParseJson(ReadTextFile(path, kLargestJsonFile), path.string());
}

}  // namespace pbert
