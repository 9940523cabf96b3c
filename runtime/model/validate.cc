#include "model/validate.h"

#include <cstdio>
#include <string_view>

#include "base/utf8.h"
#include "model/limits.h"

namespace pbert {
namespace {

// A flatbuffer's vectors may hold one string many times, so that a small file could have much to read. Together they
// have at most the bytes of the metadata in which they lie.
struct TextBudget {
  uint64_t left;
};

Status Spend(const char* where, const flatbuffers::String* text, TextBudget* budget) {
  if (text->size() > budget->left) {
    return Status::Error(Code::kBadFile, "%s: the file's texts are longer than its metadata: they share bytes", where);
  }
  budget->left -= text->size();
  return Status();
}

Status CheckText(const char* where, const flatbuffers::String* text, TextBudget* budget) {
  if (text == nullptr) return Status();
  PBERT_RETURN_IF_ERROR(Spend(where, text, budget));
  if (text->size() > kLimits.text_bytes) {
    return Status::Error(Code::kBadFile, "%s: a text of %u bytes: more than the limit of %u", where, text->size(),
                         kLimits.text_bytes);
  }
  // Text that a file carries ends up in JSON, on terminals and in C code, which would take it to end at a NUL.
  const std::string_view bytes(text->c_str(), text->size());
  if (bytes.find('\0') != std::string_view::npos || !IsUtf8(bytes)) {
    return Status::Error(Code::kBadFile, "%s: not valid UTF-8", where);
  }
  return Status();
}

// Names appear in error messages and on command lines: printable ASCII only.
Status CheckName(const char* what, uint32_t index, const flatbuffers::String* name, TextBudget* budget) {
  char where[32];
  snprintf(where, sizeof(where), "%s %u", what, index);
  if (name->size() == 0 || name->size() > kLimits.name_bytes) {
    return Status::Error(Code::kBadFile, "%s %u: a name of %u bytes: must have 1 to %u", what, index, name->size(),
                         kLimits.name_bytes);
  }
  PBERT_RETURN_IF_ERROR(Spend(where, name, budget));
  for (char c : *name) {
    if (c < 0x21 || c > 0x7E)
      return Status::Error(Code::kBadFile, "%s %u: a name that is not plain ASCII", what, index);
  }
  return Status();
}

Status CheckHeadTexts(const schema::Head& head, uint32_t index, TextBudget* budget) {
  PBERT_RETURN_IF_ERROR(CheckName("head", index, head.name(), budget));
  char where[64];
  if (head.text() != nullptr) {
    snprintf(where, sizeof(where), "head %u: prompt", index);
    PBERT_RETURN_IF_ERROR(CheckText(where, head.text()->prompt(), budget));
  }
  if (head.labels() == nullptr) return Status();
  for (uint32_t i = 0; i < head.labels()->size(); ++i) {
    snprintf(where, sizeof(where), "head %u: label %u", index, i);
    PBERT_RETURN_IF_ERROR(CheckText(where, head.labels()->Get(i), budget));
  }
  return Status();
}

Status CheckTokenizerTexts(const schema::Tokenizer& tokenizer, TextBudget* budget) {
  PBERT_RETURN_IF_ERROR(CheckText("tokenizer: continuing prefix", tokenizer.continuing_prefix(), budget));
  if (tokenizer.added_tokens() == nullptr) return Status();
  char where[64];
  for (uint32_t i = 0; i < tokenizer.added_tokens()->size(); ++i) {
    const flatbuffers::String* content = tokenizer.added_tokens()->Get(i)->content();
    snprintf(where, sizeof(where), "tokenizer: added token %u", i);
    PBERT_RETURN_IF_ERROR(CheckText(where, content, budget));
    if (content->size() == 0) return Status::Error(Code::kBadFile, "%s: is empty", where);
  }
  return Status();
}

}  // namespace

Status ValidateStrings(const schema::Model& model, uint64_t metadata_size) {
  TextBudget whole{metadata_size};
  TextBudget* const budget = &whole;
  for (uint32_t i = 0; i < model.tensors()->size(); ++i) {
    PBERT_RETURN_IF_ERROR(CheckName("tensor", i, model.tensors()->Get(i)->name(), budget));
  }
  for (uint32_t i = 0; i < model.heads()->size(); ++i) {
    PBERT_RETURN_IF_ERROR(CheckHeadTexts(*model.heads()->Get(i), i, budget));
  }
  if (model.tokenizer() != nullptr) PBERT_RETURN_IF_ERROR(CheckTokenizerTexts(*model.tokenizer(), budget));
  if (const schema::Report* report = model.report()) {
    PBERT_RETURN_IF_ERROR(CheckText("report: converter version", report->converter_version(), budget));
    if (const schema::Accuracy* accuracy = report->accuracy()) {
      PBERT_RETURN_IF_ERROR(CheckText("report: dataset", accuracy->dataset(), budget));
      PBERT_RETURN_IF_ERROR(CheckText("report: metric", accuracy->metric(), budget));
    }
  }
  if (const schema::Provenance* provenance = model.provenance()) {
    PBERT_RETURN_IF_ERROR(CheckText("provenance: architecture", provenance->architecture(), budget));
    PBERT_RETURN_IF_ERROR(CheckText("provenance: source hash", provenance->source_hash(), budget));
    PBERT_RETURN_IF_ERROR(CheckText("provenance: recipe", provenance->recipe(), budget));
    PBERT_RETURN_IF_ERROR(CheckText("provenance: encoder hash", provenance->encoder_hash(), budget));
  }
  return Status();
}

Status ValidateModel(const schema::Model& model, uint64_t metadata_size, const uint8_t* tensor_data,
                     uint64_t tensor_data_size) {
  if (model.encoder_hash() != nullptr || model.encoder() == nullptr) {
    return NotImplemented("file", "its encoder from another file (it holds a head alone)");
  }
  if (model.tokenizer() == nullptr) return NotImplemented("file", "a tokenizer from outside (it holds none)");
  PBERT_RETURN_IF_ERROR(ValidateStrings(model, metadata_size));
  PBERT_RETURN_IF_ERROR(ValidateTensors(model, tensor_data, tensor_data_size));
  PBERT_RETURN_IF_ERROR(ValidateEncoder(model));
  return ValidateHeads(model);
}

Status NotImplemented(const char* where, const char* what) {
  return Status::Error(Code::kUnsupported, "%s: the file needs %s, which this version does not implement", where, what);
}

Status CheckCount(const char* where, const char* what, uint32_t value, uint32_t least, uint32_t most) {
  if (value >= least && value <= most) return Status();
  return Status::Error(Code::kBadFile, "%s: %u %s: must be %u to %u", where, value, what, least, most);
}

}  // namespace pbert
