#include "base/port_thread.h"

#include "base/port.h"

namespace pbert {

Status StartThread(void* (*main)(void*), void* argument, PortThread* thread) {
  const int error = pthread_create(thread, nullptr, main, argument);
  if (error == 0) return Status();
  char buffer[64];
  return Status::Error(Code::kNoMemory, "cannot start a thread: %s", ErrorText(error, buffer, sizeof(buffer)));
}

void JoinThread(PortThread thread) { pthread_join(thread, nullptr); }

}  // namespace pbert
