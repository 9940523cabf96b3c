#include "platforms/cli/generate.h"

#include "converter/support/nearest.h"
#include "platforms/cli/commands.h"

namespace pbert::cli {

std::vector<Subcommand> DeclaredSubcommands() {
  std::vector<Subcommand> subcommands;
  for (const Command& command : Commands()) {
    auto line = std::make_unique<CommandLine>(command.name);
    command.run(*line);
    subcommands.push_back({command.name, command.summary, std::move(line)});
  }
  return subcommands;
}

std::string Generate(const std::string& kind) {
  if (kind == "man") return ManPage(DeclaredSubcommands());
  if (kind == "bash") return BashCompletion(DeclaredSubcommands());
  if (kind == "zsh") return ZshCompletion(DeclaredSubcommands());
  if (kind == "fish") return FishCompletion(DeclaredSubcommands());
  throw UsageError("--generate: " + kind + ": it is man, bash, zsh or fish" +
                   converter::DidYouMean(kind, {"man", "bash", "zsh", "fish"}));
}

Offer OfferFor(const std::string& type) {
  if (type == "FILE") return Offer::kModels;
  if (type == "CHECKPOINT_DIR") return Offer::kFolders;
  if (type == "DATASET" || type == "TEXTS") return Offer::kFiles;
  return Offer::kNothing;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace pbert::cli
