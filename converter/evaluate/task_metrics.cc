#include "converter/evaluate/task_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

#include "base/rank.h"
#include "base/utf8.h"
#include "text/unicode.h"

namespace pbert::converter {
namespace {

constexpr size_t kDraws = 2000;

// A tag's letter (O where there is none) and its type.
struct Tag {
  char letter = 'O';
  std::string_view type;
};

Tag ParseTag(std::string_view tag) {
  if (tag.empty()) return {};
  std::string_view type = tag.substr(1);
  if (const size_t hyphen = type.find('-'); hyphen != std::string_view::npos) type.remove_prefix(hyphen + 1);
  return {tag[0], type.empty() ? "_" : type};
}

bool Inside(char letter) { return letter != 'O' && letter != '.'; }

// Does an entity that `before` belongs to end in front of `now`?
bool Ends(const Tag& before, const Tag& now) {
  if (before.letter == 'E' || before.letter == 'S') return true;
  const bool begun = before.letter == 'B' || before.letter == 'I';
  if (begun && (now.letter == 'B' || now.letter == 'S' || now.letter == 'O')) return true;
  return Inside(before.letter) && before.type != now.type;
}

bool Begins(const Tag& before, const Tag& now) {
  if (now.letter == 'B' || now.letter == 'S') return true;
  const bool outside = before.letter == 'E' || before.letter == 'S' || before.letter == 'O';
  if (outside && (now.letter == 'E' || now.letter == 'I')) return true;
  return Inside(now.letter) && before.type != now.type;
}

double Ratio(double numerator, double denominator) { return denominator == 0 ? 0 : numerator / denominator; }

// What Python's str.split takes for a space.
bool IsSpace(uint32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}
bool IsAsciiPunctuation(uint32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}
bool IsWord(uint32_t c) { return (unicode::RecordOf(c).flags & unicode::kWord) != 0; }

// Code points with the bytes that spell them.
struct Letter {
  uint32_t code;
  std::string_view bytes;
};

std::vector<Letter> Letters(std::string_view text) {
  std::vector<Letter> letters;
  for (size_t at = 0; at < text.size();) {
    const auto [code, length] = DecodeUtf8(text.data() + at, text.size() - at);
    letters.push_back({static_cast<uint32_t>(code), text.substr(at, length)});
    at += length;
  }
  return letters;
}

std::string Lower(const Letter& letter) {
  const unicode::Record& record = unicode::RecordOf(letter.code);
  if ((record.flags & unicode::kLowerSequence) == 0 && record.lower_delta == 0) return std::string(letter.bytes);
  unicode::Sequence lower{{static_cast<char32_t>(static_cast<int64_t>(letter.code) + record.lower_delta)}, 1};
  if ((record.flags & unicode::kLowerSequence) != 0) lower = unicode::LowerSequence(letter.code);
  std::string text;
  for (uint32_t i = 0; i < lower.size; ++i) {
    uint8_t bytes[4];
    text.append(reinterpret_cast<const char*>(bytes), EncodeUtf8(lower.units[i], bytes));
  }
  return text;
}

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::vector<double> Ranks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return Rank(values[a]) < Rank(values[b]); });
  std::vector<double> ranks(values.size());
  for (size_t i = 0; i < order.size();) {
    size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (size_t j = i; j < end; ++j) ranks[order[j]] = static_cast<double>(i + end - 1) / 2;
    i = end;
  }
  return ranks;
}

}  // namespace

std::vector<Entity> Entities(std::span<const std::string> tags) {
  std::vector<Entity> entities;
  Tag before;
  size_t first = 0;
  for (size_t i = 0; i <= tags.size(); ++i) {
    const Tag now = i < tags.size() ? ParseTag(tags[i]) : Tag{'O', "_"};
    if (Ends(before, now)) entities.push_back({std::string(before.type), first, i - 1});
    if (Begins(before, now)) first = i;
    before = now;
  }
  return entities;
}

void EntityCounts::operator+=(const EntityCounts& more) {
  right += more.right;
  predicted += more.predicted;
  expected += more.expected;
}

double EntityCounts::Precision() const { return Ratio(static_cast<double>(right), static_cast<double>(predicted)); }
double EntityCounts::Recall() const { return Ratio(static_cast<double>(right), static_cast<double>(expected)); }
double EntityCounts::F1() const {
  return Ratio(2 * static_cast<double>(right), static_cast<double>(predicted + expected));
}

EntityCounts CountEntities(std::span<const std::string> expected, std::span<const std::string> predicted) {
  const std::vector<Entity> want = Entities(expected), have = Entities(predicted);
  const auto wanted = [&](const Entity& entity) { return std::find(want.begin(), want.end(), entity) != want.end(); };
  return {static_cast<size_t>(std::count_if(have.begin(), have.end(), wanted)), have.size(), want.size()};
}

