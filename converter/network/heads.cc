#include "converter/network/heads.h"

#include <algorithm>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

struct TaskTraits {
  schema::Task task;
  const char* name;
  const char* head_name;  // in the file
  schema::RowChoice rows;
};

constexpr TaskTraits kTasks[] = {
    {schema::Task::TextClassification, "text-classification", "classifier", schema::RowChoice::First},
    {schema::Task::TokenClassification, "token-classification", "token_classifier", schema::RowChoice::All},
    {schema::Task::QuestionAnswering, "question-answering", "span", schema::RowChoice::All},
    {schema::Task::FillMask, "fill-mask", "masked_lm", schema::RowChoice::Listed},
    {schema::Task::FeatureExtraction, "feature-extraction", "features", schema::RowChoice::All},
    {schema::Task::NextSentence, "next-sentence-prediction", "next_sentence", schema::RowChoice::First},
};

const TaskTraits& TraitsOf(schema::Task task) {
  return *std::find_if(std::begin(kTasks), std::end(kTasks),
                       [task](const auto& traits) { return traits.task == task; });
}

bool InEncoder(const StepNames& step) { return step.linear.starts_with('@'); }

std::string SourceOf(const StepNames& step, const Prefixes& prefixes) {
  return InEncoder(step) ? prefixes.encoder + step.linear.substr(1) : step.linear;
}

// The first name under which the checkpoint has the bias of an output layer over the vocabulary, else the first of all.
std::string BiasOf(const StepNames& step, const Prefixes& prefixes, const Plan& plan) {
  if (step.biases.empty()) return SourceOf(step, prefixes) + ".bias";
  const auto found =
      std::find_if(step.biases.begin(), step.biases.end(), [&](const auto& name) { return plan.Has(name); });
  return found == step.biases.end() ? step.biases.front() : *found;
}

// The first tensor of the head that the checkpoint lacks, or "". An output layer over the vocabulary shares the
// embedding's weight, so only its bias need be there.
std::string MissingTensor(const HeadNames& head, const Prefixes& prefixes, const Plan& plan) {
  for (const StepNames& step : head.steps) {
    const std::string source = SourceOf(step, prefixes);
    if (step.outputs == Outputs::kVocabulary) {
      if (!plan.Has(BiasOf(step, prefixes, plan))) return BiasOf(step, prefixes, plan);
    } else if (!plan.Has(source + ".weight")) {
      return source + ".weight";
    }
  }
  return "";
}

// Heads of which every tensor is there, the encoder alone not counted. Of two where one's layers are among the other's
// (DistilBERT's `classifier`, with and without a `pre_classifier`), the larger one. The pooler proves nothing: it
// belongs to the encoder.
std::vector<const HeadNames*> VisibleHeads(const Family& family, const Prefixes& prefixes, const Plan& plan) {
  std::vector<const HeadNames*> visible;
  for (const HeadNames& head : family.heads) {
    if (!head.steps.empty() && MissingTensor(head, prefixes, plan).empty()) visible.push_back(&head);
  }
  const auto own = [](const HeadNames& head) {
    return std::count_if(head.steps.begin(), head.steps.end(), [](const StepNames& step) { return !InEncoder(step); });
  };
  const auto is_part = [&](const HeadNames* head) {
    return std::any_of(visible.begin(), visible.end(), [&](const HeadNames* other) {
      return own(*other) > own(*head) && other->steps.back().linear == head->steps.back().linear;
    });
  };
  std::vector<const HeadNames*> largest;
  std::copy_if(visible.begin(), visible.end(), std::back_inserter(largest),
               [&](const HeadNames* head) { return !is_part(head); });
  return largest;
}

std::string TaskList(const std::vector<const HeadNames*>& heads) {
  std::string list;
  for (const HeadNames* head : heads) list += (list.empty() ? "" : " or ") + ("--task " + TaskName(head->task));
  return list;
}

constexpr char kEncoderAlone[] = "--task feature-extraction converts the encoder alone";

// The task for which the outputs of `head` were learned by the class that config.json names, where that is another one
// with its outputs in the same layer; else null.
const HeadNames* LearnedFor(const Family& family, const Config& config, const HeadNames& head) {
  if (head.steps.empty()) return nullptr;
  for (const HeadNames& other : family.heads) {
    const bool stated =
        std::find(other.classes.begin(), other.classes.end(), config.architecture()) != other.classes.end();
    if (!stated || other.task == head.task || other.steps.empty()) continue;
    if (other.steps.back().linear == head.steps.back().linear) return &other;
  }
  return nullptr;
}

