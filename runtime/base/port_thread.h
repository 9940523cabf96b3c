// Starting and joining a thread: std::thread throws when there are none left, and runtime/ cannot catch.
#ifndef POCKETBERT_BASE_PORT_THREAD_H_
#define POCKETBERT_BASE_PORT_THREAD_H_

#include <pthread.h>

#include "base/status.h"

namespace pbert {

using PortThread = pthread_t;

Status StartThread(void* (*main)(void*), void* argument, PortThread* thread);
void JoinThread(PortThread thread);

}  // namespace pbert

#endif  // POCKETBERT_BASE_PORT_THREAD_H_
