// The C interface's functions on labels that a session learns.
#include <cstring>

#include "base/utf8.h"
#include "c_api/handles.h"
#include "c_api/struct.h"
#include "pocketbert/pocketbert.h"

namespace pbert {
namespace {

constexpr StructKind kLearned = PBERT_STRUCT_KIND(pbert_learned, overlaps);

Status ReadName(const char* function, const char* name, size_t size, std::string_view* read) {
  if (name == nullptr) return NullArgument(function, "name");
  if (size == 0 || size >= LearnedLabels::kNameBytes) {
    return Status::Error(Code::kInvalidArgument, "%s: a name of %zu bytes: must have 1 to %zu", function, size,
                         LearnedLabels::kNameBytes - 1);
  }
  *read = {name, size};
  if (memchr(name, '\0', size) != nullptr || !IsUtf8(*read)) {
    return Status::Error(Code::kInvalidArgument, "%s: the name is not valid UTF-8", function);
  }
  return Status();
}

const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* FileLabels(const pbert_session& session) {
  const ServedHead& served = session.session.context().served[static_cast<size_t>(schema::Task::TextClassification)];
  return served.head == nullptr ? nullptr : served.head->labels();
}

Status Learn(pbert_session* session, const char* name, size_t name_size, const pbert_text* sentences, uint32_t count,
             pbert_learned* result) {
  constexpr char kName[] = "pbert_learn";
  if (session == nullptr) return NullArgument(kName, "session");
  if (sentences == nullptr) return NullArgument(kName, "sentences");
  if (result != nullptr) PBERT_RETURN_IF_ERROR(CheckStructSize(result->struct_size, kLearned));
  std::string_view label;
  PBERT_RETURN_IF_ERROR(ReadName(kName, name, name_size, &label));
  if (count == 0 || count > ClassifyTask::kMostSentences) {
    return Status::Error(Code::kInvalidArgument, "%s: %u sentences: must be 1 to %zu", kName, count,
                         ClassifyTask::kMostSentences);
  }
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view text;
    PBERT_RETURN_IF_ERROR(ReadText(kName, "a sentence", sentences[i].text, sentences[i].text_size, &text));
  }
  const auto* const of_file = FileLabels(*session);
  for (uint32_t i = 0; of_file != nullptr && i < of_file->size(); ++i) {
    if (of_file->Get(i)->string_view() != label) continue;
    return Status::Error(Code::kInvalidArgument, "%s: the name is that of the file's label %u; choose another", kName,
                         i);
  }
  pbert_learned full = PBERT_LEARNED;
  std::span<const Overlap> overlaps;
  PBERT_RETURN_IF_ERROR(session->session.Learn(label, {sentences, count}, &full.label, &overlaps));
  full.overlap_count = static_cast<uint32_t>(overlaps.size());
  full.overlaps = overlaps.data();
  if (result != nullptr) WriteStruct(full, result);
  return Status();
}

Status Forget(pbert_session* session, const char* name, size_t name_size) {
  constexpr char kName[] = "pbert_forget";
  if (session == nullptr) return NullArgument(kName, "session");
  std::string_view label;
  PBERT_RETURN_IF_ERROR(ReadName(kName, name, name_size, &label));
  return session->session.Forget(label);
}

Status SaveLearned(const pbert_session* session, const char* path) {
  if (session == nullptr) return NullArgument("pbert_save_learned", "session");
  if (path == nullptr) return NullArgument("pbert_save_learned", "path");
  return session->session.SaveLearned(path);
}

Status LoadLearned(pbert_session* session, const char* path) {
  if (session == nullptr) return NullArgument("pbert_load_learned", "session");
  if (path == nullptr) return NullArgument("pbert_load_learned", "path");
  return session->session.LoadLearned(path);
}

}  // namespace
}  // namespace pbert

using pbert::Report;

pbert_status pbert_learn(pbert_session* session, const char* name, size_t name_size, const pbert_text* sentences,
                         uint32_t count, pbert_learned* result) {
  return Report(pbert::Learn(session, name, name_size, sentences, count, result));
}

pbert_status pbert_forget(pbert_session* session, const char* name, size_t name_size) {
  return Report(pbert::Forget(session, name, name_size));
}

const char* pbert_session_label(const pbert_session* session, uint32_t label) {
  if (session == nullptr) return nullptr;
  const auto* const of_file = pbert::FileLabels(*session);
  const uint32_t count = of_file == nullptr ? 0 : of_file->size();
  if (label < count) return of_file->Get(label)->c_str();
  const pbert::LearnedLabels& learned = session->session.learned();
  return label - count < learned.count() ? learned.name(label - count) : nullptr;
}

pbert_status pbert_save_learned(const pbert_session* session, const char* path) {
  return Report(pbert::SaveLearned(session, path));
}

pbert_status pbert_load_learned(pbert_session* session, const char* path) {
  return Report(pbert::LoadLearned(session, path));
}