// What to do about a head that is not there, or not all of it.
std::string WayOut(const Family& family, const Config& config, const HeadNames& head, const Prefixes& prefixes,
                   const Plan& plan) {
  auto visible = VisibleHeads(family, prefixes, plan);
  std::erase_if(visible, [&](const HeadNames* other) { return LearnedFor(family, config, *other) != nullptr; });
  if (!visible.empty()) return "the weights hold another one: try " + TaskList(visible);
  if (plan.Has(SourceOf(head.steps.back(), prefixes) + ".weight")) {
    return "the head's last layer is there, so the weights are not all that was trained: write them again with "
           "save_pretrained, or " +
           std::string(kEncoderAlone);
  }
  return "the weights are an encoder without a head: fine-tune it for the task first, or " + std::string(kEncoderAlone);
}

const HeadNames& HeadForTask(const Family& family, const Config& config, const std::string& task) {
  std::string names;
  for (const HeadNames& head : family.heads) {
    const std::string name = TaskName(head.task);
    if (name == task) return head;
    names += (names.empty() ? "" : ", ") + name;
  }
  throw Error("--task " + task + ": not a task of model type " + config.model_type() + " (it has " + names + ")");
}

// A task that is not that of the class which config.json names: where both have their outputs in the same layer, its
// numbers were learned for the other.
void RequireNoContradiction(const Family& family, const Config& config, const HeadNames& wanted) {
  if (wanted.steps.empty()) return;
  const auto refuse = [&](const std::string& does) {
    throw Error("--task " + TaskName(wanted.task) + ": config.json names " + config.architecture() + ", whose \"" +
                wanted.steps.back().linear + "\" " + does);
  };
  if (config.architecture().ends_with("ForMultipleChoice")) refuse("scores choices, which is not supported");
  if (const HeadNames* head = LearnedFor(family, config, wanted)) {
    refuse("was trained for " + TaskName(head->task) + "; leave --task out");
  }
}

