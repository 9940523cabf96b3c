// Structs that cross the C interface, between callers and libraries of different ages.
#ifndef POCKETBERT_C_API_STRUCT_H_
#define POCKETBERT_C_API_STRUCT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/status.h"
#include "pocketbert/pocketbert.h"

namespace pbert {

// A struct_size above this is taken for memory that nobody initialized.
inline constexpr uint32_t kLargestStruct = 4096;

// What there is to know about a struct: its name for messages, and its size in the first library that had it,
// below which no caller can be. Adding a field at the end changes neither.
//
// A new field must not lie in what was padding at the struct's end: sizeof would not tell old callers from new.
struct StructKind {
  const char* name;
  size_t first_size;
};

// Checks the struct_size that a caller gave.
inline Status CheckStructSize(uint32_t given, const StructKind& kind) {
  if (given >= kind.first_size && given <= kLargestStruct) return Status();
  return Status::Error(Code::kInvalidArgument,
                       "%s: struct_size is %u, not sizeof(%s); initialize the struct as its header says", kind.name,
                       given, kind.name);
}

// Reads a caller's struct into one of this library's size. An older caller's is shorter: the fields it does
// not have are 0. A newer caller's is longer: what it asks for beyond our fields would be ignored, so it must
// be 0. Null stands for a struct of defaults.
template <typename T>
Status ReadStruct(const T* given, const StructKind& kind, T* copy) {
  memset(copy, 0, sizeof(T));
  if (given != nullptr) {
    const uint32_t size = given->struct_size;
    PBERT_RETURN_IF_ERROR(CheckStructSize(size, kind));
    const auto* bytes = reinterpret_cast<const unsigned char*>(given);
    if (std::any_of(bytes + std::min<size_t>(sizeof(T), size), bytes + size,
                    [](unsigned char byte) { return byte != 0; })) {
      return Status::Error(Code::kUnsupported,
                           "%s: a field is set that this library (%s) does not know; it is older than its header",
                           kind.name, PBERT_VERSION);
    }
    memcpy(copy, given, std::min<size_t>(sizeof(T), size));
  }
  copy->struct_size = sizeof(T);
  return Status();
}

// Writes a result into a caller's struct, whose struct_size has been checked and stays as it is: an older
// caller gets the fields it has room for, a newer one zeros in those that this library does not know.
template <typename T>
void WriteStruct(const T& result, T* out) {
  const uint32_t size = out->struct_size;
  auto* bytes = reinterpret_cast<unsigned char*>(out);
  memcpy(bytes, &result, std::min<size_t>(sizeof(T), size));
  if (size > sizeof(T)) memset(bytes + sizeof(T), 0, size - sizeof(T));
  out->struct_size = size;
}

// Where a struct ended when it first appeared.
#define PBERT_STRUCT_KIND(type, last_field) \
  ::pbert::StructKind { #type, offsetof(type, last_field) + sizeof(type::last_field) }

}  // namespace pbert

#endif  // POCKETBERT_C_API_STRUCT_H_
