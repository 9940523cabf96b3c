// Completions for bash, zsh and fish.

#include <algorithm>

#include "platforms/cli/generate.h"

namespace pbert::cli {
namespace {

std::string Joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : separator) + word;
  return joined;
}

std::vector<std::string> Names(const Flag& flag) {
  return flag.short_name.empty() ? std::vector{flag.name} : std::vector{flag.name, flag.short_name};
}

// The names of all flags, or of those with a value only.
std::vector<std::string> FlagNames(const CommandLine& line, bool with_value_only) {
  std::vector<std::string> names;
  for (const Flag& flag : line.flags()) {
    if (with_value_only && !flag.TakesValue()) continue;
    for (const std::string& name : Names(flag)) names.push_back(name);
  }
  return names;
}

std::vector<std::string> CommandNames(const std::vector<Subcommand>& subcommands) {
  std::vector<std::string> names;
  for (const Subcommand& subcommand : subcommands) names.push_back(subcommand.name);
  return names;
}

const char* BashOffer(const std::string& type) {
  switch (OfferFor(type)) {
    case Offer::kModels:
      return "models";
    case Offer::kFolders:
      return "folders";
    case Offer::kFiles:
      return "files";
    case Offer::kNothing:
      break;
  }
  return "nothing";
}

constexpr char kBashBegin[] = R"(# Completion of pocketbert for bash. Made by `pocketbert --generate bash`.

# Offers what $1 says: the words that follow, models, folders, files or nothing.
_pocketbert_offer() {
  local IFS=$'\n'
  case $1 in
    words) mapfile -t COMPREPLY < <(compgen -W "${*:2}" -- "$current") ;;
    models) mapfile -t COMPREPLY < <(compgen -f -X '!*.pbert' -- "$current"; compgen -d -- "$current") ;;
    folders) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    files) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    nothing) ;;
  esac
  [[ $1 == words || $1 == nothing ]] || compopt -o filenames 2>/dev/null
}

_pocketbert() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # bash takes --flag=value for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
)";

constexpr char kBashEnd[] = R"(    *) return ;;
  esac

  [[ " $with_value " != *" $previous "* ]] || return  # any value will do

  # Which of the arguments that are no flags is it?
  local i word index=0 texts_only=
  for ((i = 2; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $texts_only ]]; then
      ((++index))
    elif [[ $word == -- ]]; then
      texts_only=yes
    elif [[ $word == = ]]; then
      ((++i))
    elif [[ " $with_value " == *" $word "* ]]; then
      [[ ${COMP_WORDS[i + 1]} == = ]] || ((++i))
    elif [[ $word != -[[:alpha:]-]* ]]; then
      ((++index))
    fi
  done
  local offer=${positionals[index]:-nothing}
  if [[ ! $texts_only && ($current == -* || $offer == nothing) ]]; then
    _pocketbert_offer words $flags
  else
    _pocketbert_offer "$offer"
  fi
}

complete -F _pocketbert pocketbert
)";

std::string BashCase(const Subcommand& subcommand) {
  const CommandLine& line = *subcommand.line;
  std::vector<std::string> positionals;
  for (const Positional& positional : line.DeclaredPositionals()) positionals.push_back(BashOffer(positional.type));
  std::string text = "    " + subcommand.name + ")\n";
  text += "      flags='" + Joined(FlagNames(line, false), " ") + "'\n";
  text += "      with_value='" + Joined(FlagNames(line, true), " ") + "'\n";
  text += "      positionals=(" + Joined(positionals, " ") + ")\n";
  std::string values;
  for (const Flag& flag : line.flags()) {
    const std::string offer = flag.choices.empty() ? BashOffer(flag.type) : "words " + Joined(flag.choices, " ");
    if (!flag.TakesValue() || offer == "nothing") continue;
    values += "        " + Joined(Names(flag), " | ") + ") _pocketbert_offer " + offer + "; return ;;\n";
  }
  if (!values.empty()) text += "      case $previous in\n" + values + "      esac\n";
  return text + "      ;;\n";
}

