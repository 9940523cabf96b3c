#include "tasks/answer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/ascii.h"
#include "tasks/scores.h"
#include "tasks/windows.h"

namespace pbert {
namespace {

struct Span {
  float score;
  size_t first, last;  // tokens of the window
};

// Answers of all windows so far. Equal texts are one answer, with the sum of their scores. When there are too many, the
// worst one goes. One thread at a time.
class Answers {
 public:
  Answers(std::string_view context, pbert_answer_span* answers) : context_(context), answers_(answers) {}

  void Add(float score, uint32_t begin, uint32_t end) {
    const std::string_view text = TextOf(begin, end);
    for (size_t i = 0; i < count_; ++i) {
      const pbert_extent& e = answers_[i].extent;
      if (SameIgnoringCase(TextOf(e.begin_bytes, e.end_bytes), text)) {
        answers_[i].score += score;
        return;
      }
    }
    if (count_ == kKeptAnswers) {
      Sort();
      if (answers_[count_ - 1].score >= score) return;
      --count_;
    }
    answers_[count_] = {};
    answers_[count_].score = score;
    answers_[count_].extent.begin_bytes = begin;
    answers_[count_++].extent.end_bytes = end;
  }

  // "No answer" takes the place that its score gives it, behind its equals; a `threshold` other than 0 says instead
  // whether that is the first one. Of 0 both say the same. There is an answer, if only the empty one.
  std::span<const pbert_answer_span> Finish(size_t top_k, bool allow_none, float none_score, float threshold,
                                            float* null_margin) {
    Sort();
    *null_margin = none_score - answers_[0].score;
    if (allow_none) {
      size_t place = count_;
      while (place > 0 && answers_[place - 1].score < none_score) --place;
      if (threshold != 0) place = *null_margin > threshold ? 0 : std::max<size_t>(place, 1);
      for (size_t i = count_++; i > place; --i) answers_[i] = answers_[i - 1];
      answers_[place] = {};
      answers_[place].score = none_score;
    }
    count_ = std::min(count_, top_k);
    for (size_t i = 0; i < count_; ++i) {
      pbert_extent& extent = answers_[i].extent;
      OffsetCursor cursor(context_);
      const OffsetCursor::Position begin = cursor.At(extent.begin_bytes), end = cursor.At(extent.end_bytes);
      extent = {begin.bytes, end.bytes, begin.code_points, end.code_points, begin.utf16_units, end.utf16_units};
    }
    return {answers_, count_};
  }

 private:
  // Not substr, which may throw.
  std::string_view TextOf(uint32_t begin, uint32_t end) const { return {context_.data() + begin, end - begin}; }

  // Insertion sort: stable, and without memory.
  void Sort() {
    for (size_t i = 1; i < count_; ++i) {
      const pbert_answer_span moved = answers_[i];
      size_t place = i;
      for (; place > 0 && answers_[place - 1].score < moved.score; --place) answers_[place] = answers_[place - 1];
      answers_[place] = moved;
    }
  }

  std::string_view context_;
  pbert_answer_span* const answers_;
  size_t count_ = 0;
};

// A window's probabilities, in the task's memory.
struct WindowScores {
  float* starts;
  float* ends;
  const uint32_t* words;
};

class Reader {
 public:
  Reader(std::string_view text, const AnswerOptions& options, TaskContext* context, const WindowScores& scores,
         pbert_answer_span* answers)
      : options_(options), context_(context), encoding_(context->encoding), scores_(scores), answers_(text, answers) {}

