#include "platforms/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>
#include <utility>

#include "base/team.h"
#include "converter/support/nearest.h"
#include "platforms/cli/output.h"

namespace pbert::cli {
namespace {

constexpr const char* kBackends[] = {"auto", "xnnpack", "native", "reference"};  // in pbert_backend's order
constexpr Range kThreads = {1, kMaxThreads};

// "-5", "-", "- yes" and "-well then" are texts.
bool LooksLikeFlag(const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') return false;
  const unsigned char second = static_cast<unsigned char>(argument[1]);
  if (second == '-') return argument.size() > 2 && std::isalpha(static_cast<unsigned char>(argument[2])) != 0;
  return std::isalpha(second) != 0 && argument.find(' ') == std::string::npos;
}

// Adds a flag to CLI11's list. A check of its range does not lengthen --help.
class Declare {
 public:
  Declare(const Flag& flag, CLI::App* app) : flag_(flag), app_(app) {}

  void operator()(bool* value) const { app_->add_flag(Names(), *value, flag_.description); }
  template <typename T>
  void operator()(T* value) const {
    CLI::Option* option = app_->add_option(Names(), *value, flag_.description);
    option->type_name(flag_.type)->allow_extra_args(false);
    if constexpr (std::is_arithmetic_v<T>) {
      if (!flag_.range) return;
      const T least = static_cast<T>(flag_.range->least), most = static_cast<T>(flag_.range->most);
      option->check(CLI::Range(least, most).description(""));
    }
  }

 private:
  std::string Names() const { return flag_.short_name.empty() ? flag_.name : flag_.short_name + "," + flag_.name; }