// Inside single quotes, for sh's relatives; fish has escapes there instead.
std::string Quoted(const std::string& text) { return "'" + Replaced(text, "'", "'\\''") + "'"; }
std::string FishQuoted(const std::string& text) {
  return "'" + Replaced(Replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string OneLineDescription(const Flag& flag) { return Replaced(flag.description, "\n", " "); }

// What _arguments does with a value: ":message:action".
std::string ZshAction(const std::string& type, const std::vector<std::string>& choices) {
  const std::string message = ":" + Replaced(type, ":", "\\:") + ":";
  if (!choices.empty()) return message + "(" + Joined(choices, " ") + ")";
  switch (OfferFor(type)) {
    case Offer::kModels:
      return message + "_files -g \"*.pbert\"";
    case Offer::kFolders:
      return message + "_files -/";
    case Offer::kFiles:
      return message + "_files";
    case Offer::kNothing:
      break;
  }
  return message + " ";
}

std::string ZshCase(const Subcommand& subcommand) {
  std::vector<std::string> specs;
  for (const Flag& flag : subcommand.line->flags()) {
    std::string description = OneLineDescription(flag);
    for (const char* special : {"[", "]", ":"})
      description = Replaced(description, special, "\\" + std::string(special));
    std::string tail = "[" + description + "]";
    if (flag.TakesValue()) tail += ZshAction(flag.type, flag.choices);
    const std::string name = flag.name + (flag.TakesValue() ? "=" : "");
    const bool repeated = std::holds_alternative<std::vector<std::string>*>(flag.value);
    if (flag.short_name.empty()) {
      specs.push_back(Quoted((repeated ? "*" : "") + name + tail));
    } else {
      specs.push_back("'(" + flag.short_name + " " + flag.name + ")'{" + flag.short_name + "," + name + "}" +
                      Quoted(tail));
    }
  }
  int number = 0;
  for (const Positional& positional : subcommand.line->DeclaredPositionals()) {
    const std::string place = positional.repeated ? "*" : std::to_string(++number);
    specs.push_back(Quoted(place + ZshAction(positional.type, {})));
  }
  return "        " + subcommand.name + ")\n          _arguments \\\n            " +
         Joined(specs, " \\\n            ") + "\n          ;;\n";
}

constexpr char kFishBegin[] = R"(# Completion of pocketbert for fish. Made by `pocketbert --generate fish`.

# Whether the command is $argv[1].
function __pocketbert_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = $argv[1]
end

# Whether the command is $argv[1] and what is typed is its argument number $argv[2], flags not counted. The rest of
# $argv are the flags that take a value.
function __pocketbert_argument
    __pocketbert_is $argv[1]; or return 1
    set -l words (commandline -opc)
    set -l number 1
    set -l is_value no
    for word in $words[3..]
        if test $is_value = yes
            set is_value no
        else if contains -- $word $argv[3..]
            set is_value yes
        else if not string match -qr -- '^-[A-Za-z-]' $word
            set number (math $number + 1)
        end
    end
    test $number = $argv[2]
end

complete -c pocketbert -f
)";

const char* FishOffer(const std::string& type) {
  switch (OfferFor(type)) {
    case Offer::kModels:
      return " -k -a '(__fish_complete_suffix .pbert)'";
    case Offer::kFolders:
      return " -a '(__fish_complete_directories)'";
    case Offer::kFiles:
      return " -F";
    case Offer::kNothing:
      break;
  }
  return "";
}

std::string FishLines(const Subcommand& subcommand) {
  const CommandLine& line = *subcommand.line;
  const std::string begin = "complete -c pocketbert -n ";
  std::string text =
      "\n" + begin + "__fish_use_subcommand -a " + subcommand.name + " -d " + FishQuoted(subcommand.summary) + "\n";
  const std::vector<Positional> positionals = line.DeclaredPositionals();
  for (size_t i = 0; i < positionals.size(); ++i) {
    if (OfferFor(positionals[i].type) == Offer::kNothing) continue;
    std::vector<std::string> condition = {"__pocketbert_argument", subcommand.name, std::to_string(i + 1)};
    for (const std::string& name : FlagNames(line, true)) condition.push_back(name);
    text += begin + "'" + Joined(condition, " ") + "'" + FishOffer(positionals[i].type) + "\n";
  }
  for (const Flag& flag : line.flags()) {
    text += begin + "'__pocketbert_is " + subcommand.name + "' -l " + flag.name.substr(2);
    if (!flag.short_name.empty()) text += " -s " + flag.short_name.substr(1);
    if (flag.TakesValue()) text += " -r";
    text += flag.choices.empty() ? FishOffer(flag.type) : " -a '" + Joined(flag.choices, " ") + "'";
    text += " -d " + FishQuoted(OneLineDescription(flag)) + "\n";
  }
  return text;
}

}  // namespace

std::string BashCompletion(const std::vector<Subcommand>& subcommands) {
  const std::string commands = Joined(CommandNames(subcommands), " ");
  std::string text = kBashBegin;
  text += "  if ((COMP_CWORD == 1)); then\n    _pocketbert_offer words " + commands +
          " help --help --version\n    return\n  fi\n\n";
  text += "  local flags with_value positionals\n  case ${COMP_WORDS[1]} in\n";
  text += "    help) _pocketbert_offer words " + commands + "; return ;;\n";
  for (const Subcommand& subcommand : subcommands) text += BashCase(subcommand);
  return text + kBashEnd;
}

std::string ZshCompletion(const std::vector<Subcommand>& subcommands) {
  std::string text =
      "#compdef pocketbert\n# Completion of pocketbert for zsh. Made by `pocketbert --generate zsh`.\n\n"
      "_pocketbert() {\n  local curcontext=$curcontext state state_descr line\n  local -A opt_args\n"
      "  local -a commands=(\n";
  for (const Subcommand& subcommand : subcommands) {
    text += "    " + Quoted(subcommand.name + ":" + Replaced(subcommand.summary, ":", "\\:")) + "\n";
  }
  text +=
      "    'help:explain a command'\n  )\n"
      "  _arguments -C '(- *)--help[Print the list of commands]' '(- *)--version[Print the version]' \\\n"
      "    '1:command:->command' '*::argument:->arguments' && return\n"
      "  case $state in\n    command) _describe command commands ;;\n    arguments)\n      case $words[1] in\n"
      "        help) _describe command commands ;;\n";
  for (const Subcommand& subcommand : subcommands) text += ZshCase(subcommand);
  return text + "      esac\n      ;;\n  esac\n}\n\n_pocketbert \"$@\"\n";
}

std::string FishCompletion(const std::vector<Subcommand>& subcommands) {
  std::string text = kFishBegin;
  text += "complete -c pocketbert -n __fish_use_subcommand -l help -d 'Print the list of commands'\n";
  text += "complete -c pocketbert -n __fish_use_subcommand -l version -d 'Print the version'\n";
  text += "complete -c pocketbert -n __fish_use_subcommand -a help -d 'explain a command'\n";
  text += "complete -c pocketbert -n '__pocketbert_is help' -a '" + Joined(CommandNames(subcommands), " ") + "'\n";
  for (const Subcommand& subcommand : subcommands) text += FishLines(subcommand);
  return text;
}

}  // namespace pbert::cli
