#include "converter/checkpoint/known_keys.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

namespace pbert::converter {
namespace {

class KeyWalk {
 public:
  KeyWalk(std::string path, std::span<const KnownKey> known, const WarningCallback& warn)
      : path_(std::move(path)), known_(known), warn_(warn) {}

  // `prefix` is the path of `value`, with a dot behind it unless it is the top.
  void Visit(const Json& value, const std::string& prefix) {
    if (value.is_array()) {
      for (const Json& element : value) Visit(element, prefix);
      return;
    }
    if (!value.is_object()) return;
    const std::string* type = TypeOf(value);
    const std::string own = type == nullptr ? prefix : *type + ".";
    if (type != nullptr && !Continues(own)) return;
    for (const auto& [key, child] : value.items()) {
      if (type != nullptr && key == "type") continue;
      const std::string path = own + key;
      const bool continues = Continues(path + ".");
      if (!continues && !Known(path)) {
        Warn(path);
      } else if (continues || HoldsComponents(child)) {
        Visit(child, path + ".");
      }
    }
  }

 private:
  static const std::string* TypeOf(const Json& value) {
    const auto type = value.find("type");
    return type == value.end() ? nullptr : type->get_ptr<const std::string*>();
  }

  static bool HoldsComponents(const Json& value) {
    if (value.is_array()) return !value.empty() && HoldsComponents(value.front());
    return value.is_object() && TypeOf(value) != nullptr;
  }

  // Whether `path` fits the row's path, or (`beginning`) its beginning. The keys of a path may themselves have dots, so
  // `*` takes as little as it needs.
  static bool Fits(std::string_view row, std::string_view path, bool beginning) {
    const size_t star = row.find('*');
    const std::string_view literal = row.substr(0, star);
    const size_t common = std::min(literal.size(), path.size());
    if (literal.substr(0, common) != path.substr(0, common)) return false;
    if (path.size() <= literal.size()) return beginning || path.size() == row.size();
    if (star == std::string_view::npos) return false;
    for (size_t taken = 1; star + taken <= path.size(); ++taken) {
      if (Fits(row.substr(star + 1), path.substr(star + taken), beginning)) return true;
    }
    return false;
  }

  bool Known(const std::string& path) { return AnyFits(path, false); }
  bool Continues(const std::string& path) { return AnyFits(path, true); }

  // The elements of a list have the same paths, of which the first many are remembered.
  bool AnyFits(const std::string& path, bool beginning) {
    constexpr size_t kMaxRemembered = 1000;
    auto& answers = answers_[beginning ? 1 : 0];
    if (const auto found = answers.find(path); found != answers.end()) return found->second;
    const bool fits =
        std::any_of(known_.begin(), known_.end(), [&](const KnownKey& key) { return Fits(key.path, path, beginning); });
    if (answers.size() < kMaxRemembered) answers.emplace(path, fits);
    return fits;
  }

  // A file may have a million keys of any length: what it makes us say is bounded, and that we stop is said.
  void Warn(const std::string& path) {
    constexpr size_t kMaxWarnings = 100, kLongestKey = 200;
    if (warned_.size() > kMaxWarnings || !warned_.insert(path).second) return;
    if (warned_.size() > kMaxWarnings) return warn_(path_ + ": more keys that are not known here; ignored");
    const std::string shown = path.size() <= kLongestKey ? path : Excerpt(Json(path));
    warn_(path_ + ": key \"" + shown + "\": not known here; ignored");
  }

  const std::string path_;
  const std::span<const KnownKey> known_;
  const WarningCallback& warn_;
  std::unordered_map<std::string, bool> answers_[2];  // of AnyFits
  std::set<std::string> warned_;
};

}  // namespace

void WarnOfUnknownKeys(const Json& json, const std::string& path, std::span<const KnownKey> known,
                       const WarningCallback& warn) {
  if (known.empty() || !warn) return;
  KeyWalk(path, known, warn).Visit(json, "");
}

void WarnOfUnknownKeys(const std::filesystem::path& directory, const WarningCallback& warn) {
  if (!warn) return;
  for (const char* name : {"config.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json"}) {
    const std::filesystem::path path = directory / name;
    if (KnownKeysOf(name).empty() || !std::filesystem::exists(path)) continue;
    WarnOfUnknownKeys(ReadJsonFile(path), path.string(), KnownKeysOf(name), warn);
  }
}

}  // namespace pbert::converter
