// Changes of single values, lists and texts, for model_mutator.cc and tokenizer_mutator.cc.
#ifndef POCKETBERT_TESTS_FUZZ_CHANGES_H_
#define POCKETBERT_TESTS_FUZZ_CHANGES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "schema/model_generated.h"
#include "tests/fuzz/chance.h"
#include "tests/fuzz/model_mutator.h"
#include "tests/fuzz/random_tokenizer.h"

namespace pbert::fuzz {

inline void ChangeNumber(uint32_t* number, Chance& u) { *number = ChangedNumber(*number, &u); }

// Mostly another index below `count`.
inline void ChangeIndex(int32_t* index, size_t count, Chance& u) {
  *index = static_cast<int32_t>(u(5) ? u(count) : ChangedNumber(static_cast<uint32_t>(*index), &u));
}

inline void ChangeText(std::string* text, Chance& u) {
  switch (u(6)) {
    case 0:
      text->clear();
      break;
    case 1:
      *text += Utf8(u(0x10FFFF));
      break;
    case 2:
      if (!text->empty()) (*text)[u(text->size())] = static_cast<char>(u(256));
      break;
    case 3:
      text->append(std::string(*text));
      if (text->size() > 6000) text->resize(5000);
      break;
    case 4:
      text->insert(u(text->size() + 1), 1, static_cast<char>(u(256)));
      break;
    default:
      if (!text->empty()) text->erase(u(text->size()), 1 + u(4));
  }
}

// Numbers; `like` is what one of them may look like.
template <typename Number>
void ChangeNumbers(std::vector<Number>* numbers, uint32_t like, Chance& u) {
  std::vector<Number>& v = *numbers;
  if (v.empty() || u.OneIn(10)) {
    for (uint32_t i = u(10); i > 0; --i) v.push_back(static_cast<Number>(u.Word()));
    return;
  }
  switch (u(7)) {
    case 0:
      v.resize(u(2) ? v.size() + u(8) : u(v.size() + 1));
      break;
    case 1:
      v.erase(v.begin() + u(v.size()));
      break;
    case 2:
      v.insert(v.begin() + u(v.size()), static_cast<Number>(ChangedNumber(like, &u)));
      break;
    case 3:
      std::swap(v[u(v.size())], v[u(v.size())]);
      break;
    case 4:
      v[u(v.size())] = v[u(v.size())];
      break;
    case 5:
      v[u(v.size())] ^= static_cast<Number>(1u << u(8 * sizeof(Number)));
      break;
    default:
      for (uint32_t i = 1 + u(8); i > 0; --i) {
        Number& number = v[u(v.size())];
        number = static_cast<Number>(ChangedNumber(number, &u));
      }
  }
}

// Elements dropped, doubled and exchanged; no more than `most`.
template <typename Table>
void ChangeList(std::vector<std::unique_ptr<Table>>* list, size_t most, Chance& u) {
  if (list->empty()) return;
  switch (u(3)) {
    case 0:
      list->erase(list->begin() + u(list->size()));
      break;
    case 1:
      std::swap((*list)[u(list->size())], (*list)[u(list->size())]);
      break;
    default: {
      if (list->size() >= most) return;
      auto copy = std::make_unique<Table>(*(*list)[u(list->size())]);
      list->insert(list->begin() + u(list->size() + 1), std::move(copy));
    }
  }
}

// One of the list, or null.
template <typename Table>
Table* AnyOf(const std::vector<std::unique_ptr<Table>>& list, Chance& u) {
  return list.empty() ? nullptr : list[u(list.size())].get();
}

template <typename Enum>
Enum AnyKind(uint32_t count, Chance& u) {
  return static_cast<Enum>(u(count));
}

inline void Flip(bool* flag) { *flag = !*flag; }

// In tokenizer_mutator.cc.
void ChangeTokenizer(schema::TokenizerT* tokenizer, Chance& u);

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_CHANGES_H_
