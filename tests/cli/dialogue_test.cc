// Flows, what is found in a text for them, and conversations by them, of hand-made hearings.
#include "platforms/cli/dialogue.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "converter/support/error.h"
#include "platforms/cli/flow.h"
#include "platforms/cli/hearing.h"

namespace pbert::cli {
namespace {

const std::vector<std::string> kIntents = {"order", "book", "hours", "stop", "affirm", "deny", "unused"};

constexpr char kFlow[] = R"(language: en
fallback: "Sorry?"
clarify: "{first} or {second}?"
names:
  order: to order
intents:
  order:
    form:
      - slot: item
        values:
          latte: [lattes]
          iced latte: [latte on ice]
        ask: "What?"
      - slot: size
        values: {large: [Big], small: [size 1]}
        ask: "Which size of {item}?"
      - slot: count
        entity: number
        default: "1"
    confirm: "{count} {size} {item}?"
    say: "Here: {count} {size} {item}."
    cancelled: "No order."
  book:
    form:
      - slot: people
        entity: number
        ask: "How many?"
      - slot: table
        entity: number
        ask: "Which table?"
      - slot: date
        entity: date
        ask: "When?"
    say: "{people} at {table} on {date}."
    cancelled: "No table."
  hours:
    say: "8 to 18 {"
  stop:
    cancels: true
    say: "Nothing to stop."
  affirm:
    say: "Good."
  deny:
    say: "Bad."
)";

Heard Understood(const std::string& intent, std::vector<HeardSlot> slots = {}) {
  return {{{intent, 0.8f}, {"unused", 0.1f}}, false, std::move(slots)};
}
Heard Rejected(std::vector<HeardSlot> slots = {}) {
  return {{{"hours", 0.5f}, {"stop", 0.1f}}, true, std::move(slots)};
}
Heard Close(const std::string& first, const std::string& second, std::vector<HeardSlot> slots = {}) {
  return {{{first, 0.5f}, {second, 0.36f}}, false, std::move(slots)};
}
HeardSlot Item(const char* value) { return {"item", "it", value}; }
HeardSlot Size(const char* value) { return {"size", "it", value}; }
HeardSlot Number(const char* value) { return {"number", "it", value}; }

struct Talk {
  std::string operator()(Heard heard) { return dialogue.Answer(std::move(heard)); }
  const Flow flow = ReadFlow(kFlow, "flow.yaml", kIntents);
  Dialogue dialogue{flow};
};

TEST_CASE("dialogue: an intent is answered, and what is not understood or not in the flow by the fallback") {
  Talk talk;
  CHECK(talk(Understood("hours")) == "8 to 18 {");
  CHECK(talk(Rejected()) == "Sorry?");
  CHECK(talk(Understood("unused")) == "Sorry?");
  CHECK(talk({}) == "Sorry?");
  CHECK(talk(Understood("stop")) == "Nothing to stop.");
  CHECK(talk(Understood("affirm")) == "Good.");
  CHECK(talk(Understood("deny")) == "Bad.");
}

TEST_CASE("dialogue: a form asks for what is missing, confirms and ends") {
  Talk talk;
  CHECK(talk(Understood("order")) == "What?");
  CHECK(talk(Understood("order", {Item("latte")})) == "Which size of latte?");
  CHECK(talk(Understood("order", {Size("large"), Number("2")})) == "2 large latte?");
  CHECK(talk(Understood("affirm")) == "Here: 2 large latte.");
  CHECK(talk(Understood("affirm")) == "Good.");
  // Nothing stays of the first.
  CHECK(talk(Understood("order", {Size("small")})) == "What?");
  CHECK(talk(Understood("order", {Item("latte")})) == "1 small latte?");
}

TEST_CASE("dialogue: a bare answer continues the form, whatever intent it looks like") {
  Talk talk;
  talk(Understood("order"));
  CHECK(talk(Rejected({Item("latte")})) == "Which size of latte?");
  CHECK(talk(Understood("hours", {Size("small")})) == "1 small latte?");
  // At a confirm nothing is asked for.
  CHECK(talk(Understood("hours", {Size("small")})) == "8 to 18 {");
  CHECK(talk(Understood("affirm")) == "Good.");
  talk(Understood("order"));
  CHECK(talk(Close("hours", "order", {Item("latte")})) == "Which size of latte?");
}

TEST_CASE("dialogue: the question comes again after what says nothing, and after yes and no") {
  Talk talk;
  talk(Understood("order", {Item("latte")}));
  for (const Heard& heard :
       {Rejected(), Understood("affirm"), Understood("deny"), Understood("order"), Heard(), Understood("unused")}) {
    CHECK(talk(heard) == "Which size of latte?");
  }
  talk(Rejected({Size("small")}));
  CHECK(talk(Rejected()) == "1 small latte?");
}

TEST_CASE("dialogue: a form ends by no at its confirm, by what cancels, and silently by another intent") {
  Talk talk;
  talk(Understood("order", {Item("latte"), Size("small")}));
  CHECK(talk(Understood("deny")) == "No order.");
  CHECK(talk(Understood("deny")) == "Bad.");
  talk(Understood("order"));
  CHECK(talk(Understood("stop", {Item("latte")})) == "No order.");
  CHECK(talk(Understood("stop")) == "Nothing to stop.");
  talk(Understood("order"));
  CHECK(talk(Understood("hours")) == "8 to 18 {");
  CHECK(talk(Rejected({Item("latte")})) == "Sorry?");
  talk(Understood("order", {Item("latte")}));
  CHECK(talk(Understood("book", {Number("4")})) == "Which table?");
  CHECK(talk(Understood("stop")) == "No table.");
}

TEST_CASE("dialogue: what is changed at a confirm is confirmed again") {
  Talk talk;
  talk(Understood("order", {Item("latte"), Size("small")}));
  CHECK(talk(Understood("affirm", {Number("3")})) == "3 small latte?");
  CHECK(talk(Understood("order", {Size("large")})) == "3 large latte?");
  CHECK(talk(Understood("affirm", {Number("3")})) == "Here: 3 large latte.");
}

TEST_CASE("dialogue: of two numbers each fills a slot, and a later one corrects none that is filled") {
  Talk talk;
  CHECK(talk(Understood("book", {Number("4"), Number("7")})) == "When?");
  CHECK(talk(Rejected({Number("5")})) == "When?");
  CHECK(talk(Rejected({{"date", "Friday", "2026-12-04"}})) == "4 at 7 on Friday.");
  // By a slot's own name, as a model marks it.
  CHECK(talk(Understood("book", {{"table", "seven", "7"}, {"people", "four", ""}})) == "When?");
  CHECK(talk(Rejected({{"date", "Friday", ""}})) == "four at 7 on Friday.");
}

TEST_CASE("dialogue: a doubt is asked about once, and yes takes the first") {
  Talk talk;
  CHECK(talk(Close("order", "hours", {Item("latte")})) == "to order or hours?");
  CHECK(talk(Understood("affirm")) == "Which size of latte?");
  // The form stays while there is a doubt.
  CHECK(talk(Close("hours", "order")) == "hours or to order?");
  CHECK(talk(Rejected({Size("small")})) == "1 small latte?");
  CHECK(talk(Close("hours", "book", {Size("large")})) == "hours or book?");
  CHECK(talk(Rejected()) == "1 small latte?");
  CHECK(talk(Close("deny", "affirm")) == "deny or affirm?");
  CHECK(talk(Understood("affirm")) == "No order.");
  CHECK(talk(Close("hours", "order")) == "hours or to order?");
  CHECK(talk(Close("hours", "order")) == "8 to 18 {");
  CHECK(talk(Close("hours", "order")) == "hours or to order?");
  CHECK(talk(Understood("deny")) == "Bad.");
  CHECK(talk(Understood("affirm")) == "Good.");
  CHECK(talk(Close("hours", "unused")) == "8 to 18 {");
  CHECK(talk({{{"hours", 0.5f}, {"order", 0.34f}}, false, {}}) == "8 to 18 {");
}

// What ReadFlow complains of when `from` is `to` in the flow.
std::string Complaint(const std::string& from, const std::string& to) {
  std::string flow = kFlow;
  const size_t at = flow.find(from);
  REQUIRE(at != std::string::npos);
  try {
    ReadFlow(flow.replace(at, from.size(), to), "flow.yaml", kIntents);
  } catch (const converter::Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("flow: what it cannot mean is an error with its line and the nearest name") {
  CHECK(Complaint("Sorry?", "What?") == "");
  CHECK(Complaint("fallback:", "falback:") ==
        "flow.yaml: line 2: `falback` is no key of the flow: did you mean `fallback`?");
  CHECK(Complaint("  hours:\n", "  hour:\n").find("line 36: `hour` is no key of `intents`: did you mean `hours`?") !=
        std::string::npos);
  CHECK(Complaint("  order: to", "  oder: to").find("line 5: `oder` is no key of `names`: did you mean `order`?") !=
        std::string::npos);
  CHECK(Complaint("{size} {item}?", "{sise} {item}?") ==
        "flow.yaml: line 20: `sise` is no slot that has a value when `confirm` is said: did you mean `size`?");
  CHECK(Complaint("18 {", "{x}").find("`x` is no slot") != std::string::npos);
  CHECK(Complaint("What?", "{size}?").find("when `ask` is said") != std::string::npos);
  CHECK(Complaint("No order", "No {item}").find("when `cancelled` is said") != std::string::npos);
  CHECK(Complaint("{second}", "{third}").find("line 3: `third` is no slot") != std::string::npos);
  CHECK(Complaint("entity: number", "entity: numbr")
            .find("line 18: `numbr` is no kind of entity: did you mean `number`?") != std::string::npos);
  CHECK(Complaint("ask: \"What?\"", "aks: \"What?\"").find("line 13: `aks` is no key of a slot: did you mean `ask`?") !=
        std::string::npos);
  CHECK(Complaint("default: \"1\"", "ask: \"?\"\n        default: \"1\"").find("either `ask` or `default`") !=
        std::string::npos);
  CHECK(Complaint("slot: size", "slot: item").find("twice") != std::string::npos);
  CHECK(Complaint("[lattes]", "lattes").find("line 11: a value's other spellings should be a list") !=
        std::string::npos);
  CHECK(Complaint("cancels: true", "cancels: yes").find("line 39") != std::string::npos);
  CHECK(Complaint("    cancelled: \"No order.\"\n", "").find("`cancelled` is missing") != std::string::npos);
  CHECK(Complaint("    say: \"Good.\"", "    confirm: \"Good?\"").find("needs a `form`") != std::string::npos);
  CHECK(Complaint("    say: \"Good.\"\n", "").find("should be a map") != std::string::npos);
  CHECK(Complaint("language: en", "language: de").find("line 1: `language`") != std::string::npos);
  CHECK(Complaint("\"Sorry?\"", "[a]").find("line 2: `fallback` should be a text") != std::string::npos);
  CHECK_THROWS_AS(ReadFlow("", "flow.yaml", kIntents), converter::Error);
  CHECK_THROWS_AS(ReadFlow("fallback: a", "flow.yaml", kIntents), converter::Error);
}

// "entity=text(value)" of each.
std::string Found(std::string_view text) {
  pbert_find_options now = PBERT_FIND_OPTIONS;
  now.has_now = 1;
  now.year = 2026, now.month = 11, now.day = 28;
  std::string all;
  for (const FoundSlot& found : FindSlots(ReadFlow(kFlow, "flow.yaml", kIntents), text, now)) {
    CHECK(text.substr(found.begin, found.end - found.begin) == found.slot.text);
    all += (all.empty() ? "" : " ") + found.slot.entity + "=" + found.slot.text + "(" + found.slot.value + ")";
  }
  return all;
}

TEST_CASE("slots: values are whole words in any case, the longest first") {
  CHECK(Found("an Iced Latte") == "item=Iced Latte(iced latte)");
  CHECK(Found("a latte on ice") == "item=latte on ice(iced latte)");
  CHECK(Found("size 1") == "size=size 1(small)");  // and no number
  CHECK(Found("LATTES, please") == "item=LATTES(latte)");
  CHECK(Found("platte lattes\xC3\xA9 latte2") == "");
  CHECK(Found("two big lattes") == "item=lattes(latte) size=big(large) number=two(2)");
  CHECK(Found("") == "");
}

TEST_CASE("slots: a date and a time that are one entity are both, and no number") {
  CHECK(Found("on Friday") == "date=Friday(2026-12-04)");
  CHECK(Found("at half past four") == "time=half past four(T04:30)");
  CHECK(Found("six people on Friday at noon") ==
        "number=six(6) date_time=Friday at noon(2026-12-04T12:00) date=Friday(2026-12-04) time=noon(T12:00)");
}

}  // namespace
}  // namespace pbert::cli
