#include "platforms/cli/lint_json.h"

#include <algorithm>
#include <vector>

namespace pbert::cli {
namespace {

using converter::LintReport;
using converter::SentenceSet;

Json Sentence(const SentenceSet& set, size_t place) {
  Json object;
  object["at"] = PlaceOf(set, place);
  object["text"] = set.sentences[place].text;
  object["intent"] = set.sentences[place].intent;
  return object;
}

Json List(const SentenceSet& set, const std::vector<size_t>& places, size_t most = SIZE_MAX) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(most, places.size()); ++i) list.push_back(Sentence(set, places[i]));
  return list;
}

Json Lists(const SentenceSet& set, const std::vector<std::vector<size_t>>& groups, size_t most = SIZE_MAX) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(most, groups.size()); ++i) list.push_back(List(set, groups[i]));
  return list;
}

Json Near(const SentenceSet& set, const LintReport& report) {
  Json list = Json::array();
  for (const converter::SentencePair& pair : report.near) {
    list.push_back({{"similarity", Rounded(static_cast<double>(pair.cosine), 4)},
                    {"sentences", List(set, {pair.first, pair.second})}});
  }
  return list;
}

Json Mislabels(const SentenceSet& set, const LintReport& report) {
  Json list = Json::array();
  for (const converter::Suspect& suspect : report.suspects.mislabels) {
    Json object = Sentence(set, suspect.sentence);
    object["predicted"] = report.labels[suspect.predicted];
    object["probability"] = Rounded(static_cast<double>(suspect.own), 4);
    object["predicted_probability"] = Rounded(static_cast<double>(suspect.other), 4);
    object["score"] = Rounded(suspect.score, 4);
    object["sure"] = suspect.sure;
    list.push_back(std::move(object));
  }
  return list;
}

Json Confused(const SentenceSet& set, const LintReport& report) {
  Json list = Json::array();
  for (const converter::ConfusedPair& pair : report.confused) {
    Json object;
    object["intents"] = {report.labels[pair.first], report.labels[pair.second]};
    object["mistakes"] = {pair.first_as_second.size(), pair.second_as_first.size()};
    object["share"] = Rounded(pair.share, 4);
    object["examples"] =
        Json::array({List(set, pair.first_as_second, kExamplesShown), List(set, pair.second_as_first, kExamplesShown)});
    list.push_back(std::move(object));
  }
  return list;
}

Json Outliers(const SentenceSet& set, const LintReport& report) {
  Json list = Json::array();
  for (const converter::SentencePair& pair : report.outliers) {
    Json object = Sentence(set, pair.first);
    object["similarity"] = Rounded(static_cast<double>(pair.cosine), 4);
    object["nearest"] = Sentence(set, pair.second);
    list.push_back(std::move(object));
  }
  return list;
}

Json LookInScope(const SentenceSet& set, const LintReport& report) {
  Json list = Json::array();
  for (const converter::Suspect& suspect : report.suspects.intruders) {
    Json object = Sentence(set, suspect.sentence);
    object["predicted"] = report.labels[suspect.predicted];
    object["predicted_probability"] = Rounded(static_cast<double>(suspect.other), 4);
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace

std::string PlaceOf(const SentenceSet& set, size_t place) {
  const converter::Sentence& sentence = set.sentences[place];
  return set.sources[sentence.source] + ":" + std::to_string(sentence.line);
}

Json LintAsJson(const converter::LintResult& result) {
  const SentenceSet& set = result.set;
  const LintReport& report = result.report;
  Json object;
  object["sentences"] = report.sentences;
  object["intents"] = report.intents;
  object["out_of_scope"] = report.out_of_scope;
  object["median"] = report.median;
  object["same_text"] = Lists(set, report.duplicates.across);
  object["repeated"] = {{"sentences", report.duplicates.surplus},
                        {"examples", Lists(set, report.duplicates.within, kRepeatedShown)}};
  object["small_intents"] = Json::array();
  for (const converter::SmallIntent& small : report.small) {
    object["small_intents"].push_back({{"intent", small.intent}, {"sentences", small.sentences}});
  }
  const bool encoded = report.encoded;
  object["accuracy"] = encoded ? Json(Rounded(report.accuracy, 6)) : Json();
  object["not_judged"] = encoded ? Json(report.single) : Json();
  object["nearly_same_text"] = encoded ? Near(set, report) : Json();
  object["mislabels"] = encoded ? Mislabels(set, report) : Json();
  object["confused_intents"] = encoded ? Confused(set, report) : Json();
  object["outliers"] = encoded ? Outliers(set, report) : Json();
  object["cut"] = encoded ? List(set, report.cut) : Json();
  object["look_in_scope"] = encoded ? LookInScope(set, report) : Json();
  return object;
}

}  // namespace pbert::cli
