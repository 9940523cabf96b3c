#include "platforms/cli/hearing.h"

#include <algorithm>
#include <ctime>
#include <set>

#include "tasks/tag.h"

namespace pbert::cli {
namespace {

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
}

// At each word the longest of the slot's spellings that stands there.
void FindValues(const FlowSlot& slot, std::string_view text, std::vector<FoundSlot>* found) {
  const std::string lower = LowerCase(text);
  for (size_t begin = 0; begin < text.size();) {
    size_t longest = 0;
    const std::string* value = nullptr;
    for (const auto& [spelling, meant] : slot.values) {
      const size_t end = begin + spelling.size();
      if (spelling.size() <= longest || lower.compare(begin, spelling.size(), spelling) != 0) continue;
      if ((begin > 0 && IsWordByte(lower[begin - 1])) || (end < lower.size() && IsWordByte(lower[end]))) continue;
      longest = spelling.size();
      value = &meant;
    }
    if (value != nullptr) {
      found->push_back({{slot.name, std::string(text.substr(begin, longest)), *value}, begin, begin + longest});
    }
    begin += std::max<size_t>(longest, 1);
  }
}

std::vector<FoundSlot> FindKinds(std::string_view text, pbert_find_options options, uint32_t kinds) {
  struct Visit {
    std::string_view text;
    std::vector<FoundSlot> found;
  } visit{text, {}};
  options.kinds = kinds;
  const auto visitor = [](void* context, const pbert_found_entity* entity) {
    Visit& self = *static_cast<Visit*>(context);
    const size_t begin = entity->extent.begin_bytes, end = entity->extent.end_bytes;
    self.found.push_back(
        {{EntityKinds()[entity->kind], std::string(self.text.substr(begin, end - begin)), entity->value}, begin, end});
    return 0;
  };
  converter::Require(pbert_find_entities(text.data(), text.size(), &options, visitor, &visit));
  return std::move(visit.found);
}

bool Overlaps(const std::vector<FoundSlot>& all, const FoundSlot& one) {
  return std::any_of(all.begin(), all.end(),
                     [&](const FoundSlot& each) { return each.begin < one.end && one.begin < each.end; });
}

}  // namespace

std::vector<FoundSlot> FindSlots(const Flow& flow, std::string_view text, pbert_find_options now) {
  std::vector<FoundSlot> found;
  std::set<std::string> seen;  // intents may share a slot
  for (const FlowIntent& intent : flow.intents) {
    for (const FlowSlot& slot : intent.form) {
      if (!slot.values.empty() && seen.insert(slot.name).second) FindValues(slot, text, &found);
    }
  }
  // All kinds are looked for: the four of "half past four" is no number.
  std::vector<FoundSlot> moments;
  const std::vector<FoundSlot> values = found;
  for (FoundSlot& each : FindKinds(text, now, 0)) {
    if (each.slot.entity == "date_time") moments.push_back(each);
    if (!Overlaps(values, each)) found.push_back(std::move(each));
  }
  // "Friday at noon" is one entity, and two slots.
  for (const FoundSlot& part : FindKinds(text, now, 1u << PBERT_DATE | 1u << PBERT_TIME)) {
    if (Overlaps(moments, part) && !Overlaps(values, part)) found.push_back(part);
  }
  return found;
}

Hearing::Hearing(const converter::ModelHandle& model, pbert_session_options options, const Flow& flow)
    : model_(model), flow_(flow), tagging_(pbert_task_head(model.get(), PBERT_TOKEN_CLASSIFICATION)) {
  options.tasks = 1u << PBERT_TEXT_CLASSIFICATION;
  if (tagging_ < model.info().head_count) options.tasks |= 1u << PBERT_TOKEN_CLASSIFICATION;
  pbert_session* session = nullptr;
  converter::Require(pbert_session_create(model.get(), &options, &session), model.path());
  session_.reset(session);
}

std::vector<FoundSlot> Hearing::Tag(const pbert_input& input, std::string_view text) {
  std::vector<FoundSlot> tagged;
  if (tagging_ >= model_.info().head_count) return tagged;
  pbert_entities answer = PBERT_ENTITIES;
  converter::Require(pbert_tag(session_.get(), &input, PBERT_AGGREGATE_SIMPLE, &answer));
  for (uint32_t i = 0; i < answer.count; ++i) {
    const pbert_extent& extent = answer.entities[i].extent;
    const std::string_view label = pbert_head_label(model_.get(), tagging_, answer.entities[i].label);
    tagged.push_back({{std::string(GroupName(label)),
                       std::string(text.substr(extent.begin_bytes, extent.end_bytes - extent.begin_bytes)), ""},
                      extent.begin_bytes,
                      extent.end_bytes});
  }
  return tagged;
}

Heard Hearing::Hear(std::string_view text) {
  const pbert_input input = converter::MakeInput(text, nullptr);
  pbert_classification answer = PBERT_CLASSIFICATION;
  converter::Require(pbert_classify(session_.get(), &input, &answer));
  Heard heard;
  heard.rejected = answer.rejected != 0;
  for (uint32_t i = 0; i < answer.count; ++i) {
    heard.intents.emplace_back(model_.label(answer.labels[i].label), answer.labels[i].score);
  }

  const std::time_t clock = std::time(nullptr);
  std::tm local = {};
  localtime_r(&clock, &local);
  pbert_find_options now = PBERT_FIND_OPTIONS;
  now.has_now = 1;
  now.year = local.tm_year + 1900;
  now.month = local.tm_mon + 1;
  now.day = local.tm_mday;
  now.hour = local.tm_hour;
  now.minute = local.tm_min;
  now.second = std::min(local.tm_sec, 59);  // 60 is a leap second
  std::vector<FoundSlot> tagged = Tag(input, text);
  const std::vector<FoundSlot> found = FindSlots(flow_, text, now);
  // What the model has marked goes first, with the value that is found in it.
  for (FoundSlot& each : tagged) {
    std::set<std::string> means = {each.slot.entity};
    for (const FlowIntent& intent : flow_.intents) {
      for (const FlowSlot& slot : intent.form) {
        if (slot.name == each.slot.entity) means.insert(slot.kind);
      }
    }
    for (const FoundSlot& inside : found) {
      if (Overlaps({inside}, each) && means.contains(inside.slot.entity) && each.slot.value.empty()) {
        each.slot.value = inside.slot.value;
      }
    }
    heard.slots.push_back(each.slot);
  }
  for (const FoundSlot& each : found) {
    if (!Overlaps(tagged, each)) heard.slots.push_back(each.slot);
  }
  return heard;
}

}  // namespace pbert::cli
