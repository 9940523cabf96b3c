#include "converter/evaluate/task_eval.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "converter/error.h"
#include "converter/evaluate/metrics.h"
#include "converter/evaluate/parallel.h"
#include "converter/evaluate/task_metrics.h"
#include "converter/evaluate/task_sets.h"
#include "quant/error_measures.h"

namespace pbert {
namespace {

constexpr size_t kLongestAnswer = 15;  // tokens, as the reference's pipeline has it by default

// One model's answers to all examples.
template <typename Answer>
struct Answers {
  std::vector<Answer> of;
  size_t truncated = 0;
  double seconds = 0;
};

// `answer` is given a model of its own by each thread.
template <typename Answer, typename Function>
Answers<Answer> Ask(const std::string& file, size_t total, const TaskEvalOptions& options, size_t before, size_t of,
                    Function answer) {
  const size_t workers = WorkersFor(total, options.threads);
  std::vector<std::unique_ptr<RawModel>> models;
  for (size_t i = 0; i < workers; ++i) models.push_back(std::make_unique<RawModel>(file, options.raw));
  Answers<Answer> answers;
  answers.of.resize(total);
  std::vector<uint8_t> truncated(total, 0);
  std::function<void(size_t, size_t)> progress;
  if (options.progress) progress = [&](size_t done, size_t) { options.progress(before + done, of); };
  const auto start = std::chrono::steady_clock::now();
  ForEachExample(total, workers, progress, [&](size_t worker, size_t i) {
    answers.of[i] = answer(models[worker].get(), i);
    truncated[i] = models[worker]->encoding().truncated;
  });
  answers.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  answers.truncated = static_cast<size_t>(std::count(truncated.begin(), truncated.end(), 1));
  return answers;
}

// Both models' answers; the second's are empty without fp32.
template <typename Answer, typename Function>
std::pair<Answers<Answer>, Answers<Answer>> AskBoth(const std::string& file, const std::string& fp32_file, size_t total,
                                                    const TaskEvalOptions& options, TaskEvaluation* evaluation,
                                                    Function answer) {
  const size_t of = fp32_file.empty() ? total : 2 * total;
  std::pair<Answers<Answer>, Answers<Answer>> both;
  both.first = Ask<Answer>(file, total, options, 0, of, answer);
  if (!fp32_file.empty()) both.second = Ask<Answer>(fp32_file, total, options, total, of, answer);
  evaluation->examples = total;
  evaluation->truncated = both.first.truncated;
  evaluation->seconds = both.first.seconds;
  return both;
}

template <typename Answer>
void CountFlips(const std::pair<Answers<Answer>, Answers<Answer>>& both, TaskEvaluation* evaluation) {
  evaluation->has_flips = !both.second.of.empty();
  for (size_t i = 0; i < both.second.of.size(); ++i) evaluation->flips += both.first.of[i] != both.second.of[i];
}

// ---------------------------------------------------------------- words

using Tags = std::vector<std::string>;

std::string Label(const schema::Head& head, size_t index) {
  if (head.labels() == nullptr || index >= head.labels()->size()) return "LABEL_" + std::to_string(index);
  return head.labels()->Get(static_cast<uint32_t>(index))->str();
}

// Words are joined by spaces; a word's first piece is the first token that begins in its bytes.
Tags TagWords(RawModel* model, const std::vector<std::string>& words) {
  std::string text;
  std::vector<size_t> ends;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
    ends.push_back(text.size());
  }
  TextInput input;
  input.text = text;
  model->Encode(input);
  const std::vector<float> outputs = model->Outputs();
  const Encoding& encoding = model->encoding();
  Tags tags(words.size(), "O");
  std::vector<bool> tagged(words.size(), false);
  for (size_t row = 0; row < encoding.size; ++row) {
    if (encoding.sources[row] == TokenSource::kSpecial) continue;
    const auto word = std::upper_bound(ends.begin(), ends.end(), size_t{encoding.begins[row]}) - ends.begin();
    const auto at = static_cast<size_t>(word);
    if (at >= words.size() || tagged[at]) continue;
    tagged[at] = true;
    const auto first = outputs.begin() + static_cast<ptrdiff_t>(row * model->columns());
    const auto best = std::max_element(first, first + static_cast<ptrdiff_t>(model->columns()));
    tags[at] = Label(model->head(), static_cast<size_t>(best - first));
  }
  return tags;
}

struct TagFigures {
  EntityCounts entities;
  size_t right = 0, words = 0;
  std::vector<RatioTerm> f1, accuracy;  // of each sentence
};

TagFigures MeasureTags(const std::vector<TaggedSentence>& set, const std::vector<Tags>& answers) {
  TagFigures figures;
  for (size_t i = 0; i < answers.size(); ++i) {
    const EntityCounts counts = CountEntities(set[i].tags, answers[i]);
    figures.entities += counts;
    figures.f1.push_back(
        {2 * static_cast<double>(counts.right), static_cast<double>(counts.predicted + counts.expected)});
    size_t right = 0;
    for (size_t w = 0; w < answers[i].size(); ++w) right += answers[i][w] == set[i].tags[w];
    figures.right += right;
    figures.words += answers[i].size();
    figures.accuracy.push_back({static_cast<double>(right), static_cast<double>(answers[i].size())});
  }
  return figures;
}

void EvaluateTags(const std::string& file, const std::string& fp32_file, const DatasetPath& path,
                  const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const std::vector<TaggedSentence> set = ReadTagged(path);
  const auto both = AskBoth<Tags>(file, fp32_file, set.size(), options, evaluation,
                                  [&](RawModel* model, size_t i) { return TagWords(model, set[i].words); });
  evaluation->unit = "sentences";
  evaluation->test = "paired bootstrap";
  CountFlips(both, evaluation);
  const TagFigures ours = MeasureTags(set, both.first.of);
  const bool compared = evaluation->has_flips;
  const TagFigures theirs = MeasureTags(set, both.second.of);
  const auto add = [&](const char* name, auto figure, double p_value) {
    evaluation->metrics.push_back({name, figure(ours), compared ? figure(theirs) : kNotMeasured, p_value});
  };
  add(
      "entity_f1", [](const TagFigures& f) { return f.entities.F1(); },
      compared ? PairedBootstrap(ours.f1, theirs.f1) : kNotMeasured);
  add("entity_precision", [](const TagFigures& f) { return f.entities.Precision(); }, kNotMeasured);
  add("entity_recall", [](const TagFigures& f) { return f.entities.Recall(); }, kNotMeasured);
  add(
      "token_accuracy", [](const TagFigures& f) { return static_cast<double>(f.right) / static_cast<double>(f.words); },
      compared ? PairedBootstrap(ours.accuracy, theirs.accuracy) : kNotMeasured);
}

// ---------------------------------------------------------------- questions

// The span of context tokens whose start and end logits have the largest sum.
std::string AnswerQuestion(RawModel* model, const Question& question) {
  TextInput input;
  input.text = question.question;
  input.pair = question.context;
  input.has_pair = true;
  model->Encode(input);
  const std::vector<float> outputs = model->Outputs();  // start and end of each token
  const Encoding& encoding = model->encoding();
  float best = -std::numeric_limits<float>::infinity();
  size_t first = 0, last = 0;
  for (size_t start = 0; start < encoding.size; ++start) {
    if (encoding.sources[start] != TokenSource::kSecond) continue;
    for (size_t end = start; end < std::min(encoding.size, start + kLongestAnswer); ++end) {
      if (encoding.sources[end] != TokenSource::kSecond) break;
      const float score = outputs[2 * start] + outputs[2 * end + 1];
      if (score <= best) continue;
      best = score;
      first = encoding.begins[start];
      last = encoding.ends[end];
    }
  }
  return question.context.substr(first, last - first);
}

struct AnswerFigures {
  std::vector<RatioTerm> exact, f1;
  static double Mean(const std::vector<RatioTerm>& terms) {
    double sum = 0;
    for (const RatioTerm& term : terms) sum += term.numerator;
    return sum / static_cast<double>(terms.size());
  }
};

AnswerFigures MeasureAnswers(const std::vector<Question>& set, const std::vector<std::string>& answers) {
  AnswerFigures figures;
  for (size_t i = 0; i < answers.size(); ++i) {
    figures.exact.push_back({ExactMatch(answers[i], set[i].answers), 1});
    figures.f1.push_back({WordF1(answers[i], set[i].answers), 1});
  }
  return figures;
}

void EvaluateQuestions(const std::string& file, const std::string& fp32_file, const DatasetPath& path,
                       const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const std::vector<Question> set = ReadQuestions(path);
  const auto both = AskBoth<std::string>(file, fp32_file, set.size(), options, evaluation,
                                         [&](RawModel* model, size_t i) { return AnswerQuestion(model, set[i]); });
  evaluation->unit = "questions";
  evaluation->test = "exact McNemar test";
  CountFlips(both, evaluation);
  const AnswerFigures ours = MeasureAnswers(set, both.first.of), theirs = MeasureAnswers(set, both.second.of);
  TaskMetric exact{"exact_match", AnswerFigures::Mean(ours.exact)}, f1{"f1", AnswerFigures::Mean(ours.f1)};
  if (evaluation->has_flips) {
    uint64_t only_ours = 0, only_theirs = 0;
    for (size_t i = 0; i < set.size(); ++i) {
      only_ours += ours.exact[i].numerator > theirs.exact[i].numerator;
      only_theirs += ours.exact[i].numerator < theirs.exact[i].numerator;
    }
    exact.fp32 = AnswerFigures::Mean(theirs.exact);
    exact.p_value = McNemarExact(only_ours, only_theirs);
    f1.fp32 = AnswerFigures::Mean(theirs.f1);
    f1.p_value = PairedBootstrap(ours.f1, theirs.f1);
  }
  evaluation->metrics = {exact, f1};
}

// ---------------------------------------------------------------- embeddings

std::vector<float> EmbedText(RawModel* model, const std::string& text) {
  TextInput input;
  input.text = text;
  model->Encode(input);
  const std::vector<float> states = model->Outputs();
  const size_t columns = model->columns(), rows = states.size() / columns;
  const schema::Pooling pooling = model->head().pooling();
  std::vector<float> embedding(states.begin(), states.begin() + static_cast<ptrdiff_t>(columns));
  for (size_t r = 1; r < rows && pooling != schema::Pooling::Cls; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      const float value = states[r * columns + c];
      embedding[c] = pooling == schema::Pooling::Max ? std::max(embedding[c], value) : embedding[c] + value;
    }
  }
  return embedding;  // its length does not matter to a cosine
}

