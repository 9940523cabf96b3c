// The manual page: roff with the man macros, of which the plainest ones are used.

#include <sstream>

#include "platforms/cli/generate.h"
#include "platforms/cli/table.h"
#include "pocketbert/pocketbert.h"

namespace pbert::cli {
namespace {

// Letters that mean something to roff, as text. A hyphen is written as a minus, so that flags can be copied.
std::string Escape(std::string text) {
  text = Replaced(std::move(text), "\\", "\\e");
  text = Replaced(std::move(text), "-", "\\-");
  text = Replaced(std::move(text), "'", "\\(aq");
  text = Replaced(std::move(text), "`", "\\(ga");
  return Replaced(std::move(text), "é", "\\('e");
}

// A line of its own, that is no request even if it begins with a dot.
std::string Line(const std::string& text) {
  const std::string escaped = Escape(text);
  return (escaped.starts_with('.') ? "\\&" : "") + escaped + "\n";
}

// Bold, on a line of its own.
std::string Bold(const std::string& text) { return ".B " + Escape(text) + "\n"; }

// Paragraphs as --help prints them: indented lines stay as they are, others are filled.
std::string Paragraphs(const std::string& text) {
  std::string page;
  std::istringstream lines(text);
  bool exact = false;
  for (std::string line; std::getline(lines, line);) {
    const bool indented = line.starts_with("  ");
    if (indented != exact) page += indented ? ".RS 2\n.EX\n" : ".EE\n.RE\n";
    exact = indented;
    page += line.empty() ? ".PP\n" : Line(indented ? line.substr(2) : line);
  }
  return page + (exact ? ".EE\n.RE\n" : "");
}

std::string FlagEntry(const Flag& flag) {
  std::string tag = "\\fB" + Escape(flag.name) + "\\fR";
  if (!flag.short_name.empty()) tag = "\\fB" + Escape(flag.short_name) + "\\fR, " + tag;
  if (flag.TakesValue()) tag += " \\fI" + Escape(flag.type) + "\\fR";
  return ".TP\n" + tag + "\n" + Line(Replaced(flag.description, "\n", " "));
}

std::string Section(const Subcommand& subcommand) {
  const CommandLine& line = *subcommand.line;
  std::string page = ".SS \"" + line.usage() + " [flags]\"\n" + Paragraphs(line.description());
  for (const Flag& flag : line.flags()) page += FlagEntry(flag);
  return page + ".PP\n" + Paragraphs(line.more());
}

}  // namespace

std::string ManPage(const std::vector<Subcommand>& subcommands) {
  std::string page =
      ".\\\" Made by `pocketbert --generate man`.\n"
      ".TH POCKETBERT 1 \"\" \"pocketbert " +
      std::string(pbert_version()) +
      "\" \"User Commands\"\n"
      ".nh\n"  // a flag or a name that is broken by a hyphen cannot be copied
      ".SH NAME\n"
      "pocketbert \\- answer texts with BERT models on the device\n"
      ".SH SYNOPSIS\n"
      ".B pocketbert\n"
      ".I COMMAND\n"
      "\\&...\n"
      ".SH DESCRIPTION\n"
      "Turns a DistilBERT checkpoint into one int8 file and answers texts with it, on the device.\n";
  for (const Subcommand& subcommand : subcommands) {
    page += ".TP\n" + Bold(subcommand.name) + Line(subcommand.summary);
  }
  page +=
      ".PP\n"
      "What follows \\fB\\-\\-\\fR is never a flag. Besides the commands there are\n"
      ".TP\n.B \\-\\-help\nPrint the list of commands\n"
      ".TP\n.B \\-\\-version\nPrint version, commit, compiler, backends and the instruction set used here\n"
      ".SH COMMANDS\n";
  for (const Subcommand& subcommand : subcommands) page += Section(subcommand);
  return page +
         ".SH EXIT STATUS\n"
         ".TP\n.B 0\ndone\n"
         ".TP\n.B 1\nthe work failed\n"
         ".TP\n.B 2\nwrong usage\n";
}

}  // namespace pbert::cli
