#include "platforms/cli/line_reader.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "converter/support/error.h"

namespace pbert::cli {
namespace {

constexpr size_t kChunk = 1 << 16;

// A file from Windows ends its lines with CR LF, and its last one perhaps with the CR alone. To a tokenizer of bytes a
// CR is a character like others.
std::string_view WithoutReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool LineReader::Next(std::string_view* line) {
  for (;;) {
    const size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      *line = WithoutReturn(std::string_view(buffer_).substr(begin_, end - begin_));
      begin_ = searched_ = end + 1;
      return true;
    }
    searched_ = buffer_.size();
    if (ended_) {
      const std::string_view rest = std::string_view(buffer_).substr(begin_);
      *line = WithoutReturn(rest);
      begin_ = searched_ = buffer_.size();
      return !rest.empty();
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched_ = buffer_.size();
    buffer_.resize(searched_ + kChunk);
    ssize_t got;
    do {
      got = read(descriptor_, buffer_.data() + searched_, kChunk);
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw converter::Error(std::string("standard input: ") + std::strerror(errno));
    buffer_.resize(searched_ + static_cast<size_t>(got));
    ended_ = got == 0;
  }
}

}  // namespace pbert::cli
