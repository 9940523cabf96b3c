// Letters of ASCII, of whatever language the process is set to.
#ifndef POCKETBERT_BASE_ASCII_H_
#define POCKETBERT_BASE_ASCII_H_

#include <algorithm>
#include <string_view>

namespace pbert {

inline bool SameIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [lower](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace pbert

#endif  // POCKETBERT_BASE_ASCII_H_
