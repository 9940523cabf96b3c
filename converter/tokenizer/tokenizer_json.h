// Small helpers for the parts of tokenizer.json.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_TOKENIZER_JSON_H_
#define POCKETBERT_CONVERTER_TOKENIZER_TOKENIZER_JSON_H_

#include <nlohmann/json.hpp>
#include <string>

#include "converter/support/error.h"
#include "converter/support/json.h"

namespace pbert::converter {

// The value of a key; null where the key is missing or its value is null.
inline const Json* Get(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

// The boolean of a key, or `default_value` where there is none. Throws Error.
inline bool ReadFlag(const Json& json, const char* key, bool default_value, const std::string& where) {
  const Json* value = Get(json, key);
  if (value == nullptr) return default_value;
  if (!value->is_boolean()) throw Error(where + ": \"" + key + "\" is " + Excerpt(*value) + ", expected true or false");
  return value->get<bool>();
}

// The "type" of a part, for messages and decisions; "none" for a null part.
inline std::string TypeOf(const Json* part) {
  if (part == nullptr) return "none";
  if (part->is_object() && part->contains("type") && (*part)["type"].is_string()) return (*part)["type"];
  return "without a type";
}

// The only element of a Sequence with one element stands for the sequence.
inline const Json* Unwrap(const Json* part, const char* list) {
  if (TypeOf(part) != "Sequence") return part;
  const Json* elements = Get(*part, list);
  return elements != nullptr && elements->is_array() && elements->size() == 1 ? &elements->front() : part;
}

inline std::string UnsupportedPart(const std::string& where, const std::string& key, const Json* part,
                                   const std::string& supported) {
  return where + ": " + key + " " + TypeOf(part) + " is not supported (supported: " + supported + ")";
}

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_TOKENIZER_JSON_H_
