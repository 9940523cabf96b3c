#include "converter/tokenizer/version.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

using Version = std::array<uint32_t, 4>;
constexpr Version kReference = {4, 57, 6};

std::optional<Version> ParseVersion(std::string_view text) {
  Version version = {};
  for (uint32_t& part : version) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) return version;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace

std::string FastTokenizerFile(const Json& names, const std::string& where) {
  constexpr std::string_view kBegin = "tokenizer.", kEnd = ".json";
  if (!names.is_array()) throw Error(where + ": not a list of names");
  // In the order of the versions as text, in which the reference stops at the first that is too new.
  std::map<std::string, std::string> by_version;
  for (const Json& entry : names) {
    if (!entry.is_string() || entry.get<std::string>().find_first_of("/\\") != std::string::npos) {
      throw Error(where + ": " + Excerpt(entry) + " is not a file's name");
    }
    const std::string name = entry;
    if (name.size() < kBegin.size() + kEnd.size() || !name.starts_with(kBegin) || !name.ends_with(kEnd)) continue;
    by_version[name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size())] = name;
  }
  std::string chosen = "tokenizer.json";
  for (const auto& [text, name] : by_version) {
    const auto version = ParseVersion(text);
    if (!version) throw Error(where + ": \"" + name + "\": \"" + text + "\" is not a version");
    if (*version > kReference) break;
    chosen = name;
  }
  return chosen;
}

}  // namespace pbert::converter
