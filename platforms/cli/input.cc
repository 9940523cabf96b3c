#include "platforms/cli/input.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "converter/support/error.h"
#include "converter/support/json.h"
#include "converter/support/nearest.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/line_reader.h"
#include "platforms/cli/output.h"

namespace pbert::cli {
namespace {

using converter::Error;

constexpr const char* kTaskOptions[] = {"aggregation_strategy",
                                        "ignore_labels",
                                        "stride",
                                        "doc_stride",
                                        "max_answer_len",
                                        "max_seq_len",
                                        "max_question_len",
                                        "targets",
                                        "candidate_labels",
                                        "handle_impossible_answer",
                                        "align_to_words",
                                        "multi_label",
                                        "hypothesis_template"};

constexpr char kNoTruncation[] = "do_not_truncate";

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

void TakeTruncation(const Json& value, Request* request) {
  if (value.is_null()) return;
  if (value.is_boolean()) {
    request->truncation = value.get<bool>() ? "longest_first" : kNoTruncation;
    return;
  }
  for (const char* name : {"longest_first", "only_first", "only_second", kNoTruncation}) {
    if (value == name) request->truncation = name;
  }
  if (request->truncation.empty()) {
    throw Error(
        "truncation: it is true, false, \"longest_first\", \"only_first\", \"only_second\" or \"do_not_truncate\"");
  }
}

void TakePadding(const Json& value, Request* request) {
  if (!value.is_null() && !value.is_boolean() && value != "longest" && value != "max_length" && value != "do_not_pad") {
    throw Error("padding: it is true, false, \"longest\", \"max_length\" or \"do_not_pad\"");
  }
  // To the reference "do_not_pad" is not the same as false here.
  request->pads = value.is_string() || value == true;
}

void TakeOption(const std::string& key, const Json& value, Request* request) {
  if (key == "top_k") {
    request->top_k = value.is_null() ? 0 : CountOf(value, key);
  } else if (key == "max_length") {
    request->max_length = value.is_null() ? 0 : CountOf(value, key);
  } else if (key == "function_to_apply") {
    if (value.is_null()) return;
    const std::string name = value.is_string() ? Lower(value.get<std::string>()) : "";
    if (name != "none" && name != "sigmoid" && name != "softmax") {
      throw Error(key + ": it is \"none\", \"sigmoid\" or \"softmax\"");
    }
    request->function_to_apply = name;
  } else if (key == "truncation") {
    TakeTruncation(value, request);
  } else if (key == "padding") {
    TakePadding(value, request);
  } else if (key == "tokenizer_kwargs" || key == "tokenize_kwargs") {
    if (!value.is_object()) throw Error(key + ": it is an object");
    for (const auto& [name, inner] : value.items()) {
      if (name != "truncation" && name != "max_length" && name != "padding") {
        throw Error(key + ": " + name + ": only truncation, max_length and padding are done");
      }
      TakeOption(name, inner, request);
    }
  } else if (std::find(std::begin(kTaskOptions), std::end(kTaskOptions), key) != std::end(kTaskOptions)) {
    request->task_options[key] = value;
  } else {
    std::vector<std::string> names = {"text",  "text_pair",  "question",          "context",    "sequence",
                                      "top_k", "max_length", "function_to_apply", "truncation", "padding"};
    names.insert(names.end(), std::begin(kTaskOptions), std::end(kTaskOptions));
    throw Error(key + ": no such input or option" + converter::DidYouMean(key, names));
  }
}

}  // namespace

uint32_t CountOf(const Json& value, const std::string& name) {
  if (!value.is_number_integer() || value.get<int64_t>() < 1 || value.get<int64_t>() > INT32_MAX) {
    throw Error(name + ": it is an integer of at least 1");
  }
  return value.get<uint32_t>();
}

bool ForbidsCutting(const Request& request) { return request.truncation == kNoTruncation; }

uint32_t WhatIsCut(const Request& request) {
  return request.truncation == "only_first"    ? PBERT_ONLY_FIRST
         : request.truncation == "only_second" ? PBERT_ONLY_SECOND
                                               : PBERT_LONGEST_FIRST;
}

uint32_t CutAt(const Request& request, uint32_t truncation_tokens) {
  const bool asked = request.truncation.empty() ? request.max_length != 0 && !request.pads : !ForbidsCutting(request);
  if (!asked) return 0;
  return request.max_length != 0 ? request.max_length : truncation_tokens;
}

Request ParseRequest(std::string_view json, bool options) {
  Json object;
  std::string why;
  if (!converter::TryParseJson(json, &object, &why)) {
    throw Error(json.find_first_not_of(" \t\r") == std::string_view::npos ? "an empty line: a JSON object is expected"
                                                                          : "not JSON in UTF-8: " + why);
  }
  if (!object.is_object()) throw Error("not a JSON object such as {\"text\": \"...\"}");
  Request request;
  // Question answering has names of its own for the two.
  const auto is_text = [](const std::string& key) { return key == "text" || key == "question" || key == "sequence"; };
  const auto is_pair = [](const std::string& key) { return key == "text_pair" || key == "context"; };
  bool has_text = false;
  for (const auto& [key, value] : object.items()) {
    if (is_text(key) || (is_pair(key) && !value.is_null())) {
      if (!value.is_string()) throw Error(key + ": it is a string");
      request.asks = request.asks || key == "question" || key == "context";
      if (is_text(key)) {
        if (has_text) throw Error(key + ": there is a text already");
        request.text = value.get<std::string>();
        has_text = true;
      } else {
        if (request.pair) throw Error(key + ": there is a second text already");
        request.pair = value.get<std::string>();
      }
    } else if (!is_pair(key)) {
      if (!options) throw Error(key + ": no such input" + converter::DidYouMean(key, {"text", "text_pair"}));
      TakeOption(key, value, &request);
    }
  }
  if (!has_text) throw Error("text: it is missing");
  return request;
}

void CheckInputOptions(const InputOptions& options, bool format_given) {
  if (format_given && !options.texts.empty()) {
    throw UsageError("--input: it says how to read standard input, but there are texts among the arguments");
  }
}

size_t ForEachRequest(const InputOptions& options, const std::function<void(size_t, Request&)>& work,
                      const std::function<void(const std::string&)>& failed) {
  const auto each = [&](std::span<NumberedRequest> group, size_t* done) {
    for (NumberedRequest& one : group) {
      work(one.number, one.request);
      ++*done;
    }
  };
  return ForEachGroup(options, each, failed);
}

size_t ForEachGroup(const InputOptions& options, const GroupWork& work,
                    const std::function<void(const std::string&)>& failed) {
  constexpr size_t kMost = 64, kMostBytes = 1 << 16;  // at once
  size_t number = 0, failures = 0, bytes = 0;
  std::vector<NumberedRequest> group;
  const bool goes_on = options.texts.empty() && options.format != "lines";
  const auto answer = [&] {
    for (size_t done = 0; done < group.size();) {
      try {
        work(std::span(group).subspan(done), &done);
      } catch (const OutputFailed&) {
        throw;
      } catch (const Error& error) {
        if (!goes_on) throw;
        ++failures;
        ++done;
        failed(error.what());
      }
    }
    group.clear();
    bytes = 0;
  };
  const auto add = [&](Request request) {
    if (!request.pair) request.pair = options.pair;
    bytes += request.text.size() + (request.pair ? request.pair->size() : 0);
    group.push_back({number, std::move(request)});
  };
  const auto enough = [&] { return group.size() == kMost || bytes >= kMostBytes; };
  for (const std::string& text : options.texts) {
    ++number;
    Request request;
    request.text = text;
    add(std::move(request));
    if (enough()) answer();
  }
  answer();
  if (!options.texts.empty()) return 0;

  if (IsTerminal(STDIN_FILENO)) Complain(CommandName(), "one text a line, please; Ctrl-D ends");
  LineReader reader(STDIN_FILENO);
  for (std::string_view line; reader.Next(&line);) {
    ++number;
    if (options.format == "lines") {
      Request request;
      request.text = line;
      add(std::move(request));
    } else {
      try {
        add(ParseRequest(line, options.request_options));
      } catch (const Error& error) {
        answer();
        ++failures;
        failed(error.what());
      }
    }
    if (enough() || !reader.Ready()) answer();
  }
  return failures;
}

void TruncationNotice::Add(size_t number, uint32_t kept_tokens) {
  if (++count_ > 1) return;
  Complain(CommandName(), "text " + std::to_string(number) + ": it is longer than " + std::to_string(kept_tokens) +
                              " tokens: the rest was left out");
}

void TruncationNotice::Finish(size_t total) const {
  if (count_ < 2) return;
  Complain(CommandName(),
           std::to_string(count_) + " of " + std::to_string(total) + " texts were too long and were cut");
}

}  // namespace pbert::cli
