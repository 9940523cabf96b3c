#include "platforms/cli/command_line.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "converter/evaluate/nearest.h"
#include "platforms/cli/output.h"

namespace pbert::cli {
namespace {

constexpr const char* kBackends[] = {"auto", "xnnpack", "native", "reference"};  // in pbert_backend's order
constexpr uint32_t kMostThreads = 64;

// "-5", "-", "- yes" and "-well then" are texts.
bool LooksLikeFlag(const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') return false;
  const unsigned char second = static_cast<unsigned char>(argument[1]);
  if (second == '-') return argument.size() > 2 && std::isalpha(static_cast<unsigned char>(argument[2])) != 0;
  return std::isalpha(second) != 0 && argument.find(' ') == std::string::npos;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

}  // namespace

CommandLine::CommandLine(const std::string& name, const std::string& positionals, const std::string& description,
                         const std::string& more)
    : usage_("pocketbert " + name + " " + positionals), description_(description), more_(more) {
  app_.set_help_flag("-h,--help", "Print this and do nothing");
  app_.get_formatter()->column_width(34);
}

void CommandLine::AddThreads(uint32_t& threads, const std::string& description) {
  Add("--threads", threads, description, "N")->check(Between(1u, kMostThreads));
}

void CommandLine::AddBackend(std::string& backend) {
  Add("--backend", backend, "Who multiplies matrices: auto (default, the fastest here),\nxnnpack, native or reference",
      "NAME");
}

bool CommandLine::Parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> flags;
  bool help = false, only_texts = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (only_texts || !(argument == "--" || LooksLikeFlag(argument))) {
      positionals_.push_back(argument);
      continue;
    }
    if (argument == "--") {
      only_texts = true;
      continue;
    }
    const size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
    const std::string name = argument.substr(0, equals);
    const CLI::Option* option = Find(name);
    if (option == nullptr) throw UsageError(name + ": no such flag" + DidYouMean(name, FlagNames()));
    if (option == app_.get_help_ptr()) {
      help = true;
    } else if (!TakesValue(*option)) {
      if (equals != std::string::npos) throw UsageError(name + ": it takes no value");
      flags.push_back(name);
    } else {
      if (equals == std::string::npos && i + 1 == arguments.size()) {
        throw UsageError(name + ": it needs a value: " + option->get_type_name());
      }
      flags.push_back(name);
      flags.push_back(equals != std::string::npos ? argument.substr(equals + 1) : arguments[++i]);
    }
  }
  if (help) {
    Out().Write(Help());
    return false;
  }
  std::reverse(flags.begin(), flags.end());  // as CLI11 wants it
  try {
    app_.parse(std::move(flags));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  return true;
}

void CommandLine::Expect(size_t least, size_t most) const {
  if (positionals_.size() < least) throw UsageError("not enough arguments: usage: " + usage_);
  if (positionals_.size() > most) throw UsageError(positionals_[most] + ": one argument too many: usage: " + usage_);
}

std::string CommandLine::Help() const {
  const auto* formatter = dynamic_cast<const CLI::Formatter*>(app_.get_formatter().get());
  std::string flags = formatter == nullptr ? "" : formatter->make_groups(&app_, CLI::AppFormatMode::Normal);
  while (flags.starts_with('\n')) flags.erase(0, 1);
  while (flags.ends_with("\n\n")) flags.pop_back();
  return "usage: " + usage_ + " [flags]\n\n" + description_ + "\n\n" + flags +
         (more_.empty() ? "" : "\n" + more_ + "\n");
}

const CLI::Option* CommandLine::Find(const std::string& flag) const {
  for (const CLI::Option* option : app_.get_options()) {
    const bool found =
        flag.starts_with("--") ? option->check_lname(flag.substr(2)) : option->check_sname(flag.substr(1));
    if (found) return option;
  }
  return nullptr;
}

std::vector<std::string> CommandLine::FlagNames() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app_.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

pbert_backend ParseBackend(const std::string& name) {
  for (size_t i = 0; i < std::size(kBackends); ++i) {
    if (name == kBackends[i]) return static_cast<pbert_backend>(i);
  }
  throw UsageError("--backend: " + name + ": it is auto, xnnpack, native or reference" +
                   DidYouMean(name, {std::begin(kBackends), std::end(kBackends)}));
}

std::vector<uint32_t> ParseNumbers(const std::string& flag, const std::string& list) {
  std::vector<uint32_t> numbers;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    uint32_t number = 0;
    const auto [stopped, error] = std::from_chars(list.data() + at, list.data() + end, number);
    if (error != std::errc() || stopped != list.data() + end || number == 0) {
      throw UsageError(flag + ": `" + list + "` is not a list of numbers such as 8,16,32");
    }
    numbers.push_back(number);
    at = end + 1;
  }
  return numbers;
}

}  // namespace pbert::cli
