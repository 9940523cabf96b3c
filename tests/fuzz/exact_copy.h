// Bytes on the heap with nothing behind them, so that the address sanitizer sees a read beyond their end.
#ifndef POCKETBERT_TESTS_FUZZ_EXACT_COPY_H_
#define POCKETBERT_TESTS_FUZZ_EXACT_COPY_H_

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace pbert::fuzz {

class ExactCopy {
 public:
  explicit ExactCopy(std::string_view text)
      : bytes_(static_cast<char*>(malloc(text.empty() ? 1 : text.size()))), size_(text.size()) {
    if (!text.empty()) memcpy(bytes_, text.data(), text.size());
  }
  ~ExactCopy() { free(bytes_); }
  ExactCopy(const ExactCopy&) = delete;
  ExactCopy& operator=(const ExactCopy&) = delete;

  // Of an empty text: the end of its one byte.
  const char* data() const { return size_ == 0 ? bytes_ + 1 : bytes_; }
  size_t size() const { return size_; }
  operator std::string_view() const { return {data(), size_}; }

 private:
  char* bytes_;
  size_t size_;
};

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_EXACT_COPY_H_
