// run: zero-shot classification.

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/rank.h"
#include "converter/error.h"
#include "platforms/cli/task_runner.h"
#include "tasks/c_handles.h"

namespace pbert::cli {

int32_t EntailmentLabel(const ModelHandle& model) {
  constexpr int32_t kNotStated = -2;
  const int32_t stated = model.get()->file->head(0).entailment();
  if (stated != kNotStated) return stated;
  const auto& names = model.labels();
  const auto entails = std::find_if(names.begin(), names.end(), [](std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    return name.starts_with("entail");
  });
  return entails == names.end() ? -1 : static_cast<int32_t>(entails - names.begin());
}

// Each label becomes a hypothesis, and the text the premise, of an entailment model.
Json TaskRunner::ZeroShot(const Request& request) {
  const std::vector<std::string> labels = StringList(Option(request, "candidate_labels"), "candidate_labels", true);
  const Json given = Option(request, "hypothesis_template");
  const std::string pattern = given.is_string() ? given.get<std::string>() : "This example is {}.";
  const size_t hole = pattern.find("{}");
  if (hole == std::string::npos) throw Error("hypothesis_template: it has no {} for the label");
  const size_t count = model_.labels().size();
  int32_t entails = EntailmentLabel(model_);
  if (entails == -1) {
    Warn("no label's name begins with \"entail\": the last one is taken for it, as the reference does");
    entails = static_cast<int32_t>(count) - 1;
  }
  if (entails < 0 || static_cast<size_t>(entails) >= count) {
    throw Error("candidate_labels: label2id gives entailment the index " + std::to_string(entails) +
                ", but there are " + std::to_string(count) + " labels");
  }
  const auto entailment = static_cast<size_t>(entails);
  const size_t contradiction = entailment == 0 ? count - 1 : 0;
  const bool alone = Flag(request, "multi_label") || labels.size() == 1;

  std::vector<double> scores;
  for (const std::string& label : labels) {
    const std::string hypothesis = pattern.substr(0, hole) + label + pattern.substr(hole + 2);
    const std::string_view pair = hypothesis;
    pbert_input input = MakeInput(request.text, nullptr);
    input.pair = pair.data();  // a pair even if it is empty
    input.pair_size = pair.size();
    input.max_tokens = options_.session.max_tokens == 0 ? model_.info().truncation_tokens : Limit();
    input.truncation = PBERT_ONLY_FIRST;
    pbert_classification result = PBERT_CLASSIFICATION;
    Require(pbert_classify(session_.get(), &input, &result));
    NoteTruncation();
    const double yes = result.logits[entailment], no = result.logits[contradiction];
    scores.push_back(alone ? 1 / (1 + std::exp(no - yes)) : yes);
  }
  if (!alone) {
    const double highest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double& score : scores) sum += score = std::exp(score - highest);
    for (double& score : scores) score /= sum;
  }
  std::vector<size_t> order(labels.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return Rank(scores[a]) > Rank(scores[b]); });
  Json answer = {{"sequence", request.text}, {"labels", Json::array()}, {"scores", Json::array()}};
  for (const size_t i : order) {
    answer["labels"].push_back(labels[i]);
    answer["scores"].push_back(Number(static_cast<float>(scores[i])));
  }
  return answer;
}

}  // namespace pbert::cli
