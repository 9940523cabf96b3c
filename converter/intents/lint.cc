#include "converter/intents/lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace pbert::converter {
namespace {

bool InOrder(const SentencePair& a, const SentencePair& b) {
  return a.first != b.first ? a.first < b.first : a.second < b.second;
}

constexpr size_t kEnough = 10;      // sentences of an intent
constexpr double kFarFewer = 0.25;  // than the median intent has
constexpr float kNear = 0.97f;      // on BANKING77 such sentences ask the same in other words
// An outlier's nearest sentence is so many times further below the median cosine of nearest sentences than that of the
// tenth part of all that is worst: 0.2 % of BANKING77's. What is below the median spreads further than what is above.
constexpr double kFar = 3;
constexpr double kLeastSpread = 0.02;

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Of different intents, but not the same text, which FindDuplicates has named.
std::vector<SentencePair> NearPairs(const Material& material, const Neighbours& neighbours) {
  std::vector<SentencePair> pairs;
  std::set<std::pair<size_t, size_t>> seen;
  for (size_t i = 0; i < neighbours.strange.size(); ++i) {
    const Neighbour& other = neighbours.strange[i];
    if (!(other.cosine >= kNear) || Folded(material.texts[i]) == Folded(material.texts[other.sentence])) continue;
    const size_t a = material.places[i], b = material.places[other.sentence];
    if (!seen.emplace(std::min(a, b), std::max(a, b)).second) continue;
    pairs.push_back({std::min(a, b), std::max(a, b), other.cosine});
  }
  std::sort(pairs.begin(), pairs.end(), [](const SentencePair& a, const SentencePair& b) {
    return a.cosine != b.cosine ? a.cosine > b.cosine : InOrder(a, b);
  });
  return pairs;
}

// Far from all others, as this set goes: its sentences may all be of one subject, or each of its own.
std::vector<SentencePair> FindOutliers(const Material& material, const Neighbours& neighbours) {
  std::vector<SentencePair> outliers;
  if (neighbours.count == 0) return outliers;
  std::vector<double> cosines;
  for (size_t i = 0; i < material.texts.size(); ++i) {
    cosines.push_back(static_cast<double>(neighbours.of(i)[0].cosine));
  }
  std::vector<double> sorted = cosines;
  std::sort(sorted.begin(), sorted.end());
  const double median = Median(sorted), spread = std::max(kLeastSpread, median - sorted[sorted.size() / 10]);
  for (size_t i = 0; i < cosines.size(); ++i) {
    const Neighbour& nearest = neighbours.of(i)[0];
    if (cosines[i] >= median - kFar * spread) continue;
    outliers.push_back({material.places[i], material.places[nearest.sentence], nearest.cosine});
  }
  std::sort(outliers.begin(), outliers.end(), [](const SentencePair& a, const SentencePair& b) {
    return a.cosine != b.cosine ? a.cosine < b.cosine : InOrder(a, b);
  });
  return outliers;
}

}  // namespace

LintReport Lint(const SentenceSet& set, const std::string& out_of_scope_label) {
  LintReport report;
  std::map<std::string, size_t> counts;
  for (const Sentence& sentence : set.sentences) {
    const bool other = IsOutOfScope(sentence.intent, out_of_scope_label);
    ++(other ? report.out_of_scope : report.sentences);
    if (!other) ++counts[sentence.intent];
  }
  report.intents = counts.size();
  std::vector<double> sizes;
  for (const auto& [intent, count] : counts) sizes.push_back(static_cast<double>(count));
  report.median = Median(sizes);
  for (const auto& [intent, count] : counts) {
    const bool far_fewer = static_cast<double>(count) < kFarFewer * report.median;
    if (count < kEnough || far_fewer) report.small.push_back({intent, count});
  }
  std::sort(report.small.begin(), report.small.end(), [](const SmallIntent& a, const SmallIntent& b) {
    return a.sentences != b.sentences ? a.sentences < b.sentences : a.intent < b.intent;
  });
  report.duplicates = FindDuplicates(set);
  return report;
}

void LintWithEncoder(const Material& material, const SentenceFeatures& features, const Neighbours& neighbours,
                     const HeldOut& held_out, LintReport* report) {
  report->encoded = true;
  report->single = report->sentences - material.labels.size();
  report->accuracy = held_out.accuracy;
  report->labels = material.intents;
  report->near = NearPairs(material, neighbours);
  report->outliers = FindOutliers(material, neighbours);
  const std::vector<uint32_t> labels = AllLabels(material);
  report->suspects = FindSuspects(labels, material.intents.size(), held_out, neighbours);
  report->confused = FindConfusedPairs(labels, material.intents.size(), report->suspects.mislabels);
  const auto to_place = [&](size_t* sentence) { *sentence = material.places[*sentence]; };
  for (Suspect& suspect : report->suspects.mislabels) to_place(&suspect.sentence);
  for (Suspect& suspect : report->suspects.intruders) to_place(&suspect.sentence);
  for (ConfusedPair& pair : report->confused) {
    for (size_t& sentence : pair.first_as_second) to_place(&sentence);
    for (size_t& sentence : pair.second_as_first) to_place(&sentence);
  }
  for (size_t i = 0; i < material.texts.size(); ++i) {
    if (features.cut[i] != 0) report->cut.push_back(material.places[i]);
  }
  std::sort(report->cut.begin(), report->cut.end());
}

LintResult LintSentences(const LintOptions& options) {
  LintResult result;
  result.set = ReadSentences(options.sentences, options.warn);
  result.report = Lint(result.set, options.out_of_scope_label);
  if (options.encoder.empty()) return result;
  const Material material = SortSentences(result.set, options.out_of_scope_label, SingleSentences::kLeaveOut);
  // With one sentence of two held out, every intent would be a point, and there would be no spread to measure by.
  const size_t intents = material.intents.size();
  if (intents < 2 || material.labels.size() <= 2 * intents) {
    if (options.warn) {
      options.warn(result.set.name +
                   ": not judged by the encoder: that takes an intent of three sentences and another");
    }
    return result;
  }
  const std::vector<std::string> texts = TextsAndNames(material, true);
  const EncoderFile encoder = FindEncoder(options.encoder, options.progress);
  const SentenceFeatures features = EmbedSentences(encoder.path, texts, options.threads, options.progress);
  const IntentExamples examples = ExamplesOf(material, features);
  const IntentHead head = TrainIntents(examples, {.threads = options.threads}, options.progress);
  const Neighbours neighbours =
      FindNeighbours(features, AllLabels(material), kVotes, options.threads, options.progress);
  LintWithEncoder(material, features, neighbours, head.held_out, &result.report);
  return result;
}

}  // namespace pbert::converter
