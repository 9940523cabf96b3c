// The few facts about the operating system. Nothing else in runtime/ includes a system header.
#ifndef POCKETBERT_BASE_PORT_H_
#define POCKETBERT_BASE_PORT_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace pbert {

// A read-only view of part of a file. A mapping covers whole pages, so what was asked for may begin
// inside it: `data` and `size` are the bytes to read, `mapping` and `mapping_size` what to give back.
// The file must not be shortened while it is mapped: reading what is gone raises SIGBUS.
struct FileMapping {
  const uint8_t* data = nullptr;
  size_t size = 0;
  void* mapping = nullptr;
  size_t mapping_size = 0;
};

// Maps a whole regular file. Errors: kIo with the path and the system's reason; an empty file is one.
Status MapFile(const char* path, FileMapping* mapping);

// Maps [offset, offset + length) of an open descriptor, which may be closed afterwards; length 0 means
// to the end of the file. Any offset that is a multiple of 4. The range must lie within the file.
Status MapDescriptor(int descriptor, uint64_t offset, uint64_t length, FileMapping* mapping);

// Null is allowed.
void Unmap(void* mapping, size_t mapping_size);

// Size in bytes of a regular file.
Status FileSize(const char* path, uint64_t* bytes);

size_t PageSize();

// Nanoseconds of a clock that never jumps; its zero means nothing.
uint64_t MonotonicNanoseconds();

// Zeroed memory that begins on a page, straight from the system; nullptr when there is none.
// Pages take physical memory only once touched. Free with the same size; null is allowed.
void* AllocatePages(size_t bytes);
// Of a mapped file, or memory: all of these bytes will be read soon. Where the system can, they are mapped at once,
// which costs a fraction of the page faults that it saves. Any address will do.
void AdviseWillRead(const void* data, size_t bytes);
// Of a mapped file: single rows of these bytes will be read, here and there, so that reading what lies around each is
// of no use.
void AdviseScatteredReads(const void* data, size_t bytes);
// Asks for large pages for memory of AllocatePages that is about to be filled: less than all of them are of no use.
void AdviseHugePages(void* memory, size_t bytes);
void FreePages(void* memory, size_t bytes);

// The value of an environment variable, or null. It belongs to the process.
const char* EnvironmentVariable(const char* name);

// A number that a child of fork() does not share with its parent.
uint64_t ProcessId();

// What errno says of a failed call, as "where: what: why". Of a long path only the end is shown, where the file's name
// is.
Status SystemError(const char* where, const char* what);

// The system's text for an errno value, in the caller's buffer or static memory; never null.
const char* ErrorText(int error, char* buffer, size_t size);

}  // namespace pbert

#endif  // POCKETBERT_BASE_PORT_H_
