// The outcome of an operation that can fail: a code and a message that says where and why.
#ifndef POCKETBERT_BASE_STATUS_H_
#define POCKETBERT_BASE_STATUS_H_

#include <cstddef>
#include <cstdint>

namespace pbert {

// Same numbers as pbert_status in pocketbert.h.
enum class Code : uint8_t {
  kOk = 0,
  kInvalidArgument = 1,  // the caller broke a rule of the interface
  kIo = 2,               // the operating system refused a file or a mapping
  kBadFile = 3,          // not a .pbert file, damaged, or inconsistent
  kUnsupported = 4,      // well formed, but this library (or build) cannot do it
  kNoMemory = 5,         // an allocation failed, or the given memory is too small
};

// Holds its message inline, so that reporting an error never allocates. Returning one costs a copy
// of a few bytes when it is OK. Thread safety: as a plain value.
class [[nodiscard]] Status {
 public:
  Status() { message_[0] = '\0'; }
  Status(const Status& other) { *this = other; }
  Status& operator=(const Status& other);

  // printf-style; convention for the text: "where: why", lower case, no full stop.
  [[gnu::format(printf, 2, 3)]] static Status Error(Code code, const char* format, ...);

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const char* message() const { return message_; }

 private:
  static constexpr size_t kMessageSize = 240;
  Code code_ = Code::kOk;
  char message_[kMessageSize];
};

#define PBERT_RETURN_IF_ERROR(expression)                                      \
  do {                                                                         \
    if (::pbert::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

}  // namespace pbert

#endif  // POCKETBERT_BASE_STATUS_H_
