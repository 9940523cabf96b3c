// The tags of a data set as labels of a model.
#ifndef POCKETBERT_CONVERTER_EVALUATE_TAG_NAMES_H_
#define POCKETBERT_CONVERTER_EVALUATE_TAG_NAMES_H_

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace pbert::converter {

// A tag is a label's name or a number that counts the labels from 0. Where entities are tagged, two more are right that
// the model may never give: O, and the B- or I- of a kind of entity that it has with the other of these two letters
// (some models were trained without any B-).
class TagNames {
 public:
  // Without labels any tag is right as it stands. They must outlive this.
  explicit TagNames(const std::vector<std::string>& labels);

  // Whether it is right by its name.
  bool Names(const std::string& tag) const;
  // The name that it means. Throws Error: PLACE: the model has no label `tag` ...
  std::string Resolve(const std::string& tag, const std::string& place) const;

 private:
  const std::vector<std::string>& labels_;
  std::unordered_set<std::string> names_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_TAG_NAMES_H_
