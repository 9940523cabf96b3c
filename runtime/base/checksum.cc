#include "base/checksum.h"

#include <bit>
#include <cstring>

namespace pbert {
namespace {

static_assert(std::endian::native == std::endian::little, "a .pbert file is read in place: little-endian only");

// The specification's five odd constants.
constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87u;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9u;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63u;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5u;
constexpr size_t kStripe = 32;

// Input may lie at any address; a memcpy of a fixed size is one load where the machine allows it.
template <typename T>
T Load(const uint8_t* p) {
  T value;
  memcpy(&value, p, sizeof(value));
  return value;
}

uint64_t Round(uint64_t lane, uint64_t input) { return std::rotl(lane + input * kPrime2, 31) * kPrime1; }

uint64_t Merge(uint64_t hash, uint64_t lane) { return (hash ^ Round(0, lane)) * kPrime1 + kPrime4; }

// Four lanes run side by side over stripes of 32 bytes, each taking one 64-bit word of every stripe.
// They are kept in locals, so that they stay in registers through a long run. Returns what is left.
const uint8_t* ConsumeStripes(const uint8_t* p, size_t stripes, uint64_t lanes[4]) {
  uint64_t a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
  for (; stripes > 0; --stripes, p += kStripe) {
    a = Round(a, Load<uint64_t>(p));
    b = Round(b, Load<uint64_t>(p + 8));
    c = Round(c, Load<uint64_t>(p + 16));
    d = Round(d, Load<uint64_t>(p + 24));
  }
  lanes[0] = a, lanes[1] = b, lanes[2] = c, lanes[3] = d;
  return p;
}

}  // namespace

Xxh64::Xxh64() : lanes_{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1} {}

void Xxh64::Update(const void* data, size_t size) {
  if (size == 0) return;
  const uint8_t* p = static_cast<const uint8_t*>(data);
  total_ += size;
  // Bytes that do not fill a stripe wait for the next call.
  if (pending_size_ > 0) {
    const size_t missing = kStripe - pending_size_;
    if (size < missing) {
      memcpy(pending_ + pending_size_, p, size);
      pending_size_ += size;
      return;
    }
    memcpy(pending_ + pending_size_, p, missing);
    ConsumeStripes(pending_, 1, lanes_);
    pending_size_ = 0;
    p += missing;
    size -= missing;
  }
  p = ConsumeStripes(p, size / kStripe, lanes_);
  pending_size_ = size % kStripe;
  if (pending_size_ > 0) memcpy(pending_, p, pending_size_);
}

// The lanes are folded into one word (inputs shorter than a stripe never used them), the length is
// added, the remaining bytes are mixed in by eights, fours and ones, and the result is avalanched so
// that every input bit reaches every output bit.
uint64_t Xxh64::Finish() const {
  uint64_t hash = kPrime5;
  if (total_ >= kStripe) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) + std::rotl(lanes_[3], 18);
    for (uint64_t lane : lanes_) hash = Merge(hash, lane);
  }
  hash += total_;

  const uint8_t* p = pending_;
  size_t left = pending_size_;
  for (; left >= 8; left -= 8, p += 8) hash = std::rotl(hash ^ Round(0, Load<uint64_t>(p)), 27) * kPrime1 + kPrime4;
  if (left >= 4) {
    hash = std::rotl(hash ^ (Load<uint32_t>(p) * kPrime1), 23) * kPrime2 + kPrime3;
    left -= 4, p += 4;
  }
  for (; left > 0; --left, ++p) hash = std::rotl(hash ^ (*p * kPrime5), 11) * kPrime1;

  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

uint64_t Checksum64(const void* data, size_t size) {
  Xxh64 hash;
  hash.Update(data, size);
  return hash.Finish();
}

}  // namespace pbert
