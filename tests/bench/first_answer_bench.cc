// What a program that needs one answer pays: opening the file, making a session, the first answer, beside the time that
// later answers take, with page faults and the memory that the process holds in the end.
//
//     first_answer_bench FILE.pbert [cold]
//
// cold: the file's pages are dropped from the page cache before, so that the disk is read, and what reading the same
// pages one after the other takes is measured too. A process measures once: run it several times.
#include <fcntl.h>
#include <pocketbert/pocketbert.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

struct Point {
  double ms;
  long minor, major;
};

Point Now() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double, std::milli>(time).count(), usage.ru_minflt, usage.ru_majflt};
}

void Print(const char* what, const Point& from, const Point& to) {
  printf("%-14s %8.3f ms, %5ld page faults, %3ld of them from the disk\n", what, to.ms - from.ms,
         to.minor - from.minor + to.major - from.major, to.major - from.major);
}

bool Drop(int file) { return fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0; }

// Resident bytes of the file's pages in the page cache.
size_t Cached(int file, size_t size) {
  void* map = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  if (map == MAP_FAILED) return 0;
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> there((size + page - 1) / page);
  const bool known = mincore(map, size, there.data()) == 0;
  munmap(map, size);
  return known ? page * static_cast<size_t>(std::count_if(there.begin(), there.end(), [](auto c) { return c & 1; }))
               : 0;
}

int Fail(const char* what) {
  fprintf(stderr, "first_answer_bench: %s: %s\n", what, pbert_error());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fprintf(stderr, "usage: first_answer_bench FILE.pbert [cold]\n"), 2;
  const bool cold = argc > 2 && strcmp(argv[2], "cold") == 0;
  const int file = open(argv[1], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) return perror(argv[1]), 1;
  const auto size = static_cast<size_t>(status.st_size);
  if (cold && !Drop(file)) return perror("posix_fadvise"), 1;

  // 16 tokens with the special ones, of a vocabulary that has letters.
  pbert_input input = {};
  input.struct_size = sizeof(input);
  input.text = "a b c d e f g h i j k l m n";
  input.text_size = strlen(input.text);
  pbert_session_options options = {};
  options.struct_size = sizeof(options);
  options.max_tokens = 64;
  pbert_model* model = nullptr;
  pbert_session* session = nullptr;
  pbert_classification answer = {};
  answer.struct_size = sizeof(answer);

  const Point start = Now();
  if (pbert_open(argv[1], nullptr, &model) != PBERT_OK) return Fail("open");
  const Point opened = Now();
  if (pbert_session_create(model, &options, &session) != PBERT_OK) return Fail("session");
  const Point made = Now();
  if (pbert_classify(session, &input, &answer) != PBERT_OK) return Fail("classify");
  const Point answered = Now();
  double steady = 1e9;
  for (int i = 0; i < 100; ++i) {
    const Point before = Now();
    if (pbert_classify(session, &input, &answer) != PBERT_OK) return Fail("classify");
    steady = std::min(steady, Now().ms - before.ms);
  }

  Print("open", start, opened);
  Print("session", opened, made);
  Print("first answer", made, answered);
  printf("%-14s %8.3f ms\n", "later answers", steady);
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%-14s %8.1f MB, file %.1f MB\n", "peak resident", static_cast<double>(usage.ru_maxrss) * 1024 / 1e6,
         static_cast<double>(size) / 1e6);
  pbert_session_destroy(session);
  pbert_close(model);
  if (!cold) return 0;
  const size_t cached = Cached(file, size);
  if (!Drop(file)) return perror("posix_fadvise"), 1;
  std::vector<char> buffer(1 << 20);
  const Point before = Now();
  for (size_t at = 0; at < cached; at += buffer.size()) {
    if (pread(file, buffer.data(), buffer.size(), static_cast<off_t>(at)) < 0) return perror("pread"), 1;
  }
  printf("%-14s %8.3f ms for the %.1f MB that the answers needed\n", "reading", Now().ms - before.ms,
         static_cast<double>(cached) / 1e6);
  return 0;
}