std::string NormalizeAnswer(std::string_view answer) {
  std::string kept;  // lower case, no punctuation
  for (const Letter& letter : Letters(answer)) {
    if (!IsAsciiPunctuation(letter.code)) kept += Lower(letter);
  }
  const std::vector<Letter> letters = Letters(kept);
  std::string normal;
  const auto add = [&](const Letter& letter) {
    if (!IsSpace(letter.code)) {
      normal += letter.bytes;
    } else if (!normal.empty() && normal.back() != ' ') {
      normal += ' ';
    }
  };
  for (size_t i = 0; i < letters.size();) {
    size_t end = i;
    std::string word;
    while (end < letters.size() && IsWord(letters[end].code)) word += letters[end++].bytes;
    if (word == "a" || word == "an" || word == "the") {
      add({' ', " "});
    } else {
      for (size_t j = i; j < end; ++j) add(letters[j]);
    }
    if (end < letters.size()) add(letters[end++]);
    i = end;
  }
  if (normal.ends_with(' ')) normal.pop_back();
  return normal;
}

double ExactMatch(std::string_view answer, std::span<const std::string> expected) {
  const std::string ours = NormalizeAnswer(answer);
  return std::any_of(expected.begin(), expected.end(), [&](const auto& e) { return NormalizeAnswer(e) == ours; }) ? 1
                                                                                                                  : 0;
}

double WordF1(std::string_view answer, std::span<const std::string> expected) {
  const std::vector<std::string> ours = Words(NormalizeAnswer(answer));
  double best = 0;
  for (const std::string& text : expected) {
    const std::vector<std::string> theirs = Words(NormalizeAnswer(text));
    std::map<std::string_view, size_t> left;
    for (const std::string& word : theirs) ++left[word];
    size_t common = 0;
    for (const std::string& word : ours) {
      const auto found = left.find(word);
      if (found == left.end() || found->second == 0) continue;
      --found->second;
      ++common;
    }
    best = std::max(best, Ratio(2 * static_cast<double>(common), static_cast<double>(ours.size() + theirs.size())));
  }
  return best;
}

AnswerScore ScoreAnswer(std::string_view answer, std::span<const std::string> expected) {
  const auto says_nothing = [](std::string_view text) { return NormalizeAnswer(text).empty(); };
  if (std::all_of(expected.begin(), expected.end(), says_nothing)) {
    const double right = says_nothing(answer) ? 1 : 0;
    return {right, right};
  }
  if (says_nothing(answer)) return {};
  return {ExactMatch(answer, expected), WordF1(answer, expected)};
}

float BestNullThreshold(std::span<const NullChoice> choices) {
  std::vector<NullChoice> sorted(choices.begin(), choices.end());
  std::erase_if(sorted, [](const NullChoice& choice) { return !std::isfinite(choice.margin); });
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.margin < b.margin; });
  if (sorted.empty()) return 0;
  double sum = 0, best = 0;  // beyond that of answering none
  float threshold = std::min(sorted.front().margin, 0.0f) - 1;
  for (size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i].answered - sorted[i].unanswered;
    if (i + 1 < sorted.size() && sorted[i + 1].margin == sorted[i].margin) continue;  // no threshold tells them apart
    if (sum <= best) continue;
    best = sum;
    threshold = sorted[i].margin;
  }
  return threshold;
}

double Pearson(std::span<const double> a, std::span<const double> b) {
  const double n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n,
               mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = a[i] - mean_a, y = b[i] - mean_b;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  if (aa == 0 || bb == 0) return std::numeric_limits<double>::quiet_NaN();
  return ab / std::sqrt(aa * bb);
}

double Spearman(std::span<const double> a, std::span<const double> b) { return Pearson(Ranks(a), Ranks(b)); }

double PairedBootstrap(std::span<const RatioTerm> first, std::span<const RatioTerm> second) {
  const size_t n = first.size();
  std::mt19937_64 random(20240607);
  size_t below = 0, above = 0;  // both count a difference of 0
  for (size_t draw = 0; draw < kDraws; ++draw) {
    RatioTerm a, b;
    for (size_t i = 0; i < n; ++i) {
      const size_t at = random() % n;  // n is far below 2^64: the bias is nothing
      a.numerator += first[at].numerator;
      a.denominator += first[at].denominator;
      b.numerator += second[at].numerator;
      b.denominator += second[at].denominator;
    }
    const double difference = Ratio(a.numerator, a.denominator) - Ratio(b.numerator, b.denominator);
    below += difference <= 0;
    above += difference >= 0;
  }
  return std::min(1.0, 2 * static_cast<double>(std::min(below, above) + 1) / (kDraws + 1));
}

}  // namespace pbert::converter
