// Runs a fuzz target over files and folders, once each, without libFuzzer: its seeds and kept inputs as a test.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// model_fuzz.cc's mutator names it; nobody mutates here.
extern "C" size_t LLVMFuzzerMutate(uint8_t*, size_t size, size_t) { return size; }

namespace {

// An input takes thousandths of a second. SIGALRM ends the process; how much memory one may take is in ASAN_OPTIONS.
constexpr unsigned kMaxSeconds = 30;

void Run(const std::filesystem::path& path) {
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);  // the last line says which input it was
  std::ifstream file(path, std::ios::binary);
  if (!file) std::abort();
  const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
  // An array of exactly so many bytes: the address sanitizer sees a read beyond.
  uint8_t* const copy = static_cast<uint8_t*>(std::malloc(std::max<size_t>(bytes.size(), 1)));
  std::copy(bytes.begin(), bytes.end(), copy);
  alarm(kMaxSeconds);
  LLVMFuzzerTestOneInput(copy, bytes.size());
  std::free(copy);
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> paths;
    if (std::filesystem::is_directory(argv[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(argv[i])) paths.push_back(entry.path());
    } else if (std::filesystem::exists(argv[i])) {
      paths.push_back(argv[i]);
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) Run(path);
    count += paths.size();
  }
  std::printf("%zu inputs\n", count);
  return count > 0 ? 0 : 1;
}
