#include "base/status.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace pbert {

Status& Status::operator=(const Status& other) {
  code_ = other.code_;
  memcpy(message_, other.message_, strlen(other.message_) + 1);
  return *this;
}

Status Status::Error(Code code, const char* format, ...) {
  Status status;
  status.code_ = code;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(status.message_, kMessageSize, format, arguments);
  va_end(arguments);
  return status;
}

}  // namespace pbert
