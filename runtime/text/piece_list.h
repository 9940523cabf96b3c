// Strings in a row, in memory that grows.
#ifndef POCKETBERT_TEXT_PIECE_LIST_H_
#define POCKETBERT_TEXT_PIECE_LIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace pbert {

// Where std::vector<std::string> would throw, this drops what it has no memory for and says so by failed(). One thread
// at a time.
class PieceList {
 public:
  static constexpr size_t kMaxBytes = size_t{64} << 20;

  void Clear() { count_ = size_ = 0; }
  // A new piece, empty, to which Append adds.
  void Begin();
  // `bytes` must not be this list's own.
  void Append(std::string_view bytes);
  void Add(std::string_view bytes) {
    Begin();
    Append(bytes);
  }
  // Makes `what` to `by`, which is not longer, in the last piece: from left to right, each place once.
  void ShortenLast(std::string_view what, std::string_view by);
  // All pieces as one.
  void Join();

  size_t count() const { return count_; }
  // Valid until the list changes.
  std::string_view operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return {bytes_.get() + begin, ends_[i] - begin};
  }
  std::string_view all() const { return {bytes_.get(), size_}; }
  // True once something did not fit into memory or kMaxBytes.
  bool failed() const { return failed_; }
  void Fail() { failed_ = true; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0, capacity_ = 0;
  std::unique_ptr<size_t[]> ends_;
  size_t count_ = 0, end_capacity_ = 0;
  bool failed_ = false;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_PIECE_LIST_H_
