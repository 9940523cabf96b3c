// Text for people: aligned columns, sizes, shares.
#ifndef POCKETBERT_PLATFORMS_CLI_TABLE_H_
#define POCKETBERT_PLATFORMS_CLI_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pbert::cli {

// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...);

// Rows whose columns line up. Widths are counted in code points, wide (East Asian) ones twice.
class Table {
 public:
  // `right` columns are aligned to the right: "lrr" for a text and two numbers. A header is optional.
  explicit Table(std::string alignment, std::vector<std::string> header = {});
  void Add(std::vector<std::string> cells);
  // Every row a line, columns two spaces apart. Control characters in cells are shown as spaces.
  std::string Print() const;

 private:
  std::string alignment_;
  bool has_header_;
  std::vector<std::vector<std::string>> rows_;
};

// The text on one line, at most `columns` wide, "…" where it was cut. What comes from a file or a text may try to steer
// the terminal: control characters, C1 controls, line separators and marks that change the direction of writing are
// shown as escapes ("\n", "\x1b", "\u202e"), and what is no UTF-8 as U+FFFD.
std::string OneLine(std::string_view text, size_t columns);

// The same for text that has lines of its own, at any width.
std::string Guarded(std::string_view text);

std::string Bar(float share);          // twenty cells, of which that share is full
std::string Bytes(uint64_t bytes);     // "16.9 MB", in millions
std::string Percent(double share);     // "95.16 %"; "-" for NaN
std::string Grouped(uint64_t number);  // "30,522"

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_TABLE_H_
