#include "platforms/cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

constexpr size_t kBuffer = 1 << 16;

// False: errno says why.
bool WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

std::string& Name() {
  static std::string name;
  return name;
}

}  // namespace

void Output::Write(std::string_view text) { WriteExact(Guarded(text)); }

void Output::WriteExact(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= kBuffer) Flush();
}

void Output::Flush() {
  std::string pending;
  pending.swap(buffer_);  // what could not be written is not tried again
  if (WriteAll(STDOUT_FILENO, pending)) {
    pending.clear();
    buffer_.swap(pending);  // keeps the capacity
    return;
  }
  if (errno == EPIPE) throw OutputClosed();
  throw OutputFailed(std::string("standard output: ") + std::strerror(errno));
}

Output& Out() {
  static Output output;
  return output;
}

bool IsTerminal(int descriptor) { return isatty(descriptor) == 1; }

void Complain(std::string_view what, std::string_view message) {
  if (IsTerminal(STDOUT_FILENO)) Out().Flush();
  std::string line = "pocketbert: ";
  if (!what.empty()) line.append(OneLine(what, SIZE_MAX)).append(": ");
  line.append(OneLine(message, SIZE_MAX)).append("\n");
  (void)WriteAll(STDERR_FILENO, line);
}

void ComplainOfMemory() {
  try {
    Out().Flush();
  } catch (...) {  // the failure that came first is the one to tell
  }
  (void)WriteAll(STDERR_FILENO, "pocketbert: ");
  (void)WriteAll(STDERR_FILENO, Name());
  if (!Name().empty()) (void)WriteAll(STDERR_FILENO, ": ");
  (void)WriteAll(STDERR_FILENO, "out of memory\n");
}

void SetCommandName(const std::string& name) { Name() = name; }
const std::string& CommandName() { return Name(); }

}  // namespace pbert::cli
