#include "platforms/cli/dialogue.h"

#include <utility>

namespace pbert::cli {
namespace {

constexpr float kClose = 0.15f;  // scores that differ by less leave a doubt
constexpr char kAffirm[] = "affirm", kDeny[] = "deny";

}  // namespace

std::string Dialogue::Answer(Heard heard) {
  const auto best = [&](size_t rank) {
    return heard.rejected || rank >= heard.intents.size() ? nullptr : flow_.Find(heard.intents[rank].first);
  };
  const auto is = [&](const char* name) { return best(0) != nullptr && best(0)->name == name; };
  std::optional<Heard> doubted = std::exchange(doubted_, std::nullopt);
  if (doubted && is(kAffirm)) {
    heard = *doubted;
    heard.intents.resize(1);
  }
  const FlowIntent* const intent = best(0);
  if (form_ != nullptr && intent != nullptr && intent->cancels) return End(form_->cancelled);

  // What fills the slot that was asked for is an answer, whatever intent it looks like.
  const FlowSlot* const asked = form_ != nullptr ? Missing() : nullptr;
  const std::map<std::string, std::string> before = values_;
  if (form_ != nullptr) FillForm(heard.slots);
  if (asked != nullptr && values_.contains(asked->name)) return Continue();

  // Once: who is asked again and again does not get on.
  if (!doubted && intent != nullptr && best(1) != nullptr && !flow_.clarify.empty() &&
      heard.intents[0].second - heard.intents[1].second < kClose) {
    values_ = before;
    const std::string first = intent->shown, second = best(1)->shown;
    doubted_ = std::move(heard);
    return FillIn(flow_.clarify, [&](const std::string& name) { return name == "first" ? first : second; });
  }
  if (form_ != nullptr) {
    if (asked == nullptr && is(kDeny)) return End(form_->cancelled);
    if (asked == nullptr && is(kAffirm) && values_ == before) return End(form_->say);
    if (intent == nullptr || intent == form_ || is(kAffirm) || is(kDeny)) return Continue();
  }
  form_ = nullptr;
  if (intent == nullptr) return flow_.fallback;
  if (intent->form.empty()) return intent->say;
  form_ = intent;
  values_.clear();
  FillForm(heard.slots);
  return Continue();
}

const FlowSlot* Dialogue::Missing() const {
  for (const FlowSlot& slot : form_->form) {
    if (!slot.ask.empty() && !values_.contains(slot.name)) return &slot;
  }
  return nullptr;
}

void Dialogue::FillForm(const std::vector<HeardSlot>& slots) {
  const bool complete = Missing() == nullptr;
  std::vector<bool> used(slots.size());
  std::map<std::string, std::string> found;
  const auto take = [&](const FlowSlot& slot, const std::string& entity) {
    for (size_t i = 0; i < slots.size() && !found.contains(slot.name); ++i) {
      if (used[i] || slots[i].entity != entity) continue;
      used[i] = true;
      // A number is said as "4", and a value by its name; a day as the user says it, not as 2026-12-04.
      const bool as_value = slot.kind.empty() || slot.kind == "number" || (entity == slot.name && !slot.values.empty());
      found[slot.name] = as_value && !slots[i].value.empty() ? slots[i].value : slots[i].text;
    }
  };
  for (const FlowSlot& slot : form_->form) take(slot, slot.name);
  // The 5 of "at 5" is no correction of another number, unless nothing else is left to ask.
  for (const FlowSlot& slot : form_->form) {
    if (!slot.kind.empty() && (complete || !values_.contains(slot.name))) take(slot, slot.kind);
  }
  for (const auto& [name, value] : found) values_[name] = value;
}

std::string Dialogue::Say(const std::string& text) const {
  return FillIn(text, [&](const std::string& name) {
    if (const auto found = values_.find(name); found != values_.end()) return found->second;
    for (const FlowSlot& slot : form_->form) {
      if (slot.name == name) return slot.default_value;
    }
    return std::string();
  });
}

std::string Dialogue::Continue() {
  const FlowSlot* const missing = Missing();
  if (missing == nullptr && form_->confirm.empty()) return End(form_->say);
  return Say(missing != nullptr ? missing->ask : form_->confirm);
}

std::string Dialogue::End(const std::string& text) {
  const std::string said = Say(text);
  form_ = nullptr;
  values_.clear();
  return said;
}

}  // namespace pbert::cli
