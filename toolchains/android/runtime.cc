// What the library needs of a C++ library, for toolchains/android.cmake, which has no libc++_static as an NDK has.

#include <sched.h>
#include <stdlib.h>

#include <new>

// Of the bytes of a guard the first says that the object is there, and the compiler's code looks at it; the second that a thread is
// making it.
extern "C" int __cxa_guard_acquire(char* guard) {
  while (__atomic_exchange_n(guard + 1, 1, __ATOMIC_ACQUIRE) != 0) sched_yield();
  if (__atomic_load_n(guard, __ATOMIC_ACQUIRE) == 0) return 1;
  __atomic_store_n(guard + 1, 0, __ATOMIC_RELEASE);
  return 0;
}
extern "C" void __cxa_guard_release(char* guard) {
  __atomic_store_n(guard, 1, __ATOMIC_RELEASE);
  __atomic_store_n(guard + 1, 0, __ATOMIC_RELEASE);
}
extern "C" void __cxa_pure_virtual() { abort(); }

const std::nothrow_t std::nothrow{};

void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return malloc(bytes != 0 ? bytes : 1); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return malloc(bytes != 0 ? bytes : 1); }
void* operator new(size_t bytes) {
  void* memory = operator new(bytes, std::nothrow);
  if (memory == nullptr) abort();
  return memory;
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void operator delete(void* memory) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t) noexcept { free(memory); }
void operator delete[](void* memory, size_t) noexcept { free(memory); }
