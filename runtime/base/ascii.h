// Letters of ASCII, of whatever language the process is set to.
#ifndef POCKETBERT_BASE_ASCII_H_
#define POCKETBERT_BASE_ASCII_H_

#include <algorithm>
#include <string_view>

namespace pbert {

// Of an ASCII letter; other bytes stay as they are.
constexpr char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; }

inline bool SameIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
}

}  // namespace pbert

#endif  // POCKETBERT_BASE_ASCII_H_
