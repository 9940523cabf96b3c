#include "converter/evaluate/tag_names.h"

#include <charconv>

#include "converter/support/error.h"
#include "converter/support/nearest.h"

namespace pbert::converter {

TagNames::TagNames(const std::vector<std::string>& labels) : labels_(labels), names_(labels.begin(), labels.end()) {
  for (const std::string& label : labels) {
    if (!label.starts_with("B-") && !label.starts_with("I-")) continue;
    names_.insert("B-" + label.substr(2));
    names_.insert("I-" + label.substr(2));
    names_.insert("O");
  }
}

bool TagNames::Names(const std::string& tag) const { return labels_.empty() || names_.contains(tag); }

std::string TagNames::Resolve(const std::string& tag, const std::string& place) const {
  if (Names(tag)) return tag;
  size_t index = 0;
  const char* end = tag.data() + tag.size();
  const auto [stopped, error] = std::from_chars(tag.data(), end, index);
  if (error == std::errc() && stopped == end && index < labels_.size()) return labels_[index];
  throw Error(place + ": " + NoSuchLabel(tag, labels_));
}

}  // namespace pbert::converter
