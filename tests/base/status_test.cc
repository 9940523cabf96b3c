#include "base/status.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

namespace pbert {
namespace {

Status Twice(const Status& status) {
  PBERT_RETURN_IF_ERROR(status);
  return Status::Error(Code::kIo, "went on");
}

TEST_CASE("a status carries its code and its formatted message") {
  CHECK(Status().ok());
  CHECK(Status().code() == Code::kOk);
  CHECK(std::string(Status().message()).empty());
  const Status status = Status::Error(Code::kBadFile, "tensor %s: %d rows", "x", 7);
  CHECK_FALSE(status.ok());
  const Status copy = status;
  CHECK(copy.code() == Code::kBadFile);
  CHECK(std::string(copy.message()) == "tensor x: 7 rows");
}

TEST_CASE("a long message is cut, not overrun") {
  const std::string text(10000, 'x');
  const Status status = Status::Error(Code::kIo, "%s", text.c_str());
  const size_t length = strlen(status.message());
  CHECK(length > 200);
  CHECK(length < 300);
  Status other = Status::Error(Code::kIo, "short");
  other = status;
  CHECK(strlen(other.message()) == length);
}

TEST_CASE("PBERT_RETURN_IF_ERROR returns errors and only errors") {
  CHECK(std::string(Twice(Status()).message()) == "went on");
  CHECK(std::string(Twice(Status::Error(Code::kNoMemory, "none")).message()) == "none");
}

}  // namespace
}  // namespace pbert
