#include "text/piece_list.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace pbert {
namespace {

// Room for `wanted` elements, of which there are `size`. False, and nothing changed: there is no memory.
template <typename T>
bool Grow(size_t wanted, size_t size, std::unique_ptr<T[]>* array, size_t* capacity) {
  if (wanted <= *capacity) return true;
  const size_t larger = std::max<size_t>({wanted, 2 * *capacity, 64});
  std::unique_ptr<T[]> grown(new (std::nothrow) T[larger]);
  if (grown == nullptr) return false;
  if (size > 0) memcpy(grown.get(), array->get(), size * sizeof(T));
  *array = std::move(grown);
  *capacity = larger;
  return true;
}

}  // namespace

void PieceList::Begin() {
  if (!Grow(count_ + 1, count_, &ends_, &end_capacity_)) {
    failed_ = true;
    return;
  }
  ends_[count_++] = size_;
}

void PieceList::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (count_ == 0 || bytes.size() > kMaxBytes - size_ || !Grow(size_ + bytes.size(), size_, &bytes_, &capacity_)) {
    failed_ = true;
    return;
  }
  memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
  ends_[count_ - 1] = size_;
}

void PieceList::ShortenLast(std::string_view what, std::string_view by) {
  if (count_ == 0) return;
  const std::string_view piece = (*this)[count_ - 1];
  size_t kept = size_ - piece.size();
  for (size_t at = 0; at < piece.size();) {
    const bool found = piece.substr(at).starts_with(what);
    // What was kept so far lies before what is still read, because `by` is not longer.
    if (found) {
      memcpy(bytes_.get() + kept, by.data(), by.size());
    } else {
      bytes_[kept] = piece[at];
    }
    kept += found ? by.size() : 1;
    at += found ? what.size() : 1;
  }
  size_ = ends_[count_ - 1] = kept;
}

void PieceList::Join() {
  if (count_ == 0) return;
  count_ = 1;
  ends_[0] = size_;
}

}  // namespace pbert
