#include "platforms/cli/bench_request.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "converter/evaluate/model_handle.h"
#include "converter/support/error.h"

namespace pbert::cli {
namespace {

// Whether the file's pages have left the page cache: on tmpfs they cannot, and others may map the file.
bool DropFromCache(const std::string& path) {
#if defined(POSIX_FADV_DONTNEED)
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  struct stat status;
  bool dropped = fstat(file, &status) == 0 && fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0;
  const auto size = static_cast<size_t>(dropped ? status.st_size : 0);
  void* map = size > 0 ? mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  close(file);
  if (map == MAP_FAILED) return false;
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> there((size + page - 1) / page);
  dropped = mincore(map, size, there.data()) == 0 &&
            std::none_of(there.begin(), there.end(), [](unsigned char c) { return (c & 1) != 0; });
  munmap(map, size);
  return dropped;
#else
  (void)path;
  return false;
#endif
}

double MeasureFirstAnswer(const std::string& path, const pbert_session_options& options, const BenchText& text,
                          uint32_t tokens) {
  const auto start = std::chrono::steady_clock::now();
  const converter::ModelHandle model(path);
  const converter::SessionHandle session = model.NewSession(options);
  AskBenchText(session.get(), model.info().task, text, tokens);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void AskBenchText(pbert_session* session, uint32_t task, const BenchText& text, uint32_t tokens) {
  const std::string_view pair = text.pair;
  const pbert_input input = converter::MakeInput(text.text, text.pair.empty() ? nullptr : &pair);
  uint32_t count = tokens;
  if (task == PBERT_TOKEN_CLASSIFICATION) {
    pbert_entities answer = PBERT_ENTITIES;
    converter::Require(pbert_tag(session, &input, PBERT_AGGREGATE_SIMPLE, &answer));
    count = answer.token_count;
  } else if (task == PBERT_FEATURE_EXTRACTION) {
    pbert_embedding answer = PBERT_EMBEDDING;
    converter::Require(pbert_embed(session, &input, PBERT_POOL_MODEL, 0, &answer));
  } else if (task == PBERT_QUESTION_ANSWERING) {
    pbert_answer_span answer;
    uint32_t answers = 0;
    converter::Require(pbert_answer(session, &input, nullptr, &answer, 1, &answers));
  } else if (task == PBERT_FILL_MASK) {
    pbert_fill fills[5];
    uint32_t filled = 0;
    converter::Require(pbert_fill_mask(session, &input, 5, nullptr, 0, fills, 5, &filled));
  } else {
    pbert_classification answer = PBERT_CLASSIFICATION;
    converter::Require(pbert_classify(session, &input, &answer));
    count = answer.token_count;
  }
  if (count != tokens) throw converter::Error("a text of the wrong length was timed");
}

std::optional<double> FirstAnswerMs(const std::string& path, const pbert_session_options& options,
                                    const BenchText& text, uint32_t tokens, bool drop_cache) {
  if (drop_cache && !DropFromCache(path)) return {};
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    double ms = 0;
    try {
      ms = MeasureFirstAnswer(path, options, text, tokens);
    } catch (const std::exception&) {
      _exit(1);  // this process meets the same error, and tells it
    }
    _exit(write(ends[1], &ms, sizeof(ms)) == sizeof(ms) ? 0 : 1);
  }
  close(ends[1]);
  double ms = 0;
  ssize_t got = -1;
  if (child > 0) {
    do {
      got = read(ends[0], &ms, sizeof(ms));
    } while (got < 0 && errno == EINTR);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  close(ends[0]);
  return got == sizeof(ms) ? std::optional(ms) : std::nullopt;
}

}  // namespace pbert::cli
