// The arguments of one subcommand.
#ifndef POCKETBERT_PLATFORMS_CLI_COMMAND_LINE_H_
#define POCKETBERT_PLATFORMS_CLI_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "pocketbert/pocketbert.h"

namespace pbert::cli {

// The command was called wrongly: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Declares flags with CLI11, which converts, checks and documents them, but tells flags and texts apart by itself: to
// CLI11 a text may look like a list ("[MASK]"), an end mark ("++") or the name of a subcommand. What follows `--` is
// never a flag, nor is an argument such as "-5" or "- yes".
class CommandLine {
 public:
  // `positionals` as the usage line shows them: "FILE [TEXT ...]". `description` and `more` go before and behind the
  // list of flags in --help.
  CommandLine(const std::string& name, const std::string& positionals, const std::string& description,
              const std::string& more);

  // A flag with a value, or without one for bool. `value` holds the default.
  template <typename T>
  CLI::Option* Add(const std::string& names, T& value, const std::string& description, const std::string& type) {
    return app_.add_option(names, value, description)->type_name(type)->allow_extra_args(false);
  }
  CLI::Option* AddFlag(const std::string& names, bool& value, const std::string& description) {
    return app_.add_flag(names, value, description);
  }
  // --threads and --backend, which mean the same everywhere.
  void AddThreads(uint32_t& threads, const std::string& description);
  void AddBackend(std::string& backend);

  // False when --help was asked for and printed. Throws UsageError.
  bool Parse(const std::vector<std::string>& arguments);

  // The arguments that are no flags, in order.
  const std::vector<std::string>& positionals() const { return positionals_; }
  // Throws UsageError unless there are `least` to `most` of them.
  void Expect(size_t least, size_t most) const;

  std::string Help() const;

 private:
  const CLI::Option* Find(const std::string& flag) const;
  std::vector<std::string> FlagNames() const;

  std::string usage_, description_, more_;
  CLI::App app_;
  std::vector<std::string> positionals_;
};

// A check of numbers that does not lengthen --help.
template <typename T>
CLI::Validator Between(T least, T most) {
  return CLI::Range(least, most).description("");
}

// Throws UsageError.
pbert_backend ParseBackend(const std::string& name);

// "8,16,32" as numbers of at least 1. Throws UsageError naming `flag`.
std::vector<uint32_t> ParseNumbers(const std::string& flag, const std::string& list);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_COMMAND_LINE_H_
