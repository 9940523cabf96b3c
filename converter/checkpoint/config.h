// config.json: what a checkpoint says about itself.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_CONFIG_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_CONFIG_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "converter/support/callbacks.h"
#include "converter/support/json.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// Every model type has its own names for the same numbers ("dim", "hidden_size"), so the architecture readers ask
// by name; what all of them share has a function of its own. A number under another name that the reference's class
// knows (its attribute_map) is found under the class's own. Defaults are those of the reference's configuration
// classes, which apply when a key is missing. All functions throw Error naming the file and the key.
class Config {
 public:
  explicit Config(const std::filesystem::path& file);
  Config(const std::string& where, Json json);
  ~Config();

  // "distilbert", "bert", ...
  const std::string& model_type() const { return model_type_; }
  // The first of `architectures` that is not the encoder alone (a ...Model), else the first; empty when the file has
  // none (checkpoints of before 2020).
  const std::string& architecture() const { return architecture_; }

  // Present and not null.
  bool Has(const std::string& key) const;
  bool IsNull(const std::string& key) const;
  // Missing, null, or an object or list with nothing in it.
  bool Empty(const std::string& key) const;
  // A whole number of at least 1, or of at least 0.
  uint32_t Count(const std::string& key, uint32_t default_value) const;
  uint32_t Natural(const std::string& key, uint32_t default_value) const;
  // A number between 0 and 1, both excluded.
  float Fraction(const std::string& key, float default_value) const;
  std::string Text(const std::string& key, std::string_view default_value) const;
  bool Flag(const std::string& key, bool default_value) const;
  schema::Activation Activation(const std::string& key, std::string_view default_value) const;

  // The labels of a classifier in the order of its outputs: id2label, or LABEL_0 ... as the reference names them.
  // `outputs`, if known, is how many the classifier has.
  std::vector<std::string> Labels(size_t outputs = 0) const;
  // How many Labels() gives, without making them: `num_labels` may be any number, and is compared with the tensors
  // first.
  size_t LabelCount(size_t outputs = 0) const;
  // What label2id, where it is given, has for a name that begins with "entail", in any case: the output by which the
  // reference's zero-shot pipeline goes. -1: it has none; -2: there is no label2id.
  int32_t Entailment() const;
  // How the reference's text-classification pipeline turns outputs into scores: none for a regression, sigmoids
  // for several labels at once *or a single output*, else a softmax.
  schema::ProblemType ProblemType(size_t outputs = 0) const;

  // Throws Error where `task_specific_params` would change the configuration for a pipeline.
  void RefuseTaskParameters(const std::string& task) const;
  void WarnOfUnknownKeys(const WarningCallback& warn) const;
  [[noreturn]] void Fail(const std::string& key, const std::string& why) const;

 private:
  void ReadKind();
  void ResolveAliases();
  std::vector<std::string> LabelsById() const;
  uint32_t WholeNumber(const std::string& key, uint32_t least, uint32_t default_value) const;

  std::string where_;
  std::unique_ptr<Json> json_;
  std::string model_type_;
  std::string architecture_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_CONFIG_H_
