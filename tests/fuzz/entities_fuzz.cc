// Entities that need no model. The first four bytes choose the kinds, whether the day is first, what now is, and how
// often the text that follows is repeated.

#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include "entities/entities.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/exact_copy.h"

namespace pbert::fuzz {
namespace {

constexpr CivilTime kTimes[] = {
    {2026, 11, 28, 14, 30, 0}, {1, 1, 1, 0, 0, 0}, {9999, 12, 31, 23, 59, 59}, {2024, 2, 29, 12, 0, 1}};

struct Visit {
  size_t size;
  uint32_t kinds;
  size_t last_end = 0, count = 0;
};

// What holds for every entity, whatever the text.
bool CheckEntity(void* context, const TextEntity& entity) {
  Visit& visit = *static_cast<Visit*>(context);
  FUZZ_CHECK((visit.kinds >> static_cast<uint32_t>(entity.kind) & 1) != 0);
  FUZZ_CHECK(entity.begin >= visit.last_end && entity.begin < entity.end && entity.end <= visit.size);
  const size_t length = strnlen(entity.value, kEntityValueSize);
  FUZZ_CHECK(length < kEntityValueSize);
  switch (entity.kind) {
    case EntityKind::kNumber:
    case EntityKind::kOrdinal:
    case EntityKind::kDuration:
    case EntityKind::kMoney:
    case EntityKind::kPhone:
    case EntityKind::kTime:
      FUZZ_CHECK(length > 0);
      break;
    default:
      break;
  }
  visit.last_end = entity.end;
  ++visit.count;
  return true;
}

}  // namespace
}  // namespace pbert::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pbert::fuzz;
  if (size < 4) return -1;
  const uint32_t now = data[2] % (std::size(kTimes) + 1);
  const bool has_now = now < std::size(kTimes);
  const std::string_view given(reinterpret_cast<const char*>(data) + 4, size - 4);
  std::string repeated;
  for (uint32_t i = 0; i < 1 + data[3] % 16u; ++i) repeated += given;
  const ExactCopy text(repeated);
  // All kinds, or all but some.
  const uint32_t kinds = pbert::kAllEntityKinds & ~uint32_t{data[0]} & ~(uint32_t{data[1]} >> 1 << 8);
  const pbert::EntityOptions options = {
      .kinds = kinds, .day_first = (data[1] & 1) != 0, .now = has_now ? &kTimes[now] : nullptr};
  Visit visit{text.size(), kinds};
  pbert::FindEntities(text, options, CheckEntity, &visit);
  FUZZ_CHECK(visit.count <= text.size());
  return 0;
}
