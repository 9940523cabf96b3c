#include "converter/evaluate/task_eval.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "c_api/handles.h"
#include "converter/evaluate/metrics.h"
#include "converter/evaluate/parallel.h"
#include "converter/evaluate/score_sets.h"
#include "converter/evaluate/task_metrics.h"
#include "converter/evaluate/task_sets.h"
#include "converter/support/error.h"
#include "quant/error_measures.h"

namespace pbert::converter {
namespace {

// One model's answers to all examples.
template <typename Answer>
struct Answers {
  std::vector<Answer> of;
  size_t truncated = 0;
  double seconds = 0;
};

// What an answer is made with: one worker's session, and where the answer says that its text was cut.
struct Asked {
  const ModelHandle& model;
  pbert_session* session;
  bool truncated = false;
};

// `answer` is given a session of its own by each worker.
template <typename Answer, typename Function>
Answers<Answer> Ask(const ModelHandle& model, size_t total, const TaskEvalOptions& options, size_t before, size_t of,
                    Function answer) {
  const size_t workers = WorkersFor(total, options.threads);
  pbert_session_options session_options = PBERT_SESSION_OPTIONS;
  session_options.backend = options.backend;
  std::vector<SessionHandle> sessions;
  for (size_t i = 0; i < workers; ++i) sessions.push_back(model.NewSession(session_options));
  Answers<Answer> answers;
  answers.of.resize(total);
  std::vector<uint8_t> truncated(total, 0);
  std::function<void(size_t, size_t)> progress;
  if (options.progress) progress = [&](size_t done, size_t) { options.progress(before + done, of); };
  const auto start = std::chrono::steady_clock::now();
  ForEachExample(total, workers, progress, [&](size_t worker, size_t i) {
    Asked asked{model, sessions[worker].get()};
    answers.of[i] = answer(&asked, i);
    truncated[i] = asked.truncated;
  });
  answers.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  answers.truncated = static_cast<size_t>(std::count(truncated.begin(), truncated.end(), 1));
  return answers;
}

// Both models' answers; the second's are empty without fp32.
template <typename Answer, typename Function>
std::pair<Answers<Answer>, Answers<Answer>> AskBoth(const ModelHandle& file, const ModelHandle* fp32, size_t total,
                                                    const TaskEvalOptions& options, TaskEvaluation* evaluation,
                                                    Function answer) {
  const size_t of = fp32 == nullptr ? total : 2 * total;
  std::pair<Answers<Answer>, Answers<Answer>> both;
  both.first = Ask<Answer>(file, total, options, 0, of, answer);
  if (fp32 != nullptr) both.second = Ask<Answer>(*fp32, total, options, total, of, answer);
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

// Words are joined by spaces; a word's first token is the first that begins in its bytes.
Tags TagWords(Asked* asked, const std::vector<std::string>& words) {
  std::string text;
  std::vector<size_t> ends;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
    ends.push_back(text.size());
  }
  const pbert_input input = MakeInput(text, nullptr);
  pbert_entities result = PBERT_ENTITIES;
  Require(pbert_tag(asked->session, &input, PBERT_AGGREGATE_NONE, &result));
  asked->truncated = result.truncated != 0;
  std::map<uint32_t, uint32_t> label_of;  // a token's; those labelled O are not among the entities
  for (uint32_t i = 0; i < result.count; ++i) label_of[result.entities[i].first_token] = result.entities[i].label;

  struct Walk {
    const Asked& asked;
    const std::vector<size_t>& ends;
    const std::map<uint32_t, uint32_t>& label_of;
    Tags tags;
    std::vector<bool> tagged;
    uint32_t token = 0;
  } walk{*asked, ends, label_of, Tags(words.size(), "O"), std::vector<bool>(words.size(), false)};
  const auto visit = [](void* context, const pbert_token* token) {
    auto* at = static_cast<Walk*>(context);
    const uint32_t index = at->token++;
    if (token->source == 0) return 0;
    const auto word = static_cast<size_t>(
        std::upper_bound(at->ends.begin(), at->ends.end(), size_t{token->extent.begin_bytes}) - at->ends.begin());
    if (word >= at->tags.size() || at->tagged[word]) return 0;
    at->tagged[word] = true;
    const auto label = at->label_of.find(index);
    if (label != at->label_of.end()) at->tags[word] = at->asked.model.label(label->second);
    return 0;
  };
  Require(pbert_tokenize(asked->model.get(), &input, visit, &walk));
  return walk.tags;
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

void EvaluateTags(const ModelHandle& file, const ModelHandle* fp32, const DatasetPath& path,
                  const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const std::vector<TaggedSentence> set = ReadTagged(path, file.labels());
  const auto both = AskBoth<Tags>(file, fp32, set.size(), options, evaluation,
                                  [&](Asked* asked, size_t i) { return TagWords(asked, set[i].words); });
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

struct BestAnswer {
  std::string text;
  float null_margin = 0;  // the score of "no answer" less this one's
};

// Never "no answer": whether it is given depends on a threshold that may not be known yet, and the margin tells.
BestAnswer AnswerQuestion(Asked* asked, const Question& question) {
  const std::string_view context = *question.context;
  pbert_input input = MakeInput(question.question, &context);
  if (context.empty()) input.pair = "";  // which is a context, with nothing in it
  pbert_answer_span span;
  uint32_t count = 0;
  Require(pbert_answer(asked->session, &input, nullptr, &span, 1, &count));
  const float margin = asked->session->session.null_margin();
  if (count == 0) return {"", margin};
  return {question.context->substr(span.extent.begin_bytes, span.extent.end_bytes - span.extent.begin_bytes), margin};
}

// As pbert_answer decides where "no answer" is allowed; a threshold of 0 says what none says.
std::vector<std::string> ApplyNullThreshold(const std::vector<BestAnswer>& answers, bool allow_none, float threshold) {
  std::vector<std::string> texts;
  for (const BestAnswer& answer : answers) {
    texts.push_back(allow_none && answer.null_margin > threshold ? "" : answer.text);
  }
  return texts;
}

float FindNullThreshold(const std::vector<Question>& set, const std::vector<BestAnswer>& answers) {
  std::vector<NullChoice> choices;
  for (size_t i = 0; i < answers.size(); ++i) {
    choices.push_back(
        {answers[i].null_margin, ScoreAnswer(answers[i].text, set[i].answers).f1, ScoreAnswer("", set[i].answers).f1});
  }
  return BestNullThreshold(choices);
}

struct AnswerFigures {
  std::vector<RatioTerm> exact, f1;
  static double Mean(const std::vector<RatioTerm>& terms) {
    double sum = 0;
    for (const RatioTerm& term : terms) sum += term.numerator;
    return sum / static_cast<double>(terms.size());
  }
};

// By the rules of SQuAD 1.1, or of 2.0 where there are questions without an answer. They differ in answers that
// normalize to nothing.
AnswerFigures MeasureAnswers(const std::vector<Question>& set, const std::vector<std::string>& answers, bool version2) {
  AnswerFigures figures;
  for (size_t i = 0; i < answers.size(); ++i) {
    const std::vector<std::string>& expected = set[i].answers;
    const AnswerScore score = version2 ? ScoreAnswer(answers[i], expected)
                                       : AnswerScore{ExactMatch(answers[i], expected), WordF1(answers[i], expected)};
    figures.exact.push_back({score.exact, 1});
    figures.f1.push_back({score.f1, 1});
  }
  return figures;
}

// The figures of the questions that have an answer, or of those that have none.
AnswerFigures Select(const std::vector<Question>& set, const AnswerFigures& all, bool answerable) {
  AnswerFigures some;
  for (size_t i = 0; i < all.f1.size(); ++i) {
    if (set[i].answers.empty() == answerable) continue;
    some.exact.push_back(all.exact[i]);
    some.f1.push_back(all.f1[i]);
  }
  return some;
}

void EvaluateQuestions(const ModelHandle& file, const ModelHandle* fp32, const DatasetPath& path,
                       const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const std::vector<Question> set = ReadQuestions(path);
  evaluation->unanswerable = static_cast<size_t>(
      std::count_if(set.begin(), set.end(), [](const Question& question) { return question.answers.empty(); }));
  const bool some_without = evaluation->unanswerable > 0,
             both_kinds = some_without && evaluation->unanswerable < set.size();
  const auto best = AskBoth<BestAnswer>(file, fp32, set.size(), options, evaluation,
                                        [&](Asked* asked, size_t i) { return AnswerQuestion(asked, set[i]); });
  if (some_without && !options.find_null_threshold) evaluation->null_threshold = file.info().null_threshold;
  if (both_kinds && options.find_null_threshold) evaluation->null_threshold = FindNullThreshold(set, best.first.of);
  std::pair<Answers<std::string>, Answers<std::string>> both;
  both.first.of = ApplyNullThreshold(best.first.of, some_without, evaluation->null_threshold);
  both.second.of = ApplyNullThreshold(best.second.of, some_without, evaluation->null_threshold);
  evaluation->unit = "questions";
  evaluation->test = "exact McNemar test";
  CountFlips(both, evaluation);
  const AnswerFigures ours = MeasureAnswers(set, both.first.of, some_without),
                      theirs = MeasureAnswers(set, both.second.of, some_without);
  const auto add = [&](const std::string& name, const AnswerFigures& of_file, const AnswerFigures& of_fp32) {
    const auto figure = [&](const std::vector<RatioTerm>& terms) {
      return evaluation->has_flips ? AnswerFigures::Mean(terms) : kNotMeasured;
    };
    evaluation->metrics.push_back({name + "exact_match", AnswerFigures::Mean(of_file.exact), figure(of_fp32.exact)});
    evaluation->metrics.push_back({name + "f1", AnswerFigures::Mean(of_file.f1), figure(of_fp32.f1)});
  };
  add("", ours, theirs);
  if (evaluation->has_flips) {
    uint64_t only_ours = 0, only_theirs = 0;
    for (size_t i = 0; i < set.size(); ++i) {
      only_ours += ours.exact[i].numerator > theirs.exact[i].numerator;
      only_theirs += ours.exact[i].numerator < theirs.exact[i].numerator;
    }
    evaluation->metrics[0].p_value = McNemarExact(only_ours, only_theirs);
    evaluation->metrics[1].p_value = PairedBootstrap(ours.f1, theirs.f1);
  }
  if (both_kinds) {
    add("has_answer_", Select(set, ours, true), Select(set, theirs, true));
    add("no_answer_", Select(set, ours, false), Select(set, theirs, false));
  }
}

// ---------------------------------------------------------------- embeddings

std::vector<float> EmbedText(Asked* asked, const std::string& text) {
  const pbert_input input = MakeInput(text, nullptr);
  pbert_embedding result = PBERT_EMBEDDING;
  Require(pbert_embed(asked->session, &input, PBERT_POOL_MODEL, 0, &result));
  asked->truncated = asked->truncated || result.truncated != 0;
  return {result.values, result.values + result.columns};
}

struct PairEmbeddings {
  std::vector<float> text, pair;
};

void EvaluatePairs(const ModelHandle& file, const ModelHandle* fp32, const std::string& argument,
                   const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const std::vector<ScoredPair> set = ReadScoredPairs(argument);
  const auto both = AskBoth<PairEmbeddings>(file, fp32, set.size(), options, evaluation, [&](Asked* asked, size_t i) {
    return PairEmbeddings{EmbedText(asked, set[i].text), EmbedText(asked, set[i].pair)};
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
  if (fp32 != nullptr) {
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

// ---------------------------------------------------------------- scores

// All outputs in label order: scores of several labels, or the values of a regression.
std::vector<float> ScoreText(Asked* asked, const DatasetRow& row) {
  const std::string_view pair = row.pair;
  const pbert_input input = MakeInput(row.text, row.has_pair ? &pair : nullptr);
  pbert_classification answer = PBERT_CLASSIFICATION;
  Require(pbert_classify(asked->session, &input, &answer));
  asked->truncated = answer.truncated != 0;
  std::vector<float> scores(answer.count);
  for (uint32_t i = 0; i < answer.count; ++i) scores[answer.labels[i].label] = answer.labels[i].score;
  return scores;
}

void EvaluateRegression(const ModelHandle& file, const ModelHandle* fp32, const std::string& argument,
                        const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const Dataset set = ReadDataset(argument);
  const std::vector<double> expected = NumberLabels(set);
  const auto both = AskBoth<std::vector<float>>(file, fp32, set.rows.size(), options, evaluation,
                                                [&](Asked* asked, size_t i) { return ScoreText(asked, set.rows[i]); });
  evaluation->unit = "texts";
  const auto values = [](const std::vector<std::vector<float>>& all) {
    std::vector<double> first;
    for (const auto& one : all) first.push_back(one.empty() ? kNotMeasured : static_cast<double>(one[0]));
    return first;
  };
  const std::vector<double> ours = values(both.first.of), theirs = values(both.second.of);
  const auto add = [&](const char* name, auto figure) {
    evaluation->metrics.push_back(
        {name, figure(ours, expected), fp32 == nullptr ? kNotMeasured : figure(theirs, expected), kNotMeasured});
  };
  add("pearson", [](const auto& a, const auto& b) { return Pearson(a, b); });
  add("spearman", [](const auto& a, const auto& b) { return Spearman(a, b); });
  add("mean_absolute_error", [](const auto& a, const auto& b) { return MeanAbsoluteError(a, b); });
}

void EvaluateLabelSets(const ModelHandle& file, const ModelHandle* fp32, const std::string& argument,
                       const TaskEvalOptions& options, TaskEvaluation* evaluation) {
  const Dataset set = ReadDataset(argument);
  const std::vector<LabelSet> expected = LabelSets(set, file.labels());
  const auto both = AskBoth<LabelSet>(file, fp32, set.rows.size(), options, evaluation, [&](Asked* asked, size_t i) {
    LabelSet labels;
    for (const float score : ScoreText(asked, set.rows[i])) labels.push_back(score >= 0.5f);
    return labels;
  });
  evaluation->unit = "texts";
  evaluation->test = "paired bootstrap";
  CountFlips(both, evaluation);
  const LabelSetFigures ours = MeasureLabelSets(expected, both.first.of),
                        theirs = MeasureLabelSets(expected, both.second.of);
  const bool compared = fp32 != nullptr;
  const auto add = [&](const char* name, double of_file, double of_fp32, double p_value) {
    evaluation->metrics.push_back({name, of_file, compared ? of_fp32 : kNotMeasured, p_value});
  };
  add("micro_f1", ours.micro_f1, theirs.micro_f1,
      compared ? PairedBootstrap(ours.f1_terms, theirs.f1_terms) : kNotMeasured);
  add("macro_f1", ours.macro_f1, theirs.macro_f1, kNotMeasured);
  add("subset_accuracy", ours.subset_accuracy, theirs.subset_accuracy, kNotMeasured);
}

}  // namespace

bool HasTaskMetrics(const ModelHandle& model) {
  if (model.info().task == PBERT_FILL_MASK) {
    throw Error(model.path() +
                ": it fills masks, for which nothing is measured: compare it with its checkpoint instead "
                "(pocketbert compare)");
  }
  const bool classifies = model.info().task == PBERT_TEXT_CLASSIFICATION || model.info().task == PBERT_NEXT_SENTENCE;
  return !classifies || model.info().problem_type != PBERT_SINGLE_LABEL;
}

TaskEvaluation EvaluateTask(const ModelHandle& file, const ModelHandle* fp32, const std::string& dataset,
                            const TaskEvalOptions& options) {
  const DatasetPath path = ParseDatasetPath(dataset);
  TaskEvaluation evaluation;
  evaluation.dataset = path.name;
  switch (file.info().task) {
    case PBERT_TOKEN_CLASSIFICATION:
      EvaluateTags(file, fp32, path, options, &evaluation);
      break;
    case PBERT_QUESTION_ANSWERING:
      EvaluateQuestions(file, fp32, path, options, &evaluation);
      break;
    case PBERT_FEATURE_EXTRACTION:
      EvaluatePairs(file, fp32, dataset, options, &evaluation);
      break;
    default:
      if (file.info().problem_type == PBERT_REGRESSION) {
        EvaluateRegression(file, fp32, dataset, options, &evaluation);
      } else {
        EvaluateLabelSets(file, fp32, dataset, options, &evaluation);
      }
  }
  return evaluation;
}

schema::AccuracyT ToReport(const TaskEvaluation& evaluation) {
  const TaskMetric& metric = evaluation.metrics.front();
  schema::AccuracyT report;
  report.dataset = evaluation.dataset;
  report.examples = static_cast<uint32_t>(evaluation.examples);
  report.metric = metric.name;
  report.int8 = static_cast<float>(metric.file);
  report.fp32 = static_cast<float>(metric.fp32);
  report.p_value = static_cast<float>(metric.p_value);
  if (evaluation.has_flips) {
    report.same_answer =
        1 - static_cast<float>(evaluation.flips) / static_cast<float>(std::max<size_t>(1, evaluation.examples));
  }
  return report;
}

}  // namespace pbert::converter
