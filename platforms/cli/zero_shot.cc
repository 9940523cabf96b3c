// run: zero-shot classification.

#include "converter/support/error.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {

bool StatesEntailment(const converter::ModelHandle& model) { return model.info().entailment_label != PBERT_NO_LABEL; }

// Each label becomes a hypothesis, and the text the premise, of an entailment model.
Json TaskRunner::ZeroShot(const Request& request) {
  const std::vector<std::string> labels = StringList(Option(request, "candidate_labels"), "candidate_labels", true);
  const Json given = Option(request, "hypothesis_template");
  const std::string pattern = given.is_string() ? given.get<std::string>() : "This example is {}.";
  const size_t hole = pattern.find("{}");
  if (hole == std::string::npos) throw converter::Error("hypothesis_template: it has no {} for the label");
  if (!StatesEntailment(model_)) {
    Warn("no label's name begins with \"entail\": the last one is taken for it, as the reference does");
  }
  std::vector<std::string> texts;
  std::vector<pbert_text> hypotheses;
  for (const std::string& label : labels) texts.push_back(pattern.substr(0, hole) + label + pattern.substr(hole + 2));
  for (const std::string& text : texts) hypotheses.push_back({text.data(), text.size()});
  pbert_input input = converter::MakeInput(request.text, nullptr);
  input.max_tokens = options_.session.max_tokens == 0 ? 0 : Limit();
  std::vector<pbert_label_score> scores(labels.size());
  uint32_t truncated = 0;
  converter::Require(pbert_zero_shot(session_.get(), &input, hypotheses.data(),
                                     static_cast<uint32_t>(hypotheses.size()), Flag(request, "multi_label"),
                                     scores.data(), &truncated));
  NoteTruncation(truncated != 0);
  Json answer = {{"sequence", request.text}, {"labels", Json::array()}, {"scores", Json::array()}};
  for (const pbert_label_score& score : scores) {
    answer["labels"].push_back(labels[score.label]);
    answer["scores"].push_back(Number(score.score));
  }
  return answer;
}

}  // namespace pbert::cli
