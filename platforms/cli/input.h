// Texts to work on: from the arguments, or from standard input as they arrive.
#ifndef POCKETBERT_PLATFORMS_CLI_INPUT_H_
#define POCKETBERT_PLATFORMS_CLI_INPUT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/cli/json_output.h"

namespace pbert::cli {

// One text to work on, with the options that the reference's pipelines know.
struct Request {
  std::string text;
  std::optional<std::string> pair;
  std::optional<uint32_t> top_k;  // 0: all; absent: the pipeline's default
  std::optional<std::string> function_to_apply;
  uint32_t max_length = 0;             // 0: not given
  std::string truncation;              // the reference's name; empty: not given
  bool asks = false;                   // its texts came as `question` or `context`
  bool pads = false;                   // `padding` is asked for, which does nothing but to what max_length means
  Json task_options = Json::object();  // those of one task, by the pipelines' names, as they came
};

// An option that counts something. Throws Error, which names it.
uint32_t CountOf(const Json& value, const std::string& name);

// Where the text of `request` is to be cut, as the reference decides it: nowhere (0) unless asked, else at its
// max_length, or else at the tokenizer's own limit.
uint32_t CutAt(const Request& request, uint32_t truncation_tokens);

// What of a pair is cut then: a pbert_truncation.
uint32_t WhatIsCut(const Request& request);

// Whether `truncation` is given and says not to cut.
bool ForbidsCutting(const Request& request);

// An object with the pipelines' names. Keys other than `text` and `text_pair` are allowed only with `options`.
// Throws Error saying what is wrong.
Request ParseRequest(std::string_view json, bool options);

// Where requests come from and what they have in common.
struct InputOptions {
  std::string format = "lines";     // or "jsonl"
  std::vector<std::string> texts;   // the arguments; empty: standard input is read
  std::optional<std::string> pair;  // for every text, but for jsonl lines that have their own
  bool request_options = true;
};

// Calls `work` for each request in order, as it arrives, with its number from 1. A request that cannot be parsed, or
// for which `work` throws Error, goes to `failed` with the reason if the format is jsonl; else the Error leaves.
// Returns how many failed.
size_t ForEachRequest(const InputOptions& options, const std::function<void(size_t number, Request& request)>& work,
                      const std::function<void(const std::string& why)>& failed);

struct NumberedRequest {
  size_t number;
  Request request;
};

// Answers requests in order, and counts in *done those that it has; it may return before the end, but not without any.
// When it throws, it is the next one that failed.
using GroupWork = std::function<void(std::span<NumberedRequest> group, size_t* done)>;

// The same for requests that are there together: of the arguments, or of the lines that have come already. It never
// waits for more.
size_t ForEachGroup(const InputOptions& options, const GroupWork& work,
                    const std::function<void(const std::string& why)>& failed);

// Throws UsageError unless --input and the arguments agree.
void CheckInputOptions(const InputOptions& options, bool format_given);

// Tells the user, on standard error, that texts were cut: once at the first, and how many it were at the end.
class TruncationNotice {
 public:
  void Add(size_t number, uint32_t kept_tokens);
  void Finish(size_t total) const;

 private:
  size_t count_ = 0;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_INPUT_H_
