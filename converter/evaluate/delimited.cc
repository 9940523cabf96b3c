#include "converter/evaluate/delimited.h"

#include <algorithm>
#include <utility>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

constexpr size_t kNone = std::string_view::npos;

class Parser {
 public:
  Parser(std::string_view text, char delimiter, bool lenient, const std::string& name)
      : text_(text), delimiter_(delimiter), lenient_(lenient), name_(name) {}

  std::vector<DelimitedRecord> Run() {
    std::vector<DelimitedRecord> records;
    while (at_ < text_.size()) {
      if (AtLineEnd()) {
        SkipLineEnd();
        continue;
      }
      records.push_back(Record());
    }
    return records;
  }

 private:
  bool AtLineEnd() const {
    return at_ == text_.size() || text_[at_] == '\n' || (text_[at_] == '\r' && text_.substr(at_, 2) == "\r\n");
  }

  void SkipLineEnd() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size()) ++at_;
    ++line_;
  }

  DelimitedRecord Record() {
    DelimitedRecord record{line_, {}, 0};
    for (;;) {
      if (++record.columns > kMaxColumns && kept_ > kMaxColumns) {
        Fail("more columns than " + std::to_string(kMaxColumns) + ", the limit");
      }
      std::string field = Field();
      if (record.fields.size() < kept_) record.fields.push_back(std::move(field));
      if (AtLineEnd()) break;
      ++at_;  // the delimiter
    }
    SkipLineEnd();
    kept_ = std::min(kept_, record.columns + 1);
    return record;
  }

  std::string Field() {
    if (at_ < text_.size() && text_[at_] == '"') {
      const size_t close = Close(at_ + 1);
      if (IsQuoted(close)) return Quoted(close);
    }
    const size_t begin = at_;
    while (!AtLineEnd() && text_[at_] != delimiter_) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // The quotation mark that ends the field whose content begins at `from`; kNone when there is none.
  size_t Close(size_t from) const {
    for (size_t at = from;; at += 2) {
      at = text_.find('"', at);
      if (at == kNone || text_.substr(at + 1, 1) != "\"") return at;
    }
  }

  bool IsQuoted(size_t close) const {
    const bool ends_field = close != kNone && (close + 1 == text_.size() || text_[close + 1] == delimiter_ ||
                                               text_[close + 1] == '\n' || text_.substr(close + 1, 2) == "\r\n");
    if (lenient_) return ends_field && text_.substr(at_, close - at_).find('\n') == kNone;
    if (close == kNone) Fail("a quotation mark is opened and never closed");
    if (!ends_field) Fail("text follows a closing quotation mark (inside a quoted field, write \"\" for \")");
    return true;
  }

  std::string Quoted(size_t close) {
    std::string field;
    for (++at_; at_ < close; ++at_) {
      field += text_[at_];
      if (text_[at_] == '"') ++at_;
      if (text_[at_] == '\n') ++line_;
    }
    at_ = close + 1;
    return field;
  }

  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(name_ + ": line " + std::to_string(line_) + ": " + why);
  }

  std::string_view text_;
  char delimiter_;
  bool lenient_;
  const std::string& name_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t kept_ = kNone;  // fields of a record
};

}  // namespace

std::vector<DelimitedRecord> ParseDelimited(std::string_view text, char delimiter, bool lenient,
                                            const std::string& name) {
  return Parser(text, delimiter, lenient, name).Run();
}

}  // namespace pbert::converter
