// The manual page and the shells' completions, made from what the subcommands declare.
#ifndef POCKETBERT_PLATFORMS_CLI_GENERATE_H_
#define POCKETBERT_PLATFORMS_CLI_GENERATE_H_

#include <memory>
#include <string>
#include <vector>

#include "platforms/cli/command_line.h"

namespace pbert::cli {

// A subcommand that declared its flags and did nothing else.
struct Subcommand {
  std::string name, summary;
  std::unique_ptr<CommandLine> line;  // the flags' values are gone
};

std::vector<Subcommand> DeclaredSubcommands();

// pocketbert.1, for groff -man.
std::string ManPage(const std::vector<Subcommand>& subcommands);
// Each for one shell, without help from anybody's package of completions.
std::string BashCompletion(const std::vector<Subcommand>& subcommands);
std::string ZshCompletion(const std::vector<Subcommand>& subcommands);
std::string FishCompletion(const std::vector<Subcommand>& subcommands);

// The one of "man", "bash", "zsh" and "fish". Throws UsageError.
std::string Generate(const std::string& kind);

// What a shell can offer for a value, as its type in --help tells.
enum class Offer { kNothing, kModels, kFolders, kFiles };
Offer OfferFor(const std::string& type);

// The text with every `from` as `to`.
std::string Replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_GENERATE_H_
