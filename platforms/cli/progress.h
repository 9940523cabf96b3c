// Progress of long work, on standard error.
#ifndef POCKETBERT_PLATFORMS_CLI_PROGRESS_H_
#define POCKETBERT_PLATFORMS_CLI_PROGRESS_H_

#include <chrono>
#include <string>

namespace pbert::cli {

// Silent for the first second. Then a line that is redrawn where standard error is a terminal, else a line now and
// then, so that a log shows life without filling up. One thread at a time.
class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of the whole, 0 to 1; `detail` says what is going on: "1,200 of 5,500, 310 a second".
  void Show(double done, const std::string& detail);
  // The same for things that are counted, with their rate.
  void Count(size_t done, size_t total, const std::string& unit);

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
  Clock::time_point count_start_ = start_;  // of what Count counts
  size_t first_ = 0, counted_ = 0;
  bool drawn_ = false;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_PROGRESS_H_
