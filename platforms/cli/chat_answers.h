// chat: what one line is answered with, by the model's task, for people.
#ifndef POCKETBERT_PLATFORMS_CLI_CHAT_ANSWERS_H_
#define POCKETBERT_PLATFORMS_CLI_CHAT_ANSWERS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "converter/evaluate/model_handle.h"

namespace pbert::cli {

// One conversation. Functions throw Error.
class ChatAnswers {
 public:
  ChatAnswers(const converter::ModelHandle& model, const pbert_session_options& options, bool colours);

  // Several lines, each with its end.
  std::string Answer(std::string_view text);

  // A label that the session learns, or forgets; what cannot be done is said. Kept in the file of KeepLearned.
  std::string Learn(std::string_view name, const std::vector<std::string_view>& sentences);
  std::string Forget(std::string_view name);
  // Reads what this file has, if it is there, and writes it whenever that changes.
  void KeepLearned(const std::string& path);

  void set_top(uint32_t top) { top_ = top; }
  // What questions are answered from.
  void set_context(std::string_view context) { context_ = context; }
  bool reads_context() const { return model_.info().task == PBERT_QUESTION_ANSWERING; }
  bool reads_top() const { return model_.info().task != PBERT_TOKEN_CLASSIFICATION; }
  bool needs_context() const { return model_.info().task == PBERT_QUESTION_ANSWERING && context_.empty(); }

 private:
  std::string Classify(const pbert_input& input);
  std::string Tag(const pbert_input& input, std::string_view text);
  std::string AnswerQuestion(std::string_view question);
  std::string FillMask(const pbert_input& input);
  std::string Embed(const pbert_input& input, std::string_view text);
  std::string SaveLearned() const;
  std::string Bold(std::string_view text) const;

  const converter::ModelHandle& model_;
  converter::SessionHandle session_;
  bool colours_;
  uint32_t top_ = 3;
  std::string context_, learned_path_;
  std::vector<std::pair<std::string, std::vector<float>>> lines_;  // of an embedding model: all so far
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_CHAT_ANSWERS_H_