  // Probabilities of starts and ends over the context and the first token, which stands for "no answer"; then the
  // best pairs of the two.
  Status ReadWindow(size_t begin, size_t end) {
    PBERT_RETURN_IF_ERROR(context_->RunNetwork(RowSelection{schema::RowChoice::All, {}}));
    PBERT_RETURN_IF_ERROR(context_->ForEachRow([this](size_t row, const float* outputs) {
      scores_.starts[row] = outputs[0];
      scores_.ends[row] = outputs[1];
    }));
    ToProbabilities(scores_.starts, begin, end);
    ToProbabilities(scores_.ends, begin, end);
    none_score_ = std::min(none_score_, scores_.starts[0] * scores_.ends[0]);

    // More than asked for, because several may become the same words: so many the reference takes.
    Span best[2 * kMaxAnswers + 10];
    const size_t most = options_.part_words ? options_.top_k : 2 * size_t{options_.top_k} + 10;
    size_t count = 0;
    for (size_t first = begin; first < end; ++first) {
      const size_t last_end = first + std::min<size_t>(end - first, options_.max_answer_tokens);
      for (size_t last = first; last < last_end; ++last) {
        const float score = scores_.starts[first] * scores_.ends[last];
        if (count == most && !(score > best[count - 1].score)) continue;
        size_t place = count < most ? count++ : count - 1;
        for (; place > 0 && score > best[place - 1].score; --place) best[place] = best[place - 1];
        best[place] = {score, first, last};
      }
    }
    for (size_t i = 0; i < count; ++i) {
      size_t first = best[i].first, last = best[i].last;
      if (!options_.part_words) {
        const uint32_t* const words = scores_.words;
        while (first > begin && words[first - 1] == words[first]) --first;
        while (last + 1 < end && words[last + 1] == words[last]) ++last;
      }
      answers_.Add(best[i].score, encoding_.begins[first], encoding_.ends[last]);
    }
    // Where the context has fewer spans than that, the reference goes on with those of score 0: of the first token,
    // which stands for "no answer".
    if (count < most) answers_.Add(0.0f, 0, 0);
    return Status();
  }

  std::span<const pbert_answer_span> Finish(float* null_margin) {
    return answers_.Finish(options_.top_k, options_.allow_none, none_score_, context_->head->null_threshold(),
                           null_margin);
  }

 private:
  void ToProbabilities(float* logits, size_t begin, size_t end) const {
    const float highest =
        std::max(logits[0], begin < end ? *std::max_element(logits + begin, logits + end) : logits[0]);
    const float sum = Exponentiate({logits + begin, end - begin}, highest, Exponentiate({logits, 1}, highest, 0.0f));
    logits[0] /= sum;
    for (size_t i = begin; i < end; ++i) logits[i] /= sum;
  }

  const AnswerOptions& options_;
  TaskContext* const context_;
  const Encoding& encoding_;
  const WindowScores scores_;
  Answers answers_;
  float none_score_ = 1e6f;
};

}  // namespace

AnswerTask AnswerTask::Take(size_t max_tokens, Arena* arena) {
  AnswerTask task;
  task.starts_ = arena->Take<float>(max_tokens);
  task.ends_ = arena->Take<float>(max_tokens);
  task.words_ = arena->Take<uint32_t>(max_tokens);
  task.answers_ = arena->Take<pbert_answer_span>(kKeptAnswers + 1);
  return task;
}

Status AnswerTask::Run(const TextInput& input, const AnswerOptions& options, TaskContext* context,
                       std::span<const pbert_answer_span>* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::QuestionAnswering, "answer"));
  if (!input.has_pair) return Status::Error(Code::kInvalidArgument, "answer: the context (input.pair) is null");
  if (input.stride) {
    return Status::Error(Code::kInvalidArgument, "answer: its stride is pbert_answer_options.doc_stride, not input's");
  }
  constexpr uint32_t kWindow = 384;  // the reference's
  const uint32_t window = std::min(
      input.max_tokens == 0 ? std::min(kWindow, context->truncation_tokens) : input.max_tokens, context->max_tokens);
  const size_t stride = options.stride.value_or(std::min(window / 2, 128u));
  TextWindows windows(input, {.function = "answer", .max_tokens = window, .stride = stride, .words = words_}, context);
  PBERT_RETURN_IF_ERROR(windows.Begin());
  Reader reader(input.pair, options, context, WindowScores{starts_, ends_, words_}, answers_);
  for (Window part; !part.last;) {
    PBERT_RETURN_IF_ERROR(windows.Next(&part));
    PBERT_RETURN_IF_ERROR(reader.ReadWindow(part.begin, part.end));
  }
  *result = reader.Finish(&null_margin_);
  return Status();
}

}  // namespace pbert