struct PairEmbeddings {
  std::vector<float> text, pair;
};

void EvaluatePairs(const std::string& file, const std::string& fp32_file, const std::string& argument,
                   const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const std::vector<ScoredPair> set = ReadScoredPairs(argument);
  const auto both =
      AskBoth<PairEmbeddings>(file, fp32_file, set.size(), options, evaluation, [&](RawModel* model, size_t i) {
        return PairEmbeddings{EmbedText(model, set[i].text), EmbedText(model, set[i].pair)};
      });
  evaluation->unit = "pairs";
  std::vector<double> scores;
  for (const ScoredPair& pair : set) scores.push_back(pair.score);
  const auto cosines = [](const std::vector<PairEmbeddings>& embeddings) {
    std::vector<double> all;
    for (const PairEmbeddings& both_texts : embeddings)
      all.push_back(CosineSimilarity(both_texts.text, both_texts.pair));
    return all;
  };
  const std::vector<double> ours = cosines(both.first.of);
  TaskMetric spearman{"spearman", Spearman(ours, scores)}, pearson{"pearson", Pearson(ours, scores)};
  if (!fp32_file.empty()) {
    const std::vector<double> theirs = cosines(both.second.of);
    spearman.fp32 = Spearman(theirs, scores);
    pearson.fp32 = Pearson(theirs, scores);
    double sum = 0;
    for (size_t i = 0; i < set.size(); ++i) {
      sum += CosineSimilarity(both.first.of[i].text, both.second.of[i].text) +
             CosineSimilarity(both.first.of[i].pair, both.second.of[i].pair);
    }
    evaluation->cosine = sum / static_cast<double>(2 * set.size());
  }
  evaluation->metrics = {spearman, pearson};
}

}  // namespace

bool HasTaskMetrics(const Model& model) {
  const schema::Task task = model.head(0).task();
  return task == schema::Task::TokenClassification || task == schema::Task::QuestionAnswering ||
         task == schema::Task::FeatureExtraction;
}

TaskEvaluation EvaluateTask(const std::string& file, const std::string& fp32_file, const std::string& dataset,
                            const TaskEvalOptions& options) {
  const DatasetPath path = ParseDatasetPath(dataset);
  TaskEvaluation evaluation;
  evaluation.dataset = path.name;
  std::unique_ptr<Model> model;
  ThrowIfError(Model::OpenPath(file.c_str(), {}, &model));
  switch (model->head(0).task()) {
    case schema::Task::TokenClassification:
      EvaluateTags(file, fp32_file, path, options, &evaluation);
      break;
    case schema::Task::QuestionAnswering:
      EvaluateQuestions(file, fp32_file, path, options, &evaluation);
      break;
    default:
      EvaluatePairs(file, fp32_file, dataset, options, &evaluation);
  }
  return evaluation;
}

}  // namespace pbert
