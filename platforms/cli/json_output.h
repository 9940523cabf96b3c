// JSON as the command prints it: UTF-8 as it is, keys in the order in which they were set.
#ifndef POCKETBERT_PLATFORMS_CLI_JSON_OUTPUT_H_
#define POCKETBERT_PLATFORMS_CLI_JSON_OUTPUT_H_

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace pbert::cli {

using Json = nlohmann::ordered_json;

// On one line. Bytes that are not UTF-8 become U+FFFD; numbers that are not finite become null.
std::string Dump(const Json& value);

// The shortest decimal that reads back as this float (0.1 rather than 0.10000000149011612).
Json Number(float value);

// Rounded to so many decimals, for what was measured.
Json Rounded(double value, int decimals);

// null for an empty string.
inline Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_JSON_OUTPUT_H_
