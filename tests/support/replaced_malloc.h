// Replaces the C library's allocator by one that hands out a big block front to back and takes nothing back, that
// counts, and that fails where it is told to. It needs nothing from the C library, so it also works where that is
// linked statically. For a test that is a process of its own: include it once, before what is tested.
#ifndef POCKETBERT_TESTS_SUPPORT_REPLACED_MALLOC_H_
#define POCKETBERT_TESTS_SUPPORT_REPLACED_MALLOC_H_

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define PBERT_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PBERT_SANITIZED 1
#endif

#if !defined(PBERT_SANITIZED) && defined(__linux__)
#define PBERT_REPLACES_MALLOC 1
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(PBERT_REPLACES_MALLOC)
namespace {

constexpr size_t kPoolSize = size_t{192} << 20;
alignas(4096) unsigned char pool[kPoolSize];  // zero pages: physical memory comes when touched
std::atomic<size_t> pool_used{0};
std::atomic<bool> counting{false};
std::atomic<unsigned> allocations{0};
std::atomic<long> live_bytes{0};  // taken from the pool and not given back

// The number of the allocation that fails, counted from 1 while `counting`; 0: none does. With `and_all_behind` those
// behind it fail, too.
std::atomic<unsigned> fail_at{0};
std::atomic<bool> and_all_behind{false};

// Counts one allocation, and says whether it is to fail.
[[maybe_unused]] bool CountedFailure() {
  if (!counting.load()) return false;
  const unsigned number = allocations.fetch_add(1) + 1;
  const unsigned at = fail_at.load();
  return at != 0 && (number == at || (and_all_behind.load() && number > at));
}

// A block's size is kept in front of it, for realloc.
void* Take(size_t alignment, size_t size) {
  if (CountedFailure()) {
    errno = ENOMEM;
    return nullptr;
  }
  if (alignment < 16) alignment = 16;
  const size_t room = size + alignment + 16;
  if (room < size) return nullptr;
  const size_t at = pool_used.fetch_add((room + 15) / 16 * 16);
  if (at + room > kPoolSize) return nullptr;
  const uintptr_t start = reinterpret_cast<uintptr_t>(pool + at) + 16;
  const uintptr_t aligned = (start + alignment - 1) / alignment * alignment;
  unsigned char* block = pool + (aligned - reinterpret_cast<uintptr_t>(pool));
  memcpy(block - sizeof(size_t), &size, sizeof(size));
  live_bytes.fetch_add(static_cast<long>(size));
  return block;
}

size_t SizeOf(void* block) {
  size_t size;
  memcpy(&size, static_cast<unsigned char*>(block) - sizeof(size_t), sizeof(size));
  return size;
}

}  // namespace

extern "C" {
void* malloc(size_t size) noexcept { return Take(16, size); }
void free(void* block) noexcept {
  if (block != nullptr) live_bytes.fetch_sub(static_cast<long>(SizeOf(block)));
}
void* calloc(size_t count, size_t size) noexcept {
  size_t bytes;
  return __builtin_mul_overflow(count, size, &bytes) ? nullptr : Take(16, bytes);  // the pool is zero and used once
}
void* realloc(void* old, size_t size) noexcept {
  void* block = Take(16, size);
  if (block != nullptr && old != nullptr) memcpy(block, old, SizeOf(old) < size ? SizeOf(old) : size);
  if (block != nullptr) free(old);
  return block;
}
void* memalign(size_t alignment, size_t size) noexcept { return Take(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) noexcept { return Take(alignment, size); }
void* valloc(size_t size) noexcept { return Take(4096, size); }
void* pvalloc(size_t size) noexcept { return Take(4096, (size + 4095) / 4096 * 4096); }
int posix_memalign(void** block, size_t alignment, size_t size) noexcept {
  *block = Take(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
size_t malloc_usable_size(void* block) noexcept { return block == nullptr ? 0 : SizeOf(block); }

void* mmap(void* address, size_t size, int protection, int flags, int descriptor, off_t offset) noexcept {
  if (CountedFailure()) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
#if defined(SYS_mmap2)
  return reinterpret_cast<void*>(syscall(SYS_mmap2, address, size, protection, flags, descriptor, offset / 4096));
#else
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, size, protection, flags, descriptor, offset));
#endif
}
}  // extern "C"
#endif

#endif  // POCKETBERT_TESTS_SUPPORT_REPLACED_MALLOC_H_
