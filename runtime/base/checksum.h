// XXH64, the 64-bit hash of Yann Collet's published specification
// (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), seed 0: fast without special
// instructions, and any change of a few bits is seen. It protects against accidents, not against forgers.
#ifndef POCKETBERT_BASE_CHECKSUM_H_
#define POCKETBERT_BASE_CHECKSUM_H_

#include <cstddef>
#include <cstdint>

namespace pbert {

// Streaming: Update any number of times, then Finish. One thread at a time.
class Xxh64 {
 public:
  Xxh64();
  void Update(const void* data, size_t size);
  uint64_t Finish() const;

 private:
  uint64_t lanes_[4];
  uint8_t pending_[32];
  size_t pending_size_ = 0;
  uint64_t total_ = 0;
};

uint64_t Checksum64(const void* data, size_t size);

}  // namespace pbert

#endif  // POCKETBERT_BASE_CHECKSUM_H_
