// Standard output and standard error of the command.
#ifndef POCKETBERT_PLATFORMS_CLI_OUTPUT_H_
#define POCKETBERT_PLATFORMS_CLI_OUTPUT_H_

#include <string>
#include <string_view>

#include "converter/support/error.h"

namespace pbert::cli {

// Whoever read our output has gone: the command ends quietly.
struct OutputClosed {};

// Standard output could not be written (a full disk): nothing more can be said there.
class OutputFailed : public converter::Error {
 public:
  using Error::Error;
};

// Buffered standard output whose failures are not lost. One thread.
class Output {
 public:
  // All throw OutputFailed when the system refuses, OutputClosed when the reader is gone.
  // For people: what could steer a terminal is shown as an escape (Guarded).
  void Write(std::string_view text);
  void WriteLine(std::string_view text) {
    Write(text);
    Write("\n");
  }
  // For machines, and for colours of our own.
  void WriteExact(std::string_view text);
  void WriteExactLine(std::string_view text) {
    WriteExact(text);
    WriteExact("\n");
  }
  void Flush();

 private:
  std::string buffer_;
};

Output& Out();

bool IsTerminal(int descriptor);

// One line on standard error: "pocketbert: WHAT: MESSAGE"; `what` may be empty. Flushes standard output first where
// both go to one terminal, so that they read in order.
void Complain(std::string_view what, std::string_view message);

// The line for std::bad_alloc, on which nothing is allocated. What was answered before it is printed.
void ComplainOfMemory();

// Which subcommand is running, for Complain's callers.
void SetCommandName(const std::string& name);
const std::string& CommandName();

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_OUTPUT_H_
