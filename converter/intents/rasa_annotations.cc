#include "converter/intents/rasa_annotations.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "converter/support/error.h"
#include "converter/support/json.h"
#include "converter/support/nearest.h"

namespace pbert::converter {
namespace {

constexpr auto kNowhere = std::string_view::npos;

class AnnotationReader {
 public:
  AnnotationReader(std::string_view example, const std::string& where) : example_(example), where_(where) {}

  AnnotatedExample Read() {
    while (at_ < example_.size()) {
      const size_t bracket = std::min(example_.find_first_of("[]", at_), example_.size());
      Text().append(example_.substr(at_, bracket - at_));
      at_ = bracket;
      if (at_ == example_.size()) break;
      if (example_[at_] == ']' && Follows(at_ + 1, "({"))
        Fail("an annotation ends without a `[`, or is inside another");
      if (example_[at_] == ']' || !ReadAnnotation()) Text().push_back(example_[at_++]);
    }
    return std::move(result_);
  }

 private:
  std::string& Text() { return result_.sentence.text; }

  // With what is wrong, and where in the example.
  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(where_ + why + ", at `" + Excerpt(Json(example_.substr(at_))) + "`; an entity is [text](name) or " +
                "[text]{\"entity\": \"name\"}");
  }

  bool Follows(size_t at, std::string_view characters) const {
    return at < example_.size() && characters.find(example_[at]) != kNowhere;
  }

  // Up to where the first `end` is. Moves behind it.
  std::string_view UpTo(size_t begin, char end, size_t* behind) const {
    const size_t found = example_.find(end, begin);
    if (found == kNowhere) Fail(std::string("an annotation without `") + end + "`");
    *behind = found + 1;
    return example_.substr(begin, found - begin);
  }

  // False: the bracket is text.
  bool ReadAnnotation() {
    if (close_ != kNowhere && close_ <= at_) {
      close_ = example_.find(']', at_);
      if (close_ == kNowhere && example_.find_first_of("({", at_) != kNowhere) Fail("an annotation without `]`");
    }
    const size_t close = close_;
    if (close == kNowhere) return false;
    const std::string_view text = example_.substr(at_ + 1, close - at_ - 1);
    const bool listed = Follows(close + 1, "[") && Follows(close + 2, "{");
    if (!listed && !Follows(close + 1, "({")) return false;
    if (text.empty()) Fail("an entity without a text");
    if (text.find('[') != kNowhere) Fail("an annotation inside another, or a `[` too many");
    SlotSpan slot;
    slot.begin = Text().size();
    slot.end = slot.begin + text.size();
    size_t behind = 0;
    if (example_[close + 1] == '(') {
      ReadName(UpTo(close + 2, ')', &behind), &slot);
    } else {
      ReadJson("{" + std::string(UpTo(close + (listed ? 3 : 2), '}', &behind)) + "}", &slot);
      if (listed && !Follows(behind, "]")) Fail("several entities for one text: keep one of them");
      behind += listed;
    }
    if (slot.value == text) slot.value.clear();
    Text().append(text);
    result_.sentence.slots.push_back(std::move(slot));
    at_ = behind;
    return true;
  }

  void ReadName(std::string_view inside, SlotSpan* slot) const {
    const size_t colon = inside.find(':');
    slot->entity = std::string(inside.substr(0, colon));
    if (slot->entity.empty()) Fail("an entity without a name");
    if (colon == kNowhere) return;
    slot->value = std::string(inside.substr(colon + 1));
    if (slot->value.empty()) Fail("an entity with `:` and no value");
  }

  void ReadJson(const std::string& json, SlotSpan* slot) {
    Json object;
    std::string why;
    if (!TryParseJson(json, &object, &why)) Fail("what is in braces is not JSON (" + why + ")");
    for (const auto& [key, value] : object.items()) {
      std::string* const target = key == "entity"  ? &slot->entity
                                  : key == "value" ? &slot->value
                                  : key == "role"  ? &slot->role
                                                   : nullptr;
      if (target == nullptr && key != "group") {
        Fail("an entity has no key `" + key + "`" + DidYouMean(key, {"entity", "value", "role", "group"}));
      }
      if (!value.is_string() && !value.is_number()) Fail("`" + key + "` is no string");
      if (target == nullptr) {
        ++result_.groups;
      } else {
        *target = value.is_string() ? value.get<std::string>() : value.dump();
      }
    }
    if (slot->entity.empty()) Fail("an entity without its name as `entity`");
  }

  std::string_view example_;
  const std::string& where_;
  size_t at_ = 0;
  size_t close_ = 0;  // the first `]` behind the last `[` that was looked at: a line may be nothing but brackets
  AnnotatedExample result_;
};

}  // namespace

AnnotatedExample ReadAnnotations(std::string_view example, const std::string& where) {
  return AnnotationReader(example, where).Read();
}

}  // namespace pbert::converter