  const Flag& flag_;
  CLI::App* app_;
};

void DeclareAll(const std::vector<Flag>& flags, CLI::App* app) {
  app->set_help_flag();  // none of CLI11's own
  app->get_formatter()->column_width(34);
  for (const Flag& flag : flags) std::visit(Declare(flag, app), flag.value);
}

}  // namespace

CommandLine::CommandLine(std::string name, std::optional<std::vector<std::string>> arguments)
    : name_(std::move(name)), arguments_(std::move(arguments)) {
  AddFlag("-h,--help", help_, "Print this and do nothing");
}

void CommandLine::Describe(std::string positionals, std::string description, std::string more) {
  usage_ = "pocketbert " + name_ + " " + positionals;
  description_ = std::move(description);
  more_ = std::move(more);
}

void CommandLine::Add(const std::string& names, std::string& value, std::string description, std::string type,
                      std::vector<std::string> choices) {
  AddAny(names, {{}, {}, std::move(type), std::move(description), std::move(choices), &value, {}});
}

void CommandLine::Add(const std::string& names, std::vector<std::string>& value, std::string description,
                      std::string type) {
  AddAny(names, {{}, {}, std::move(type), std::move(description), {}, &value, {}});
}

void CommandLine::Add(const std::string& names, uint32_t& value, std::string description, std::string type,
                      std::optional<Range> range) {
  AddAny(names, {{}, {}, std::move(type), std::move(description), {}, &value, range});
}

void CommandLine::Add(const std::string& names, double& value, std::string description, std::string type,
                      std::optional<Range> range) {
  AddAny(names, {{}, {}, std::move(type), std::move(description), {}, &value, range});
}

void CommandLine::AddFlag(const std::string& names, bool& value, std::string description) {
  AddAny(names, {{}, {}, {}, std::move(description), {}, &value, {}});
}

void CommandLine::AddAny(const std::string& names, Flag flag) {
  const size_t comma = names.find(',');
  if (comma != std::string::npos) flag.short_name = names.substr(0, comma);
  flag.name = names.substr(comma == std::string::npos ? 0 : comma + 1);
  flags_.push_back(std::move(flag));
}

void CommandLine::AddThreads(uint32_t& threads, std::string description, bool* automatic) {
  Add("--threads", threads, std::move(description), automatic == nullptr ? "N" : "N|auto", kThreads);
  flags_.back().automatic = automatic;
}

void CommandLine::AddBackend(std::string& backend) {
  Add("--backend", backend, "Who multiplies matrices: auto (default, the fastest here),\nxnnpack, native or reference",
      "NAME", {std::begin(kBackends), std::end(kBackends)});
}

void CommandLine::CheckChoice(const Flag& flag, const std::string& value) const {
  if (flag.choices.empty() || std::find(flag.choices.begin(), flag.choices.end(), value) != flag.choices.end()) return;
  std::string choices;
  for (size_t i = 0; i < flag.choices.size(); ++i) {
    choices += (i == 0 ? "" : i + 1 == flag.choices.size() ? " or " : ", ") + flag.choices[i];
  }
  throw UsageError(flag.name + ": " + value + ": it is " + choices + converter::DidYouMean(value, flag.choices));
}

// CLI11 tells a wrong number in words of its own where no range is given.
void CommandLine::CheckNumber(const Flag& flag, const std::string& value) const {
  if (!std::holds_alternative<uint32_t*>(flag.value) || flag.range) return;
  uint32_t number = 0;
  const auto [stopped, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc() && stopped == value.data() + value.size()) return;
  throw UsageError(flag.name + ": " + value + ": it is a whole number");
}

bool CommandLine::Parse() {
  if (!arguments_) return false;
  std::vector<std::string> flags;
  bool help = false, only_texts = false;
  for (size_t i = 0; i < arguments_->size(); ++i) {
    const std::string& argument = (*arguments_)[i];
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
    Flag* flag = Find(name);
    if (flag == nullptr) throw UsageError(name + ": no such flag" + converter::DidYouMean(name, FlagNames()));
    flag->given = true;
    if (flag == &flags_.front()) {
      help = true;
    } else if (!flag->TakesValue()) {
      if (equals != std::string::npos) throw UsageError(name + ": it takes no value");
      flags.push_back(name);
    } else {
      if (equals == std::string::npos && i + 1 == arguments_->size()) {
        throw UsageError(name + ": it needs a value: " + flag->type);
      }
      const std::string value = equals != std::string::npos ? argument.substr(equals + 1) : (*arguments_)[++i];
      if (flag->automatic != nullptr) {
        *flag->automatic = value == "auto";
        if (*flag->automatic) continue;
      }
      CheckChoice(*flag, value);
      CheckNumber(*flag, value);
      flags.push_back(name);
      flags.push_back(value);
    }
  }
  if (help) {
    Out().Write(Help());
    return false;
  }
  std::reverse(flags.begin(), flags.end());  // as CLI11 wants it
  try {
    CLI::App app;
    DeclareAll(flags_, &app);
    app.parse(std::move(flags));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  return true;
}

bool CommandLine::Given(const std::string& name) const {
  return std::any_of(flags_.begin(), flags_.end(), [&](const Flag& flag) { return flag.name == name && flag.given; });
}

void CommandLine::Expect(size_t least, size_t most) const {
  if (positionals_.size() < least) throw UsageError("not enough arguments: usage: " + usage_);
  if (positionals_.size() > most) throw UsageError(positionals_[most] + ": one argument too many: usage: " + usage_);
}

std::string CommandLine::Help() const {
  CLI::App app;
  DeclareAll(flags_, &app);
  const auto* formatter = dynamic_cast<const CLI::Formatter*>(app.get_formatter().get());
  std::string flags = formatter == nullptr ? "" : formatter->make_groups(&app, CLI::AppFormatMode::Normal);
  while (flags.starts_with('\n')) flags.erase(0, 1);
  while (flags.ends_with("\n\n")) flags.pop_back();
  return "usage: " + usage_ + " [flags]\n\n" + description_ + "\n\n" + flags +
         (more_.empty() ? "" : "\n" + more_ + "\n");
}

std::vector<Positional> CommandLine::DeclaredPositionals() const {
  std::vector<Positional> declared;
  std::istringstream words(usage_);
  std::string word;
  words >> word >> word;  // "pocketbert run"
  while (words >> word) {
    if (word.starts_with('-')) {  // "-o FILE": a flag that must be given
      words >> word;
    } else if (word.starts_with("...")) {
      declared.back().repeated = true;
    } else {
      std::erase_if(word, [](char c) { return c == '[' || c == ']'; });
      declared.push_back({word});
    }
  }
  return declared;
}

Flag* CommandLine::Find(const std::string& name) {
  for (Flag& flag : flags_) {
    if (name == flag.name || name == flag.short_name) return &flag;
  }
  return nullptr;
}

std::vector<std::string> CommandLine::FlagNames() const {
  std::vector<std::string> names;
  for (const Flag& flag : flags_) names.push_back(flag.name);
  return names;
}

pbert_backend ParseBackend(const std::string& name) {
  for (size_t i = 0; i < std::size(kBackends); ++i) {
    if (name == kBackends[i]) return static_cast<pbert_backend>(i);
  }
  return PBERT_AUTO;  // the command line lets no other name pass
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
