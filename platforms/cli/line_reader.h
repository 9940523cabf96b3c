// Lines of standard input, as they arrive.
#ifndef POCKETBERT_PLATFORMS_CLI_LINE_READER_H_
#define POCKETBERT_PLATFORMS_CLI_LINE_READER_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace pbert::cli {

// Lines of a descriptor, each as soon as it is complete, without its end: LF, or CR and LF. What follows the last line
// end is a line if it is not empty. Any bytes may stand in a line, zeros included.
class LineReader {
 public:
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}
  // False at the end. Throws Error when reading fails. The line is valid until the next call.
  bool Next(std::string_view* line);
  // Whether Next has a whole line without reading, which might wait for whoever writes.
  bool Ready() const { return buffer_.find('\n', searched_) != std::string::npos; }

 private:
  int descriptor_;
  std::string buffer_;
  size_t begin_ = 0;     // of what has not been handed out
  size_t searched_ = 0;  // no line end before this
  bool ended_ = false;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_LINE_READER_H_
