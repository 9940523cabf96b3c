// The `pocketbert` command: finds the subcommand and turns failures into messages and exit statuses.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "converter/support/error.h"
#include "converter/support/file.h"
#include "converter/support/nearest.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/generate.h"
#include "platforms/cli/machine.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

constexpr int kDone = 0, kFailed = 1, kWrongUsage = 2;

// The JSON library's destructors allocate, and an exception that leaves a destructor ends here.
[[noreturn]] void EndByTerminate() {
  converter::RemoveTemporaryFiles();
  ComplainOfMemory();
  _exit(kFailed);
}

std::string Help() {
  Table table("ll");
  for (const Command& command : Commands()) table.Add({std::string("  ") + command.name, command.summary});
  return std::string("usage: pocketbert COMMAND ...\n\n") + kPurpose + "\n\n" + table.Print() +
         "\n`pocketbert COMMAND --help` explains each. To begin with:\n"
         "  pocketbert convert CHECKPOINT_DIR -o intent.pbert\n"
         "  pocketbert run intent.pbert \"play some jazz\"\n\n"
         "Exit status: 0 done, 1 the work failed, 2 wrong usage. --json prints for machines.\n";
}

// A descriptor 0, 1 or 2 that the caller closed would be given to the next file that is opened, and what is printed
// would end up in it. /dev/null takes its place, opened so that writing still fails.
void OccupyStandardDescriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1) (void)open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
  }
}

void EndBySignal(int signal) {
  converter::RemoveTemporaryFiles();
  // Once more, as if it had never been caught, so that the caller sees what ended the command.
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  std::signal(signal, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  std::raise(signal);
  _exit(128 + signal);  // the first process of a container is not ended by its own signals
}

// What ends the command early must not leave its temporary files behind. Signals that the caller has turned off (nohup)
// stay so. Two more become failures of writing, which ends the command in the ordinary way.
void TakeSignals() {
  constexpr int kEnding[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU};
  struct sigaction action{};
  action.sa_handler = EndBySignal;
  sigemptyset(&action.sa_mask);
  for (const int signal : kEnding) sigaddset(&action.sa_mask, signal);
  for (const int signal : kEnding) {
    struct sigaction before{};
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

int Dispatch(std::vector<std::string> arguments) {
  if (arguments.empty()) throw UsageError("no command: see pocketbert --help");
  std::string name = arguments[0];
  arguments.erase(arguments.begin());
  if (name == "--version") {
    Out().Write(VersionText());
    return kDone;
  }
  if (name == "--generate") {  // for who builds a package: no user needs it, so --help does not show it
    if (arguments.size() != 1) throw UsageError("--generate: it takes man, bash, zsh or fish");
    Out().WriteExact(Generate(arguments[0]));
    return kDone;
  }
  if (name == "help" && !arguments.empty()) {
    name = arguments[0];
    arguments = {"--help"};
  }
  if (name == "--help" || name == "-h" || name == "help") {
    Out().Write(Help());
    return kDone;
  }
  std::vector<std::string> names = {"--help", "--version"};
  for (const Command& command : Commands()) {
    if (name == command.name) {
      SetCommandName(name);
      CommandLine line(name, std::move(arguments));
      return command.run(line);
    }
    names.push_back(command.name);
  }
  throw UsageError(name + ": no such command" + converter::DidYouMean(name, names));
}

int Main(int count, char** words) {
  std::set_terminate(EndByTerminate);
  TakeSignals();
  OccupyStandardDescriptors();
  try {
    const int status = Dispatch({words, words + count});
    Out().Flush();
    return status;
  } catch (const UsageError& error) {
    Complain(CommandName(), error.what());
    return kWrongUsage;
  } catch (const OutputClosed&) {
    return kFailed;
  } catch (const std::bad_alloc&) {
    ComplainOfMemory();
    return kFailed;
  } catch (const std::exception& error) {
    try {
      Out().Flush();  // what was answered before the failure
    } catch (...) {   // the failure that came first is the one to tell
    }
    Complain(CommandName(), error.what());
    return kFailed;
  }
}

}  // namespace
}  // namespace pbert::cli

int main(int argc, char** argv) { return pbert::cli::Main(argc > 0 ? argc - 1 : 0, argv + (argc > 0)); }
