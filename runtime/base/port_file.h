// Writing a small file so that whoever opens it sees the old one or the new one, never a part.
#ifndef POCKETBERT_BASE_PORT_FILE_H_
#define POCKETBERT_BASE_PORT_FILE_H_

#include <cstddef>

#include "base/status.h"

namespace pbert {

// Writes a new file beside `path`, of the same name with ".new" behind it, waits until the disk has it, and renames it.
// A process that ends in between leaves the old file, and perhaps the other, which the next call replaces. Errors: kIo
// with the path and the system's reason; the old file is there then. One process at a time may write a path.
Status ReplaceFile(const char* path, const void* data, size_t size);

}  // namespace pbert

#endif  // POCKETBERT_BASE_PORT_FILE_H_
