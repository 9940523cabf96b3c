#include "base/port_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cstdint>

#include "base/port.h"

namespace pbert {
namespace {

constexpr size_t kLongestPath = 4096;

// pwrite, because it can write to nothing but a file.
bool WriteAll(int descriptor, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t written = pwrite(descriptor, data + done, size - done, static_cast<off_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<size_t>(written);
  }
  return true;
}

// So that the rename itself is on the disk. A system that cannot open folders, or sync them, has done what it can.
void SyncFolderOf(char* path) {
  char* const slash = strrchr(path, '/');
  if (slash != nullptr) slash[slash == path ? 1 : 0] = '\0';
  const int folder = open(slash == nullptr ? "." : path, O_RDONLY | O_CLOEXEC);
  if (folder < 0) return;
  (void)fsync(folder);
  close(folder);
}

}  // namespace

Status ReplaceFile(const char* path, const void* data, size_t size) {
  char beside[kLongestPath];
  const int length = snprintf(beside, sizeof(beside), "%s.new", path);
  if (length < 0 || static_cast<size_t>(length) >= sizeof(beside)) {
    return Status::Error(Code::kInvalidArgument, "a path of more than %zu bytes", sizeof(beside) - 5);
  }
  const int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return SystemError(beside, "cannot create");
  const bool written = WriteAll(descriptor, static_cast<const uint8_t*>(data), size) && fsync(descriptor) == 0;
  Status status = written ? Status() : SystemError(beside, "cannot write");
  if (close(descriptor) != 0 && status.ok()) status = SystemError(beside, "cannot write");
  if (status.ok() && rename(beside, path) != 0) status = SystemError(path, "cannot replace");
  if (!status.ok()) {
    unlink(beside);
    return status;
  }
  SyncFolderOf(beside);
  return Status();
}

}  // namespace pbert
