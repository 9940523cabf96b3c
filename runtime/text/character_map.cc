#include "text/character_map.h"

#include <algorithm>
#include <cstddef>

namespace pbert {

// A unit of darts-clone's array, a 32-bit word:
//
//   bit 31 = 0   bits 7..0: the label; bit 8: a key ends here; bits 30..10: where the children are, relative to the
//   unit
//                by exclusive or, times 256 if bit 9 is set
//   bit 31 = 1   bits 30..0: the value of a key
//
// The child by byte b lies at base XOR b, and the value, as if by byte 0, at the base itself.
bool CharacterMap::Find(const uint8_t* bytes, uint32_t size, TextReader* text) const {
  if (units_.empty()) return false;
  const auto base_of = [](uint32_t unit) { return (unit >> 10) << ((unit & 1u << 9) >> 6); };
  uint32_t place = base_of(units_[0]);
  for (uint32_t i = 0; i < size && bytes[i] != 0; ++i) {
    place ^= bytes[i];
    if (place >= units_.size()) return false;
    const uint32_t unit = units_[place];
    if ((unit & (1u << 31 | 0xFF)) != bytes[i]) return false;
    place ^= base_of(unit);
    if ((unit & 1u << 8) == 0) continue;
    if (place >= units_.size()) return false;
    const uint32_t begin = units_[place] & ~(1u << 31);
    if (begin > texts_.size()) return false;
    const auto last = std::min(texts_.size(), size_t{begin} + 4 * kMaxText);
    const auto end = std::find(texts_.begin() + begin, texts_.begin() + static_cast<std::ptrdiff_t>(last), 0);
    const char* const first = reinterpret_cast<const char*>(texts_.data()) + begin;
    *text = TextReader(first, static_cast<uint32_t>(end - texts_.begin()) - begin);
    return true;
  }
  return false;
}

void CharacterMapStep::Begin(uint32_t origin) {
  breaks_ = GraphemeBreaks();
  has_peeked_ = in_long_ = replacing_ = has_held_ = false;
  single_next_ = single_size_ = 0;
  places_.Begin(origin);
}

bool CharacterMapStep::Next(TextChar* c) {
  for (;;) {
    Unit unit;
    const bool more = NextUnit(&unit);
    if (more && unit.code_point == kRemoval) {
      if (has_held_) held_.change += unit.change;
      continue;
    }
    const bool give = has_held_;
    if (give) {
      const Place place = places_.Take(held_.change);
      *c = {held_.code_point, place.begin, place.end};
    }
    has_held_ = more;
    if (more) held_ = unit;
    if (give || !more) return give;
  }
}

bool CharacterMapStep::NextUnit(Unit* unit) {
  for (;;) {
    if (replacing_) {
      if (given_ < size_ && text_.Next(&unit->code_point)) {
        // The surplus counts as inserted; what is missing as removed by the last one.
        unit->change = given_ < replaced_ ? 0 : 1;
        if (++given_ == size_ && size_ < replaced_) unit->change = size_ - replaced_;
        return true;
      }
      replacing_ = false;
      if (size_ == 0) {
        *unit = {kRemoval, -replaced_};
        return true;
      }
    }
    if (single_next_ < single_size_) {
      const char32_t c = single_[single_next_++];
      uint8_t bytes[4];
      if (Replace(bytes, EncodeUtf8(c, bytes), 1)) continue;
      *unit = {c, 0};
      return true;
    }
    if (in_long_ && Peek() && !peeked_begins_) {
      single_[0] = peeked_.code_point;
      single_next_ = 0;
      single_size_ = 1;
      has_peeked_ = false;
      continue;
    }
    in_long_ = false;
    if (!TakeCluster()) return false;
  }
}

bool CharacterMapStep::Peek() {
  if (has_peeked_) return true;
  if (!source_->Next(&peeked_)) return false;
  places_.Push(peeked_);
  peeked_begins_ = breaks_.Before(peeked_.code_point);
  has_peeked_ = true;
  return true;
}

// Reads the next cluster, of a long one only the beginning.
bool CharacterMapStep::TakeCluster() {
  uint8_t bytes[kMaxCluster + 4];
  uint32_t size = 0;
  single_next_ = single_size_ = 0;
  while (size <= kMaxCluster && Peek() && (size == 0 || !peeked_begins_)) {
    single_[single_size_++] = peeked_.code_point;
    size += EncodeUtf8(peeked_.code_point, bytes + size);
    has_peeked_ = false;
  }
  if (size > kMaxCluster) {
    in_long_ = true;
  } else if (Replace(bytes, size, static_cast<int>(single_size_))) {
    single_size_ = 0;
  }
  return size > 0;
}

// If the map has something for these bytes, of `count` code points, it comes next.
bool CharacterMapStep::Replace(const uint8_t* bytes, uint32_t size, int count) {
  if (!map_.Find(bytes, size, &text_)) return false;
  replacing_ = true;
  replaced_ = count;
  given_ = size_ = 0;
  TextReader counting = text_;
  for (char32_t c; size_ < static_cast<int>(CharacterMap::kMaxText) && counting.Next(&c);) ++size_;
  return true;
}

}  // namespace pbert