const HeadNames& HeadForClass(const Family& family, const Config& config, const Prefixes& prefixes, const Plan& plan) {
  std::string names;
  for (const HeadNames& head : family.heads) {
    for (const std::string& name : head.classes) {
      if (name == config.architecture()) return head;
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  auto visible = VisibleHeads(family, prefixes, plan);
  if (config.architecture().ends_with("ForMultipleChoice")) visible.clear();  // what looks like a classifier is none
  config.Fail("architectures", "names " + config.architecture() + ", whose head is not supported (supported: " + names +
                                   "); " + (visible.empty() ? kEncoderAlone : "try " + TaskList(visible)));
}

const HeadNames& HeadByTensors(const Family& family, const Config& config, const Prefixes& prefixes, const Plan& plan) {
  const auto visible = VisibleHeads(family, prefixes, plan);
  if (visible.size() == 1) return *visible.front();
  config.Fail("architectures", visible.empty()
                                   ? "is missing, and the weights have no head that is known, no classifier for one; " +
                                         std::string(kEncoderAlone)
                                   : "is missing, and the weights could be of several heads: say " + TaskList(visible));
}

schema::Activation ActivationOf(StepActivation activation, const schema::EncoderT& encoder) {
  switch (activation) {
    case StepActivation::kNone:
      return schema::Activation::None;
    case StepActivation::kEncoder:
      return encoder.activation;
    case StepActivation::kGelu:
      return schema::Activation::GeluErf;
    case StepActivation::kRelu:
      return schema::Activation::Relu;
    case StepActivation::kTanh:
      return schema::Activation::Tanh;
  }
  return schema::Activation::None;
}

// The reference ties the output layer's weight to the token embedding unless config.json says otherwise, even where the
// checkpoint has a weight under the layer's own name.
std::unique_ptr<schema::LinearT> VocabularyLinear(const std::string& name, const StepNames& step, uint32_t width,
                                                  const Config& config, const Prefixes& prefixes,
                                                  const schema::EncoderT& encoder, Plan* plan) {
  const int32_t embedding = encoder.embeddings->token;
  const uint32_t vocabulary = plan->tensors()[static_cast<size_t>(embedding)].rows;
  const std::string source = SourceOf(step, prefixes);
  const bool tied = config.Flag("tie_word_embeddings", true);
  if (tied && width != encoder.embedding_size) {
    config.Fail("tie_word_embeddings", "is true, but the head is " + std::to_string(width) +
                                           " wide and the embeddings are " + std::to_string(encoder.embedding_size));
  }
  const From bias = {BiasOf(step, prefixes, *plan)};
  if (!tied) return plan->Linear(name, vocabulary, width, {source + ".weight"}, bias);
  auto linear = std::make_unique<schema::LinearT>();
  linear->weight = embedding;
  linear->bias = plan->Vector(name + ".bias", vocabulary, bias);
  return linear;
}

// How many outputs a linear layer of the checkpoint has; 0: there is none.
size_t OutputsOf(const std::string& source, const Plan& plan) {
  const SourceTensor* weight = plan.Find(source + ".weight");
  return weight == nullptr || weight->shape.empty() ? 0 : weight->shape[0];
}

// A classifier's outputs must have names: the reference gives default ones only to two outputs, or `num_labels`.
std::vector<std::string> LabelsFor(const std::string& source, const Config& config, const Plan& plan) {
  const SourceTensor* weight = plan.Find(source + ".weight");
  const size_t named = config.LabelCount(OutputsOf(source, plan));
  if (weight != nullptr && weight->shape.size() == 2 && weight->shape[0] != named) {
    const std::string outputs = std::to_string(weight->shape[0]), width = std::to_string(weight->shape[1]);
    const std::string count = std::to_string(named);
    config.Fail("id2label", (config.Has("id2label") ? "names " + count : "is missing, which means " + count) +
                                " labels, but tensor \"" + source + ".weight\" has shape [" + outputs + ", " + width +
                                "], not [" + count + ", " + width + "]: name all of its " + outputs +
                                " outputs, as in \"id2label\": {\"0\": \"NAME\", ...}");
  }
  return config.Labels(OutputsOf(source, plan));
}

}  // namespace

std::string TaskName(schema::Task task) { return TraitsOf(task).name; }

std::vector<std::string> TaskNames() {
  std::vector<std::string> names;
  for (const TaskTraits& traits : kTasks) names.emplace_back(traits.name);
  return names;
}

const HeadNames& ChooseHead(const Family& family, const Config& config, const Prefixes& prefixes, const Plan& plan,
                            const std::string& task) {
  const bool stated = !config.architecture().empty();
  if (task.empty() && !stated) return HeadByTensors(family, config, prefixes, plan);
  const HeadNames& head =
      task.empty() ? HeadForClass(family, config, prefixes, plan) : HeadForTask(family, config, task);
  if (!task.empty()) RequireNoContradiction(family, config, head);
  const std::string missing = MissingTensor(head, prefixes, plan);
  if (missing.empty()) return head;
  throw Error(plan.source() + ": tensor \"" + missing + "\": missing, so there is no head for " + TaskName(head.task) +
              (task.empty() ? ", though config.json names " + config.architecture() : "") + "; " +
              WayOut(family, config, head, prefixes, plan));
}

void WarnOfLeftHead(const Family& family, const Config& config, const HeadNames& chosen, const Prefixes& prefixes,
                    const Plan& plan, const WarningCallback& warn) {
  if (!chosen.steps.empty()) return;
  const auto visible = VisibleHeads(family, prefixes, plan);
  if (visible.empty()) return;
  warn(plan.source() + ": the encoder alone is converted, as config.json names " + config.architecture() +
       "; the weights also hold a head, \"" + visible.front()->steps.back().linear + "\": " + TaskList(visible) +
       " takes it");
}

std::unique_ptr<schema::HeadT> DescribeHead(const HeadNames& names, const Config& config, const Prefixes& prefixes,
                                            const schema::EncoderT& encoder, Plan* plan) {
  const TaskTraits& traits = TraitsOf(names.task);
  config.RefuseTaskParameters(traits.name);
  auto head = std::make_unique<schema::HeadT>();
  head->name = traits.head_name;
  head->task = traits.task;
  head->rows = traits.rows;
  if (names.task == schema::Task::TextClassification) {
    head->problem_type = config.ProblemType(OutputsOf(SourceOf(names.steps.back(), prefixes), *plan));
    head->entailment = config.Entailment();
  }
  uint32_t width = encoder.hidden_size;
  for (const StepNames& step : names.steps) {
    const std::string name = head->name + (&step == &names.steps.back() ? ".output" : ".dense");
    const std::string source = SourceOf(step, prefixes);
    auto made = std::make_unique<schema::HeadStepT>();
    if (step.outputs == Outputs::kVocabulary) {
      made->linear = VocabularyLinear(name, step, width, config, prefixes, encoder, plan);
    } else {
      uint32_t outputs = 2;
      if (step.outputs == Outputs::kHidden) outputs = encoder.hidden_size;
      if (step.outputs == Outputs::kEmbedding) outputs = encoder.embedding_size;
      if (step.outputs == Outputs::kLabels) {
        head->labels = LabelsFor(source, config, *plan);
        outputs = static_cast<uint32_t>(head->labels.size());
      }
      made->linear = plan->Linear(name, outputs, width, {source});
      width = outputs;
    }
    made->activation = ActivationOf(step.activation, encoder);
    if (!step.norm.empty()) made->norm = plan->Norm(head->name + ".norm", width, step.norm);
    head->steps.push_back(std::move(made));
  }
  return head;
}

}  // namespace pbert::converter
