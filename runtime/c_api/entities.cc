// The C interface's pbert_find_entities.
#include "entities/entities.h"

#include <cstring>

#include "c_api/handles.h"
#include "c_api/struct.h"
#include "pocketbert/pocketbert.h"
#include "text/encoding.h"

namespace pbert {
namespace {

constexpr StructKind kFindOptions = PBERT_STRUCT_KIND(pbert_find_options, second);

struct FoundEntityWalk {
  OffsetCursor begins, ends;  // one each, because both only ever advance
  pbert_found_entity_visitor visitor;
  void* context;

  bool Give(const TextEntity& found) {
    const OffsetCursor::Position begin = begins.At(static_cast<uint32_t>(found.begin));
    const OffsetCursor::Position end = ends.At(static_cast<uint32_t>(found.end));
    const pbert_found_entity entity = {.struct_size = sizeof(pbert_found_entity),
                                       .kind = static_cast<uint32_t>(found.kind),
                                       .extent = {.begin_bytes = begin.bytes,
                                                  .end_bytes = end.bytes,
                                                  .begin_code_points = begin.code_points,
                                                  .end_code_points = end.code_points,
                                                  .begin_utf16 = begin.utf16_units,
                                                  .end_utf16 = end.utf16_units},
                                       .value = found.value,
                                       .value_size = strlen(found.value)};
    return visitor(context, &entity) == 0;
  }
};

Status FindEntitiesOf(const char* text, size_t text_size, const pbert_find_options* options,
                      pbert_found_entity_visitor visitor, void* context) {
  constexpr char kName[] = "pbert_find_entities";
  if (visitor == nullptr) return NullArgument(kName, "visitor");
  pbert_find_options given;
  PBERT_RETURN_IF_ERROR(ReadStruct(options, kFindOptions, &given));
  if (text == nullptr) text_size = 0;
  if (text_size > UINT32_MAX) {
    return Status::Error(Code::kInvalidArgument, "%s: the text has %zu bytes; less than 2^32 will do", kName,
                         text_size);
  }
  if ((given.kinds & ~kAllEntityKinds) != 0) {
    return Status::Error(Code::kUnsupported, "%s: kinds is 0x%x, which has kinds that this library does not know",
                         kName, given.kinds);
  }
  if (given.day_first > 1 || given.has_now > 1) {
    return Status::Error(Code::kInvalidArgument, "%s: day_first and has_now are 0 or 1", kName);
  }
  const CivilTime now = {given.year, given.month, given.day, given.hour, given.minute, given.second};
  if (given.has_now == 1 && !IsCivilTime(now)) {
    return Status::Error(Code::kInvalidArgument, "%s: there is no time %d-%02d-%02d %02d:%02d:%02d", kName, now.year,
                         now.month, now.day, now.hour, now.minute, now.second);
  }
  const std::string_view view(text_size == 0 ? "" : text, text_size);
  FoundEntityWalk walk = {OffsetCursor(view), OffsetCursor(view), visitor, context};
  FindEntities(
      view,
      {.kinds = given.kinds == 0 ? kAllEntityKinds : given.kinds,
       .day_first = given.day_first == 1,
       .now = given.has_now == 1 ? &now : nullptr},
      [](void* self, const TextEntity& entity) { return static_cast<FoundEntityWalk*>(self)->Give(entity); }, &walk);
  return Status();
}

}  // namespace
}  // namespace pbert

pbert_status pbert_find_entities(const char* text, size_t text_size, const pbert_find_options* options,
                                 pbert_found_entity_visitor visitor, void* context) {
  return pbert::Report(pbert::FindEntitiesOf(text, text_size, options, visitor, context));
}
