// Figures about tagged words, answers and embeddings, defined as the libraries that the field compares with define
// them.
#ifndef POCKETBERT_CONVERTER_EVALUATE_TASK_METRICS_H_
#define POCKETBERT_CONVERTER_EVALUATE_TASK_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbert::converter {

// Words [first, last] of a sentence.
struct Entity {
  std::string type;
  size_t first, last;
  bool operator==(const Entity&) const = default;
};

// The entities that tags describe, read as seqeval reads them by default (after conlleval): B-X begins an entity, I-X
// goes on with one of the same type or begins one, E-X ends one, S-X is one. "_" is the type of a tag without one.
std::vector<Entity> Entities(std::span<const std::string> tags);

// Counts of one sentence or of many.
struct EntityCounts {
  size_t right = 0, predicted = 0, expected = 0;

  void operator+=(const EntityCounts& more);
  double Precision() const;  // 0 where nothing was predicted
  double Recall() const;     // 0 where nothing was expected
  double F1() const;         // micro-averaged: the harmonic mean of both
};
EntityCounts CountEntities(std::span<const std::string> expected, std::span<const std::string> predicted);

// SQuAD's official measures: both texts lower-cased, without ASCII punctuation and the words a, an, the; spaces as one.
std::string NormalizeAnswer(std::string_view answer);
// 1 when the normalized texts are equal, else 0; the best over the expected ones.
double ExactMatch(std::string_view answer, std::span<const std::string> expected);
// The harmonic mean of precision and recall of the words as multisets; likewise.
double WordF1(std::string_view answer, std::span<const std::string> expected);

// Both as SQuAD 2.0's script has them, in which a question may have no answer: then `expected` is empty, and "" is
// right. Expected answers that normalize to nothing do not count, and stand for none where there are no others.
struct AnswerScore {
  double exact = 0, f1 = 0;
};
AnswerScore ScoreAnswer(std::string_view answer, std::span<const std::string> expected);

// What a question adds to a figure when it gets its best answer, and when it gets none, which it does if its margin
// (the score of "no answer" less the best answer's) is above the threshold.
struct NullChoice {
  float margin = 0;
  double answered = 0, unanswered = 0;
};
// The threshold with the largest sum, as find_best_thresh of SQuAD 2.0's script looks for it: the margin of one of the
// questions, the lowest of those that are as good; or, where it is best to answer none, a number below all margins and
// at most -1. Margins that are no numbers are above no threshold.
float BestNullThreshold(std::span<const NullChoice> choices);

// Pearson's correlation coefficient, and Spearman's: Pearson's of the ranks, equal values sharing the mean of theirs.
// NaN where one side does not vary.
double Pearson(std::span<const double> a, std::span<const double> b);
double Spearman(std::span<const double> a, std::span<const double> b);

// What one example adds to a figure that is a ratio of two sums: 2 * right and predicted + expected to F1, say.
struct RatioTerm {
  double numerator = 0, denominator = 0;
};

// Paired bootstrap (Efron; Koehn 2004): examples are drawn with replacement, the same for both systems, and the
// difference of the figures is counted on each side of zero. Two-sided: twice the smaller share. The draws are those of
// a fixed seed, so the same examples give the same p.
double PairedBootstrap(std::span<const RatioTerm> first, std::span<const RatioTerm> second);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_TASK_METRICS_H_
