// Comma- and tab-separated values.
#ifndef POCKETBERT_CONVERTER_EVALUATE_DELIMITED_H_
#define POCKETBERT_CONVERTER_EVALUATE_DELIMITED_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbert::converter {

struct DelimitedRecord {
  size_t line = 0;                  // of its first character, from 1
  std::vector<std::string> fields;  // at most one more than the first record has
  size_t columns = 0;               // how many there were
};

inline constexpr size_t kMaxColumns = 4096;

// Splits `text` into records. A field that begins with a quotation mark ends at the next lone one; doubled ones inside
// stand for one, and delimiters and line ends inside belong to the field (RFC 4180). Lines end in LF or CRLF; empty
// lines are left out. `lenient` is for tab-separated files, most of which know no quoting: there a quotation mark
// counts only when the field that it opens is closed on the same line.
// Memory: at most 96 times `text`, where lines are as short as they can be. The first record may have kMaxColumns; of
// any other no more fields are kept than show that it has too many. Throws Error ("NAME: line N: why") for a quotation
// mark that is never closed, or closed in mid-field.
std::vector<DelimitedRecord> ParseDelimited(std::string_view text, char delimiter, bool lenient,
                                            const std::string& name);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_DELIMITED_H_
