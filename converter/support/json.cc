#include "converter/support/json.h"

#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>
#include <vector>

#include "converter/support/error.h"
#include "converter/support/file.h"

namespace pbert::converter {
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
  // It quotes what was read last, which may be most of the file.
  constexpr size_t kLongest = 300;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

// A member of an ordered object is looked for among all before it.
constexpr size_t kMaxOrderedMembers = 1000;

// Python's words for numbers that JSON has none for, outside of strings, in words that it has. "" where there are none.
std::string WithoutPythonNumbers(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"Infinity", "1.7976931348623157e308"},
                                                                             {"NaN", "null"}};
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

// Makes the value of what the lexer finds. Nothing is made of a text that breaks a limit.
template <typename Tree>
class Builder final : public nlohmann::json_sax<Tree> {
 public:
  using Base = nlohmann::json_sax<Tree>;
  Builder(Tree* root, bool unique_keys, size_t most_values)
      : root_(root), unique_keys_(unique_keys), most_values_(most_values) {}

  const std::string& why() const { return why_; }

  bool null() override { return Add(nullptr) != nullptr; }
  bool boolean(bool value) override { return Add(value) != nullptr; }
  bool number_integer(typename Base::number_integer_t value) override { return Add(value) != nullptr; }
  bool number_unsigned(typename Base::number_unsigned_t value) override { return Add(value) != nullptr; }
  bool number_float(typename Base::number_float_t value, const std::string&) override { return Add(value) != nullptr; }
  bool string(std::string& value) override { return Add(std::move(value)) != nullptr; }
  bool binary(typename Base::binary_t&) override { return Refuse("not valid JSON: binary data"); }  // no text holds any
  bool start_object(size_t) override { return Open(Tree::value_t::object); }
  bool start_array(size_t) override { return Open(Tree::value_t::array); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(std::string& name) override {
    auto& members = open_.back()->template get_ref<typename Tree::object_t&>();
    if constexpr (std::is_same_v<Tree, OrderedJson>) {
      if (members.size() == kMaxOrderedMembers) {
        return Refuse("an object of more than " + std::to_string(kMaxOrderedMembers) + " members, which is the limit");
      }
    }
    const auto [place, is_new] = members.emplace(std::move(name), nullptr);
    if (!is_new && unique_keys_ && open_.size() == 1) return Refuse("\"" + place->first + "\" appears twice");
    member_ = &place->second;
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    return Refuse("not valid JSON: " + PlainReason(error.what()));
  }

 private:
  bool Refuse(std::string why) {
    why_ = std::move(why);
    return false;
  }
  // The place of the value, or null with why().
  template <typename T>
  Tree* Add(T&& value) {
    if (++values_ > most_values_) {
      Refuse("more than " + std::to_string(most_values_) + " values, the limit of one JSON text");
      return nullptr;
    }
    if (open_.empty()) {
      *root_ = std::forward<T>(value);
      return root_;
    }
    if (auto* list = open_.back()->template get_ptr<typename Tree::array_t*>()) {
      return &list->emplace_back(std::forward<T>(value));
    }
    *member_ = std::forward<T>(value);
    return member_;
  }
  bool Open(typename Tree::value_t kind) {
    if (open_.size() == kDeepestJson) {
      return Refuse("nested more than " + std::to_string(kDeepestJson) + " deep, which is the limit");
    }
    Tree* const place = Add(Tree(kind));
    if (place != nullptr) open_.push_back(place);
    return place != nullptr;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  Tree* const root_;
  const bool unique_keys_;
  const size_t most_values_;
  std::vector<Tree*> open_;  // the lists and objects that have not ended, none of which moves meanwhile
  Tree* member_ = nullptr;   // of the innermost, whose key has been read
  size_t values_ = 0;
  std::string why_;
};

template <typename Tree>
bool Build(std::string_view text, bool unique_keys, Tree* json, std::string* why, size_t most_values = kMaxJsonValues) {
  Builder<Tree> builder(json, unique_keys, most_values);
  if (Tree::sax_parse(text, &builder)) return true;
  *why = builder.why();
  *json = nullptr;
  return false;
}

Json Parse(std::string_view text, const std::string& where, bool unique_keys) {
  const std::string plain = WithoutPythonNumbers(text);
  Json json;
  std::string why;
  if (Build(plain.empty() ? text : std::string_view(plain), unique_keys, &json, &why)) return json;
  throw Error(where + ": " + why);
}

}  // namespace

bool TryParseJson(std::string_view text, Json* json, std::string* why, size_t most_values) {
  return Build(text, false, json, why, most_values);
}

bool TryParseJson(std::string_view text, OrderedJson* json, std::string* why) { return Build(text, false, json, why); }

Json ParseJson(std::string_view text, const std::string& where) { return Parse(text, where, false); }

Json ParseJsonObject(std::string_view text, const std::string& where, bool unique_keys) {
  Json json = Parse(text, where, unique_keys);
  if (!json.is_object()) throw Error(where + ": not a JSON object");
  return json;
}

Json ReadJsonFile(const std::filesystem::path& path) {
  return ParseJsonObject(ReadTextFile(path, kLargestJsonFile), path.string());
}

Json ReadJsonValueFile(const std::filesystem::path& path) {
  return ParseJson(ReadTextFile(path, kLargestJsonFile), path.string());
}

std::string Excerpt(const Json& value) {
  constexpr size_t kLongest = 60;
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // no half character
  return text.substr(0, end) + "...";
}

}  // namespace pbert::converter
