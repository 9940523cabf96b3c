// 64-bit file sizes and offsets on 32-bit systems too; must come before any system header.
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include "base/port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

namespace pbert {
namespace {

// strerror_r exists in two shapes: POSIX's returns an error number and always writes to the buffer,
// glibc's returns the text, which may lie elsewhere. The overload picks itself.
[[maybe_unused]] const char* TextOf(int result, const char* buffer) { return result == 0 ? buffer : "unknown error"; }
[[maybe_unused]] const char* TextOf(const char* result, const char*) { return result; }

// A message holds some 200 bytes: of a long path only the end is shown, where the file's name is.
const char* Shortened(const char* path) {
  constexpr size_t kMax = 120;
  const size_t length = strlen(path);
  return length > kMax ? path + length - kMax : path;
}

Status RegularFileSize(int descriptor, const char* where, uint64_t* bytes) {
  struct stat info;
  if (fstat(descriptor, &info) != 0) return SystemError(where, "cannot tell the size");
  if (S_ISDIR(info.st_mode)) return Status::Error(Code::kIo, "%s: is a directory, not a file", Shortened(where));
  if (!S_ISREG(info.st_mode)) return Status::Error(Code::kIo, "%s: is not a regular file", Shortened(where));
  *bytes = static_cast<uint64_t>(info.st_size);
  return Status();
}

int OpenForReading(const char* path) {
  int descriptor;
  // O_NONBLOCK: opening a named pipe must fail below, not wait for somebody to write to it.
  do {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

// mmap takes offsets that are multiples of a page only, so the mapping starts at the page that holds
// the first byte, and `data` points into it.
Status MapRange(int descriptor, const char* where, uint64_t offset, uint64_t length, FileMapping* mapping) {
  uint64_t file_size = 0;
  PBERT_RETURN_IF_ERROR(RegularFileSize(descriptor, where, &file_size));
  if (offset % 4 != 0) {
    return Status::Error(Code::kInvalidArgument, "%s: offset %llu: not a multiple of 4", Shortened(where),
                         static_cast<unsigned long long>(offset));
  }
  if (offset > file_size || length > file_size - offset) {
    return Status::Error(Code::kIo, "%s: bytes %llu + %llu: beyond the end of the file, which has %llu bytes",
                         Shortened(where), static_cast<unsigned long long>(offset),
                         static_cast<unsigned long long>(length), static_cast<unsigned long long>(file_size));
  }
  if (length == 0) length = file_size - offset;
  if (length == 0) return Status::Error(Code::kIo, "%s: the file is empty", Shortened(where));

  const uint64_t skip = offset % PageSize();
  if (length > SIZE_MAX - skip) {
    return Status::Error(Code::kNoMemory, "%s: %llu bytes do not fit this system's address space", Shortened(where),
                         static_cast<unsigned long long>(length));
  }
  const size_t mapping_size = static_cast<size_t>(length + skip);
  void* start = mmap(nullptr, mapping_size, PROT_READ, MAP_PRIVATE, descriptor, static_cast<off_t>(offset - skip));
  if (start == MAP_FAILED) return SystemError(where, "cannot map");
  mapping->mapping = start;
  mapping->mapping_size = mapping_size;
  mapping->data = static_cast<const uint8_t*>(start) + skip;
  mapping->size = static_cast<size_t>(length);
  return Status();
}

}  // namespace

Status SystemError(const char* where, const char* what) {
  const int error = errno;
  char text[80];
  const Code code = error == ENOMEM ? Code::kNoMemory : Code::kIo;
  return Status::Error(code, "%s: %s: %s", Shortened(where), what, ErrorText(error, text, sizeof(text)));
}

const char* ErrorText(int error, char* buffer, size_t size) { return TextOf(strerror_r(error, buffer, size), buffer); }

Status MapFile(const char* path, FileMapping* mapping) {
  const int descriptor = OpenForReading(path);
  if (descriptor < 0) return SystemError(path, "cannot open");
  const Status status = MapRange(descriptor, path, 0, 0, mapping);
  close(descriptor);
  return status;
}

Status MapDescriptor(int descriptor, uint64_t offset, uint64_t length, FileMapping* mapping) {
  return MapRange(descriptor, "file descriptor", offset, length, mapping);
}

void Unmap(void* mapping, size_t mapping_size) {
  if (mapping != nullptr) munmap(mapping, mapping_size);
}

Status FileSize(const char* path, uint64_t* bytes) {
  const int descriptor = OpenForReading(path);
  if (descriptor < 0) return SystemError(path, "cannot open");
  const Status status = RegularFileSize(descriptor, path, bytes);
  close(descriptor);
  return status;
}

size_t PageSize() {
  static const size_t size = [] {
    const long answer = sysconf(_SC_PAGESIZE);
    return answer > 0 ? static_cast<size_t>(answer) : size_t{4096};
  }();
  return size;
}

const char* EnvironmentVariable(const char* name) { return getenv(name); }

uint64_t ProcessId() { return static_cast<uint64_t>(getpid()); }

uint64_t MonotonicNanoseconds() {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

namespace {

// Packed weights are read from end to end for every request, and activations in long strides. In pages of
// 4 KB most of that misses the TLB: at 8 tokens it is a sixth of the time. So larger blocks ask for
// pages of this size, as far as they fill them. A hint: nothing depends on the system's following it.
constexpr size_t kHugePage = 2u << 20;

// Address space is mapped in whole huge pages, because then the kernel aligns it to them; what the caller
// did not ask for is never touched.
size_t MappedSize(size_t bytes) { return RoundUp(bytes, bytes < kHugePage ? PageSize() : kHugePage); }

}  // namespace

void* AllocatePages(size_t bytes) {
  if (bytes == 0 || bytes > SIZE_MAX - kHugePage) return nullptr;
  void* memory = mmap(nullptr, MappedSize(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

void AdviseWillRead(const void* data, size_t bytes) {
#if defined(MADV_WILLNEED)
  const auto first = reinterpret_cast<uintptr_t>(data) / PageSize() * PageSize();
  const size_t size = reinterpret_cast<uintptr_t>(data) + bytes - first;
  void* const start = reinterpret_cast<void*>(first);
#if defined(__linux__)
  constexpr int kPopulateRead = 22;  // MADV_POPULATE_READ, of Linux 5.14, which older headers lack
  if (madvise(start, size, kPopulateRead) == 0) return;
#endif
  madvise(start, size, MADV_WILLNEED);
#else
  (void)data, (void)bytes;
#endif
}

// Whole pages only: what else lies on the first and the last one may be read another way.
void AdviseScatteredReads(const void* data, size_t bytes) {
#if defined(MADV_RANDOM)
  const uintptr_t first = RoundUp(reinterpret_cast<uintptr_t>(data), PageSize());
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + bytes) / PageSize() * PageSize();
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_RANDOM);
#else
  (void)data, (void)bytes;
#endif
}

void AdviseHugePages(void* memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes >= kHugePage) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#else
  (void)memory, (void)bytes;
#endif
}

void FreePages(void* memory, size_t bytes) {
  if (memory != nullptr) munmap(memory, MappedSize(bytes));
}

}  // namespace pbert
