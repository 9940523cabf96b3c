// run: token classification.

#include "tasks/tag.h"

#include <algorithm>
#include <cctype>

#include "converter/support/error.h"
#include "platforms/cli/decode.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {
namespace {

using converter::Error;
using converter::Require;

pbert_aggregation ParseAggregation(const Json& value) {
  if (value.is_null()) return PBERT_AGGREGATE_NONE;
  std::string name = value.is_string() ? value.get<std::string>() : "";
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr const char* kNames[] = {"none", "simple", "first", "average", "max"};
  for (int i = 0; i < 5; ++i) {
    if (name == kNames[i]) return static_cast<pbert_aggregation>(i);
  }
  throw Error("aggregation_strategy: it is none, simple, first, average or max");
}

}  // namespace

// One window, or, with `stride`, so many that the whole text is seen; neighbours share that many tokens.
Json TaskRunner::Tag(const Request& request, pbert_input input) {
  const Json strategy = Option(request, "aggregation_strategy");
  const Json stride = Option(request, "stride"), ignored = Option(request, "ignore_labels");
  pbert_tag_options options = PBERT_TAG_OPTIONS;
  const pbert_aggregation aggregation = ParseAggregation(strategy);
  options.aggregation = aggregation;
  // Unlike other pipelines this one truncates unasked. More than that is seen only on demand.
  if (ForbidsCutting(request) || (input.max_tokens == 0 && options_.session.max_tokens != 0)) {
    input.max_tokens = Limit();
  }
  input.stride = StrideOf(stride, "stride");
  if (input.stride != 0 && !strategy.is_null() && aggregation == PBERT_AGGREGATE_NONE) {
    throw Error("stride: it needs an aggregation_strategy other than none");
  }
  std::vector<std::string> labels = {"O"};
  if (!ignored.is_null())
    labels = ignored.is_array() && ignored.empty() ? std::vector<std::string>()
                                                   : StringList(ignored, "ignore_labels", false);
  std::vector<const char*> names;
  for (const std::string& label : labels) names.push_back(label.c_str());
  names.push_back(nullptr);  // so that there is an array where there are no names
  options.ignored = names.data();
  options.ignored_count = static_cast<uint32_t>(labels.size());

  Json entities = Json::array();
  const auto add = [&](const pbert_entity& entity) {
    const std::string label = model_.label(entity.label);
    const bool grouped = aggregation != PBERT_AGGREGATE_NONE;
    Json entry = {{grouped ? "entity_group" : "entity", grouped ? std::string(GroupName(label)) : label},
                  {"score", Number(entity.score)}};
    if (!grouped) entry["index"] = entity.first_token;
    entry["word"] = EntityWord(session_.get(), input, aggregation, entity);
    entry["start"] = entity.extent.begin_code_points;
    entry["end"] = entity.extent.end_code_points;
    entities.push_back(std::move(entry));
  };
  struct Visit {
    const decltype(add)* receive;
    std::exception_ptr thrown;
  } visit{&add, nullptr};
  // No exception may pass through the library.
  const auto visitor = [](void* context, const pbert_entity* entity) {
    Visit* const self = static_cast<Visit*>(context);
    try {
      (*self->receive)(*entity);
    } catch (...) {
      self->thrown = std::current_exception();
    }
    return self->thrown ? 1 : 0;
  };
  Require(pbert_tag_windows(session_.get(), &input, &options, visitor, &visit));
  if (visit.thrown) std::rethrow_exception(visit.thrown);
  if (input.stride == 0) NoteTruncation();
  return entities;
}

}  // namespace pbert::cli
