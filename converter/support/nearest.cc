#include "converter/support/nearest.h"

#include <algorithm>

namespace pbert::converter {

size_t EditDistance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: before[j] is the distance between the first i - 1 letters of a and j of b.
  std::vector<size_t> two_before(b.size() + 1), before(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    two_before.swap(before);
    before.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], two_before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string Nearest(std::string_view word, const std::vector<std::string>& words) {
  constexpr size_t kLongest = 64;  // nobody mistypes more than that, and the table is quadratic
  if (word.size() > kLongest) return "";
  // A third of the letters may be wrong, and at least one.
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  std::string best;
  for (const std::string& candidate : words) {
    if (candidate.size() > kLongest) continue;
    const size_t distance = EditDistance(word, candidate);
    // A beginning of the word is near, too: `--iter` for `--iterations`.
    const bool begins = word.size() >= 3 && candidate.starts_with(word);
    if (distance < best_distance || (begins && best.empty())) {
      best_distance = std::min(best_distance, distance);
      best = candidate;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& words) {
  const std::string nearest = Nearest(word, words);
  return nearest.empty() ? "" : ": did you mean `" + nearest + "`?";
}

std::string NoSuchLabel(std::string_view name, const std::vector<std::string>& labels) {
  constexpr size_t kShown = 5;
  const std::string nearest = DidYouMean(name, labels);
  std::string text =
      "the model has no label `" + std::string(name) + "`" + nearest + (nearest.empty() ? "; it" : " It") + " has ";
  const size_t shown = labels.size() > kShown + 1 ? kShown : labels.size();  // "and 1 more" is no shorter than a name
  for (size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + labels[i];
  if (shown < labels.size()) text += " and " + std::to_string(labels.size() - shown) + " more";
  return text;
}

}  // namespace pbert::converter
