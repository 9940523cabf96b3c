#include "platforms/cli/chat_answers.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/rank.h"
#include "platforms/cli/decode.h"
#include "platforms/cli/table.h"
#include "tasks/tag.h"

namespace pbert::cli {
namespace {

constexpr size_t kTextColumns = 60;

std::string Score(float score) { return Format("%.4f", static_cast<double>(score)); }

std::string Cut(uint32_t truncated) { return truncated != 0 ? "  (the rest was left out)\n" : ""; }

}  // namespace

ChatAnswers::ChatAnswers(const converter::ModelHandle& model, const pbert_session_options& options, bool colours)
    : model_(model), session_(model.NewSession(options)), colours_(colours) {}

std::string ChatAnswers::Bold(std::string_view text) const {
  const std::string shown = OneLine(text, SIZE_MAX);
  return colours_ ? "\033[1;36m" + shown + "\033[0m" : shown;
}

std::string ChatAnswers::Answer(std::string_view text) {
  const pbert_input input = converter::MakeInput(text, nullptr);
  const auto start = std::chrono::steady_clock::now();
  std::string answer;
  switch (model_.info().task) {
    case PBERT_TOKEN_CLASSIFICATION:
      answer = Tag(input, text);
      break;
    case PBERT_QUESTION_ANSWERING:
      answer = AnswerQuestion(text);
      break;
    case PBERT_FILL_MASK:
      answer = FillMask(input);
      break;
    case PBERT_FEATURE_EXTRACTION:
      answer = Embed(input, text);
      break;
    default:
      return Classify(input);
  }
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  return answer + Format("  %.2f ms\n", time.count());
}

std::string ChatAnswers::Classify(const pbert_input& input) {
  pbert_classification answer = PBERT_CLASSIFICATION;
  const auto start = std::chrono::steady_clock::now();
  converter::Require(pbert_classify(session_.get(), &input, &answer));
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  const bool is_score = model_.info().problem_type != PBERT_REGRESSION;
  Table table("lrl");
  for (uint32_t i = 0; i < std::min(answer.count, top_); ++i) {
    const pbert_label_score& score = answer.labels[i];
    const char* const learned = pbert_session_label(session_.get(), score.label);  // null: next-sentence prediction
    table.Add({"  " + (learned != nullptr ? learned : model_.label(score.label)), Score(score.score),
               is_score ? Bar(score.score) : ""});
  }
  std::string print = answer.rejected != 0 ? "  not understood; the nearest were:\n" : "";
  print += table.Print();
  return print + Format("  %.2f ms, %u tokens%s\n", time.count(), answer.token_count,
                        answer.truncated != 0 ? ", the rest was left out" : "");
}

std::string ChatAnswers::SaveLearned() const {
  if (learned_path_.empty()) return "";
  return pbert_save_learned(session_.get(), learned_path_.c_str()) == PBERT_OK
             ? ""
             : "  not kept: " + std::string(pbert_error()) + "\n";
}

void ChatAnswers::KeepLearned(const std::string& path) {
  learned_path_ = path;
  if (std::filesystem::exists(path)) converter::Require(pbert_load_learned(session_.get(), path.c_str()));
}

std::string ChatAnswers::Learn(std::string_view name, const std::vector<std::string_view>& sentences) {
  std::vector<pbert_text> texts;
  for (const std::string_view sentence : sentences) texts.push_back({sentence.data(), sentence.size()});
  pbert_learned learned = PBERT_LEARNED;
  if (pbert_learn(session_.get(), name.data(), name.size(), texts.data(), static_cast<uint32_t>(texts.size()),
                  &learned) != PBERT_OK) {
    return "  " + std::string(pbert_error()) + "\n";
  }
  std::string said = "  learned from " + std::to_string(texts.size()) + " sentences\n";
  for (uint32_t i = 0; i < learned.overlap_count; ++i) {
    const pbert_overlap& overlap = learned.overlaps[i];
    said += "  \"" + OneLine(sentences[overlap.sentence], kTextColumns) + "\" was understood as " +
            OneLine(pbert_session_label(session_.get(), overlap.label), SIZE_MAX) + " before\n";
  }
  return said + SaveLearned();
}

std::string ChatAnswers::Forget(std::string_view name) {
  if (pbert_forget(session_.get(), name.data(), name.size()) != PBERT_OK) {
    return "  " + std::string(pbert_error()) + "\n";
  }
  return SaveLearned();
}

// The sentence with its entities marked: "play some [jazz|genre]".
std::string ChatAnswers::Tag(const pbert_input& input, std::string_view text) {
  pbert_entities answer = PBERT_ENTITIES;
  converter::Require(pbert_tag(session_.get(), &input, PBERT_AGGREGATE_SIMPLE, &answer));
  std::string marked = "  ";
  size_t at = 0;
  for (uint32_t i = 0; i < answer.count; ++i) {
    const pbert_entity& entity = answer.entities[i];
    if (entity.extent.begin_bytes < at) continue;
    marked += OneLine(text.substr(at, entity.extent.begin_bytes - at), SIZE_MAX);
    marked += "[" + Bold(text.substr(entity.extent.begin_bytes, entity.extent.end_bytes - entity.extent.begin_bytes)) +
              "|" + OneLine(GroupName(model_.label(entity.label)), SIZE_MAX) + "]";
    at = entity.extent.end_bytes;
  }
  return marked + OneLine(text.substr(at), SIZE_MAX) + "\n" + Cut(answer.truncated);
}

std::string ChatAnswers::AnswerQuestion(std::string_view question) {
  if (context_.empty()) return "  first say what the answers are in: /context TEXT\n";
  const std::string_view context = context_;
  const pbert_input input = converter::MakeInput(question, &context);
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = std::min(top_, 64u);
  pbert_answer_span spans[64];
  uint32_t count = 0;
  converter::Require(pbert_answer(session_.get(), &input, &options, spans, 64, &count));
  if (count == 0) return "  no answer there\n";
  Table table("lr");
  for (uint32_t i = 0; i < count; ++i) {
    const pbert_extent& extent = spans[i].extent;
    const std::string span =
        OneLine(context.substr(extent.begin_bytes, extent.end_bytes - extent.begin_bytes), kTextColumns);
    table.Add({"  " + span, Score(spans[i].score)});
  }
  return table.Print();
}

std::string ChatAnswers::FillMask(const pbert_input& input) {
  std::vector<pbert_fill> fills(size_t{model_.info().max_tokens} * top_);
  uint32_t count = 0;
  const pbert_status status = pbert_fill_mask(session_.get(), &input, top_, nullptr, 0, fills.data(),
                                              static_cast<uint32_t>(fills.size()), &count);
  if (status != PBERT_OK) return "  " + OneLine(pbert_error(), SIZE_MAX) + "\n";
  Table table("lr");
  for (uint32_t i = 0; i < count; ++i) {
    table.Add({"  " + Decode(model_.get(), {fills[i].id}), Score(fills[i].score)});
  }
  return table.Print();
}

std::string ChatAnswers::Embed(const pbert_input& input, std::string_view text) {
  pbert_embedding answer = PBERT_EMBEDDING;
  converter::Require(pbert_embed(session_.get(), &input, PBERT_POOL_MODEL, 0, &answer));
  std::vector<float> values(answer.values, answer.values + answer.columns);
  std::vector<std::pair<float, size_t>> nearest;  // similarity, index of the line
  for (size_t i = 0; i < lines_.size(); ++i) {
    nearest.emplace_back(pbert_similarity(values.data(), lines_[i].second.data(), answer.columns), i);
  }
  std::sort(nearest.begin(), nearest.end(), [](const auto& a, const auto& b) {
    return Rank(a.first) != Rank(b.first) ? Rank(a.first) > Rank(b.first) : a.second < b.second;
  });
  Table table("lr");
  for (size_t i = 0; i < std::min<size_t>(nearest.size(), top_); ++i) {
    table.Add({"  " + OneLine(lines_[nearest[i].second].first, kTextColumns), Score(nearest[i].first)});
  }
  const bool first = lines_.empty();
  lines_.emplace_back(text, std::move(values));
  return (first ? "  noted; type another to see how near it is\n" : table.Print()) + Cut(answer.truncated);
}

}  // namespace pbert::cli
