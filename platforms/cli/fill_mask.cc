// run: fill-mask.

#include <algorithm>

#include "converter/support/error.h"
#include "platforms/cli/decode.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {

using converter::Require;

// A target is a piece of the vocabulary, or else its first token is taken, and those that have none are left out, as
// the reference does and says.
std::vector<int32_t> TaskRunner::Targets(const Request& request) {
  const Json given = Option(request, "targets");
  std::vector<int32_t> ids;
  if (given.is_null()) return ids;
  for (const std::string& target : StringList(given, "targets", false)) {
    int32_t id = pbert_piece_id(model_.get(), target.data(), target.size());
    if (id < 0) {
      const std::vector<TextToken> tokens = Tokens(model_.get(), converter::MakeInput(target, nullptr));
      const auto first =
          std::find_if(tokens.begin(), tokens.end(), [](const TextToken& token) { return token.source != 0; });
      const std::string why = "targets: \"" + target + "\" is no piece of the vocabulary: ";
      if (first == tokens.end()) {
        Warn(why + "it is left out");
        continue;
      }
      id = first->id;
      Warn(why + "\"" + first->piece + "\" is taken for it");
    }
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  if (ids.empty()) throw converter::Error("targets: none of them has a token");
  return ids;
}

Json TaskRunner::FillMask(const Request& request, const pbert_input& input) {
  const std::vector<int32_t> targets = Targets(request);
  uint32_t top_k = request.top_k.value_or(options_.top_k);
  if (top_k == 0) top_k = 5;
  const auto target_count = static_cast<uint32_t>(targets.size());
  const uint32_t pieces = std::min(top_k, target_count == 0 ? model_.info().vocabulary_size : target_count);
  std::vector<pbert_fill> fills(size_t{Limit()} * pieces);
  uint32_t count = 0;
  converter::Require(pbert_fill_mask(session_.get(), &input, top_k, targets.data(), target_count, fills.data(),
                                     static_cast<uint32_t>(fills.size()), &count));
  fills.resize(count);
  NoteTruncation();
  // As the network saw them, which may be cut.
  const int32_t* ids = nullptr;
  uint32_t token_count = 0;
  Require(pbert_last_tokens(session_.get(), &ids, &token_count, nullptr));
  const bool single = fills.empty() || fills.front().token == fills.back().token;
  Json masks = Json::array();
  for (size_t i = 0; i < fills.size(); ++i) {
    const pbert_fill& fill = fills[i];
    if (i == 0 || fill.token != fills[i - 1].token) masks.push_back(Json::array());
    std::vector<int32_t> sequence(ids, ids + token_count);
    sequence[fill.token] = fill.id;
    masks.back().push_back({{"score", Number(fill.score)},
                            {"token", fill.id},
                            {"token_str", Decode(model_.get(), {fill.id})},
                            {"sequence", Decode(model_.get(), sequence, single)}});
  }
  return single ? masks[0] : masks;
}

}  // namespace pbert::cli
