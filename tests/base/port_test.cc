#include "base/port.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

namespace pbert {
namespace {

// A file that is gone with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::vector<uint8_t>& bytes) {
    descriptor_ = mkstemp(path_);
    REQUIRE(descriptor_ >= 0);
    REQUIRE(write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~TemporaryFile() {
    close(descriptor_);
    unlink(path_);
  }
  const char* path() const { return path_; }
  int descriptor() const { return descriptor_; }

 private:
  char path_[32] = "/tmp/pocketbert_port_XXXXXX";
  int descriptor_ = -1;
};

std::vector<uint8_t> Bytes(size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + i / 256);
  return bytes;
}

bool Contains(const Status& status, const char* words) { return strstr(status.message(), words) != nullptr; }

TEST_CASE("a file is mapped whole") {
  const std::vector<uint8_t> bytes = Bytes(10001);
  const TemporaryFile file(bytes);
  FileMapping mapping;
  REQUIRE(MapFile(file.path(), &mapping).ok());
  REQUIRE(mapping.size == bytes.size());
  CHECK(memcmp(mapping.data, bytes.data(), bytes.size()) == 0);
  Unmap(mapping.mapping, mapping.mapping_size);
  uint64_t size = 0;
  REQUIRE(FileSize(file.path(), &size).ok());
  CHECK(size == bytes.size());
}

TEST_CASE("part of a descriptor is mapped at any offset that is a multiple of 4, and outlives it") {
  const std::vector<uint8_t> bytes = Bytes(3 * 65536);
  const TemporaryFile file(bytes);
  const uint64_t page = PageSize();
  for (uint64_t offset :
       {uint64_t{0}, uint64_t{4}, uint64_t{20}, uint64_t{60}, page - 4, page, page + 4, 2 * page + 60}) {
    for (uint64_t length : {uint64_t{0}, uint64_t{1}, uint64_t{100}, page, bytes.size() - offset}) {
      CAPTURE(offset);
      CAPTURE(length);
      const int descriptor = open(file.path(), O_RDONLY);
      FileMapping mapping;
      REQUIRE(MapDescriptor(descriptor, offset, length, &mapping).ok());
      close(descriptor);
      REQUIRE(mapping.size == (length == 0 ? bytes.size() - offset : length));
      CHECK(memcmp(mapping.data, bytes.data() + offset, mapping.size) == 0);
      Unmap(mapping.mapping, mapping.mapping_size);
    }
  }
}

TEST_CASE("a range that is not in the file is refused, because reading it would raise SIGBUS") {
  const TemporaryFile file(Bytes(1000));
  FileMapping mapping;
  const struct {
    uint64_t offset, length;
  } ranges[] = {{0, 1001}, {1000, 1}, {1004, 0}, {996, 5}, {UINT64_MAX - 3, 8}, {4, UINT64_MAX}, {UINT64_MAX - 3, 0}};
  for (const auto& range : ranges) {
    const Status status = MapDescriptor(file.descriptor(), range.offset, range.length, &mapping);
    CAPTURE(range.offset);
    CHECK(status.code() == Code::kIo);
    CHECK(Contains(status, "beyond the end"));
  }
  CHECK(MapDescriptor(file.descriptor(), 2, 4, &mapping).code() == Code::kInvalidArgument);
  CHECK(Contains(MapDescriptor(file.descriptor(), 1000, 0, &mapping), "empty"));
}

TEST_CASE("errors name the path and the reason") {
  FileMapping mapping;
  Status status = MapFile("/nonexistent/model.pbert", &mapping);
  CHECK(status.code() == Code::kIo);
  CHECK(Contains(status, "/nonexistent/model.pbert"));
  CHECK(Contains(status, "No such file"));
  CHECK(Contains(MapFile("/tmp", &mapping), "is a directory"));
  CHECK(Contains(MapFile("/dev/null", &mapping), "not a regular file"));
  CHECK(Contains(MapFile(TemporaryFile({}).path(), &mapping), "empty"));
  CHECK(Contains(MapDescriptor(-1, 0, 0, &mapping), "Bad file descriptor"));
  uint64_t size;
  CHECK(Contains(FileSize("/nonexistent/x", &size), "/nonexistent/x"));
  // Of a long path the end remains, and the reason is not cut off.
  const std::string longish = std::string(1000, 'd') + "/the-file";
  status = MapFile(longish.c_str(), &mapping);
  CHECK(Contains(status, "/the-file"));
  CHECK(Contains(status, "cannot open: "));
}

TEST_CASE("a named pipe is refused at once") {
  char path[] = "/tmp/pocketbert_port_XXXXXX";
  REQUIRE(mkdtemp(path) != nullptr);
  const std::string pipe = std::string(path) + "/pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  FileMapping mapping;
  CHECK(Contains(MapFile(pipe.c_str(), &mapping), "not a regular file"));
  unlink(pipe.c_str());
  rmdir(path);
}

TEST_CASE("pages are aligned, zeroed, writable") {
  const size_t page = PageSize();
  CHECK(page >= 4096);
  CHECK((page & (page - 1)) == 0);
  for (size_t bytes : {size_t{1}, page - 1, page, page + 1, 10 * page}) {
    uint8_t* memory = static_cast<uint8_t*>(AllocatePages(bytes));
    REQUIRE(memory != nullptr);
    CHECK(reinterpret_cast<uintptr_t>(memory) % page == 0);
    for (size_t i = 0; i < bytes; ++i) REQUIRE(memory[i] == 0);
    memset(memory, 1, bytes);
    FreePages(memory, bytes);
  }
  CHECK(AllocatePages(0) == nullptr);
  CHECK(AllocatePages(SIZE_MAX) == nullptr);
  FreePages(nullptr, 100);
  Unmap(nullptr, 100);
}

TEST_CASE("the clock goes forward") {
  const uint64_t first = MonotonicNanoseconds();
  CHECK(first > 0);
  usleep(2000);
  CHECK(MonotonicNanoseconds() - first >= 2000000);
}

TEST_CASE("error texts") {
  char buffer[80];
  CHECK(std::string(ErrorText(ENOENT, buffer, sizeof(buffer))).find("No such file") != std::string::npos);
  CHECK(ErrorText(123456, buffer, sizeof(buffer)) != nullptr);
}

}  // namespace
}  // namespace pbert
