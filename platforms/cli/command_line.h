// The arguments of one subcommand.
#ifndef POCKETBERT_PLATFORMS_CLI_COMMAND_LINE_H_
#define POCKETBERT_PLATFORMS_CLI_COMMAND_LINE_H_

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "pocketbert/pocketbert.h"

namespace pbert::cli {

// The command was called wrongly: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The least and the largest value of a number.
struct Range {
  double least, most;
};

// What is known about a flag. --help, the man page and the shells' completions are made from it.
struct Flag {
  std::string name;        // "--output"
  std::string short_name;  // "-o", or empty
  std::string type;        // of its value, as --help shows it: "FILE"; empty: it takes none
  std::string description;
  std::vector<std::string> choices;  // the values that there are, where they can be listed
  std::variant<bool*, std::string*, std::vector<std::string>*, uint32_t*, double*> value;  // holds the default
  std::optional<Range> range;
  bool given = false;
  bool* automatic = nullptr;  // set by the value "auto", where that is one

  bool TakesValue() const { return !type.empty(); }
};

// An argument that is no flag, as the usage line names it.
struct Positional {
  std::string type;  // "FILE"
  bool repeated = false;
};

// Declares flags and parses the arguments. CLI11, which only the .cc file includes because it is slow to compile,
// converts, checks and documents the flags, but which arguments are flags and which are texts is decided here: to
// CLI11 a text may look like a list ("[MASK]"), an end mark ("++") or the name of a subcommand. What follows `--` is
// never a flag, nor is an argument such as "-5" or "- yes".
class CommandLine {
 public:
  // Without arguments the subcommand declares its flags and does nothing else, as Parse returns false.
  explicit CommandLine(std::string name, std::optional<std::vector<std::string>> arguments = {});
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `positionals` as the usage line shows them: "FILE [TEXT ...]". `description` and `more` go before and behind the
  // list of flags in --help.
  void Describe(std::string positionals, std::string description, std::string more);

  // A flag with a value. `names` is "--long" or "-s,--long"; `value` holds the default and must live until Parse.
  void Add(const std::string& names, std::string& value, std::string description, std::string type,
           std::vector<std::string> choices = {});
  void Add(const std::string& names, std::vector<std::string>& value, std::string description, std::string type);
  void Add(const std::string& names, uint32_t& value, std::string description, std::string type,
           std::optional<Range> range = {});
  void Add(const std::string& names, double& value, std::string description, std::string type,
           std::optional<Range> range = {});
  // A flag without one.
  void AddFlag(const std::string& names, bool& value, std::string description);
  // --threads and --backend, which mean the same everywhere.
  // With `automatic`, "auto" is a value too, and sets it instead.
  void AddThreads(uint32_t& threads, std::string description, bool* automatic = nullptr);
  void AddBackend(std::string& backend);

  // False when there is nothing to do: --help was asked for and printed, or there are no arguments. Throws UsageError.
  bool Parse();

  // Whether the flag of this long name was among the arguments.
  bool Given(const std::string& name) const;
  // The arguments that are no flags, in order.
  const std::vector<std::string>& positionals() const { return positionals_; }
  // Throws UsageError unless there are `least` to `most` of them.
  void Expect(size_t least, size_t most) const;

  std::string Help() const;

  // What was declared.
  const std::string& name() const { return name_; }
  const std::string& usage() const { return usage_; }  // "pocketbert run FILE [TEXT ...]"
  const std::string& description() const { return description_; }
  const std::string& more() const { return more_; }
  const std::vector<Flag>& flags() const { return flags_; }
  std::vector<Positional> DeclaredPositionals() const;

 private:
  void AddAny(const std::string& names, Flag flag);
  Flag* Find(const std::string& name);
  void CheckChoice(const Flag& flag, const std::string& value) const;
  void CheckNumber(const Flag& flag, const std::string& value) const;
  std::vector<std::string> FlagNames() const;

  std::string name_, usage_, description_, more_;
  std::optional<std::vector<std::string>> arguments_;
  bool help_ = false;
  std::vector<Flag> flags_;  // --help is the first
  std::vector<std::string> positionals_;
};

// Throws UsageError.
pbert_backend ParseBackend(const std::string& name);

// "8,16,32" as numbers of at least 1. Throws UsageError naming `flag`.
std::vector<uint32_t> ParseNumbers(const std::string& flag, const std::string& list);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_COMMAND_LINE_H_
