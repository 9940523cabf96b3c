// Entities of overlapping windows, each once: against the reference's rule over all windows at once.
#include "tasks/entity_overlaps.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace pbert::test {
namespace {

uint32_t Length(const pbert_entity& e) { return e.extent.end_code_points - e.extent.begin_code_points; }

// transformers' aggregate_overlapping_entities, with a length that an end minus a beginning gives.
std::vector<pbert_entity> ByReference(std::vector<pbert_entity> all) {
  // Stable, by insertion.
  for (auto next = all.begin(); next != all.end(); ++next) {
    const auto behind = std::upper_bound(all.begin(), next, *next, [](const pbert_entity& a, const pbert_entity& b) {
      return a.extent.begin_code_points < b.extent.begin_code_points;
    });
    std::rotate(behind, next, next + 1);
  }
  std::vector<pbert_entity> kept;
  for (const pbert_entity& e : all) {
    const bool overlaps = !kept.empty() && e.extent.begin_code_points >= kept.back().extent.begin_code_points &&
                          e.extent.begin_code_points < kept.back().extent.end_code_points;
    if (!overlaps) {
      kept.push_back(e);
    } else if (Length(e) > Length(kept.back()) || (Length(e) == Length(kept.back()) && e.score > kept.back().score)) {
      kept.back() = e;
    }
  }
  return kept;
}

TEST_CASE("overlapping entities: window by window what the reference makes of all at once") {
  std::mt19937 random(7);
  const auto below = [&random](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  for (int round = 0; round < 3000; ++round) {
    INFO("round ", round);
    const uint32_t room = 2 + below(8), stride = below(room), count = 1 + below(40);
    // Tokens of one or two characters; now and then a token is at the place of the one before it.
    std::vector<uint32_t> begins, ends;
    for (uint32_t i = 0; i < count; ++i) {
      if (i > 0 && below(8) == 0) {
        begins.push_back(begins.back());
        ends.push_back(ends.back());
      } else {
        begins.push_back(i == 0 ? 0 : ends.back());
        ends.push_back(begins.back() + 1 + below(2));
      }
    }
    std::vector<int32_t> ids(room + 1);
    std::vector<uint32_t> window_begins(room + 1), window_ends(room + 1);
    Encoding encoding;
    encoding.ids = ids.data();
    encoding.begins = window_begins.data();
    encoding.ends = window_ends.data();

    std::vector<uint64_t> memory(1 << 12);
    Arena arena(memory.data(), memory.size() * sizeof(uint64_t));
    EntityOverlaps overlaps = EntityOverlaps::Take(room + 1, &arena);
    overlaps.Begin();
    std::vector<pbert_entity> all, found;
    struct Sink {
      std::vector<pbert_entity>* found;
      bool tokens_are_right = true;
    } context{&found};
    const EntitySink sink{[](void* opaque, const pbert_entity& entity, const TokenSpan& tokens) {
                            Sink& self = *static_cast<Sink*>(opaque);
                            self.found->push_back(entity);
                            // A token's id is its number in the text.
                            for (size_t i = 0; i < tokens.count; ++i) {
                              self.tokens_are_right &=
                                  tokens.ids[i] == static_cast<int32_t>(entity.extent.begin_utf16 + i);
                            }
                            return true;
                          },
                          &context};
    for (uint32_t first = 0;; first += room - stride) {
      Window window{.begin = 1, .end = 1 + std::min(room, count - first), .first_token = first};
      window.last = first + room >= count;
      for (size_t i = window.begin; i < window.end; ++i) {
        const size_t token = first + i - 1;
        ids[i] = static_cast<int32_t>(token);
        window_begins[i] = begins[token];
        window_ends[i] = ends[token];
      }
      std::vector<pbert_entity> entities;
      for (size_t i = window.begin; i < window.end;) {
        const size_t size = std::min<size_t>(1 + below(3), window.end - i);
        if (below(3) != 0) {
          pbert_entity e{static_cast<uint32_t>(random()),
                         static_cast<float>(below(3)),
                         static_cast<uint32_t>(i),
                         static_cast<uint32_t>(size),
                         {}};
          // In place of UTF-16 units the first token's number in the text.
          const auto number = static_cast<uint32_t>(first + i - 1);
          e.extent = {
              window_begins[i], window_ends[i + size - 1], window_begins[i], window_ends[i + size - 1], number, 0};
          entities.push_back(e);
        }
        i += size;
      }
      all.insert(all.end(), entities.begin(), entities.end());
      const size_t next = window.last ? SIZE_MAX : window.end - stride;
      REQUIRE(overlaps.Add(entities, encoding, window, next, sink));
      if (window.last) break;
    }
    REQUIRE(overlaps.Finish(sink));
    CHECK(context.tokens_are_right);
    const std::vector<pbert_entity> expected = ByReference(all);
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].label == expected[i].label);
      CHECK(found[i].first_token == expected[i].first_token);
    }
  }
}

}  // namespace
}  // namespace pbert::test
