#include "converter/intents/mislabels.h"

#include <algorithm>
#include <map>
#include <utility>

#include "converter/intents/portable_math.h"

namespace pbert::converter {
namespace {

constexpr double kLeast = 1e-3;  // a probability below it says no more than it does
constexpr size_t kLeastMistakes = 2;
constexpr double kLeastShare = 0.05;

double ShareOf(uint32_t label, std::span<const Neighbour> nearest, std::span<const uint32_t> labels) {
  size_t votes = 0;
  for (const Neighbour& neighbour : nearest) votes += labels[neighbour.sentence] == label;
  return nearest.empty() ? 0 : static_cast<double>(votes) / static_cast<double>(nearest.size());
}

void SortByScore(std::vector<Suspect>* suspects) {
  std::sort(suspects->begin(), suspects->end(), [](const Suspect& a, const Suspect& b) {
    return a.score != b.score ? a.score > b.score : a.sentence < b.sentence;
  });
}

}  // namespace

Suspects FindSuspects(std::span<const uint32_t> labels, size_t intents, const HeldOut& held_out,
                      const Neighbours& neighbours) {
  const size_t known = held_out.predicted.size();
  const auto mean_with = [&](float probability, uint32_t label, size_t sentence) {
    return (static_cast<double>(probability) + ShareOf(label, neighbours.of(sentence), labels)) / 2;
  };
  std::vector<double> own(known), confidence(intents), counts(intents);
  for (size_t i = 0; i < known; ++i) {
    own[i] = mean_with(held_out.probability[i], labels[i], i);
    confidence[labels[i]] += own[i];
    ++counts[labels[i]];
  }
  for (size_t i = 0; i < intents; ++i) confidence[i] = std::max(kLeast, confidence[i] / std::max(1.0, counts[i]));

  Suspects found;
  for (size_t i = 0; i < known; ++i) {
    const uint32_t predicted = held_out.predicted[i];
    if (predicted == labels[i]) continue;
    const double other = mean_with(held_out.certainty[i], predicted, i);
    const double score =
        PortableLog((other + kLeast) / confidence[predicted]) - PortableLog((own[i] + kLeast) / confidence[labels[i]]);
    found.mislabels.push_back({.sentence = i,
                               .predicted = predicted,
                               .own = static_cast<float>(own[i]),
                               .other = static_cast<float>(other),
                               .score = score,
                               .sure = other >= confidence[predicted]});
  }
  for (size_t i = 0; i < held_out.others_predicted.size(); ++i) {
    const uint32_t predicted = held_out.others_predicted[i];
    const double other = mean_with(held_out.others_certainty[i], predicted, known + i);
    if (other < confidence[predicted] || other <= 0.5) continue;
    found.intruders.push_back({.sentence = known + i,
                               .predicted = predicted,
                               .own = 0,
                               .other = static_cast<float>(other),
                               .score = other,
                               .sure = true});
  }
  SortByScore(&found.mislabels);
  SortByScore(&found.intruders);
  return found;
}

std::vector<ConfusedPair> FindConfusedPairs(std::span<const uint32_t> labels, size_t intents,
                                            std::span<const Suspect> mislabels) {
  std::vector<size_t> counts(intents);
  for (const uint32_t label : labels) {
    if (label < intents) ++counts[label];
  }
  std::map<std::pair<uint32_t, uint32_t>, ConfusedPair> pairs;
  for (const Suspect& suspect : mislabels) {
    const uint32_t label = labels[suspect.sentence], first = std::min(label, suspect.predicted);
    ConfusedPair& pair = pairs[{first, std::max(label, suspect.predicted)}];
    (label == first ? pair.first_as_second : pair.second_as_first).push_back(suspect.sentence);
  }
  std::vector<ConfusedPair> found;
  for (auto& [key, pair] : pairs) {
    pair.first = key.first;
    pair.second = key.second;
    const size_t mistakes = pair.first_as_second.size() + pair.second_as_first.size();
    pair.share = static_cast<double>(mistakes) / static_cast<double>(counts[pair.first] + counts[pair.second]);
    if (mistakes >= kLeastMistakes && pair.share >= kLeastShare) found.push_back(std::move(pair));
  }
  const auto mistakes = [](const ConfusedPair& pair) {
    return pair.first_as_second.size() + pair.second_as_first.size();
  };
  std::sort(found.begin(), found.end(), [&](const ConfusedPair& a, const ConfusedPair& b) {
    if (mistakes(a) != mistakes(b)) return mistakes(a) > mistakes(b);
    if (a.share != b.share) return a.share > b.share;
    return a.first != b.first ? a.first < b.first : a.second < b.second;
  });
  return found;
}

}  // namespace pbert::converter
