#include "platforms/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

constexpr std::chrono::milliseconds kFirst(1000), kRedraw(100), kLogged(10000);
constexpr size_t kBar = 24;

}  // namespace

Progress::~Progress() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void Progress::Show(double done, const std::string& detail) {
  const auto now = Clock::now();
  const bool live = IsTerminal(STDERR_FILENO);
  if (now - start_ < kFirst || now - shown_ < (live ? kRedraw : kLogged)) return;
  shown_ = now;
  done = std::clamp(done, 0.0, 1.0);
  if (!live) {
    std::fprintf(stderr, "%s: %.0f %%: %s\n", what_.c_str(), 100 * done, detail.c_str());
    return;
  }
  std::string bar;
  for (size_t i = 0; i < kBar; ++i) bar += static_cast<double>(i) < done * kBar ? "█" : "░";
  std::fprintf(stderr, "\r%s %s %3.0f %% %s\033[K", what_.c_str(), bar.c_str(), 100 * done, detail.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::Count(size_t done, size_t total, const std::string& unit) {
  // A first or a smaller number begins another count; when its first part began is not known, so it does not count.
  if (counted_ == 0 || done < counted_) {
    count_start_ = Clock::now();
    first_ = done;
  }
  counted_ = done;
  const double seconds = std::chrono::duration<double>(Clock::now() - count_start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - first_) / seconds : 0;
  const double share = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  Show(share, Format("%s of %s %s, %.0f a second", Grouped(done).c_str(), Grouped(total).c_str(), unit.c_str(), rate));
}

}  // namespace pbert::cli
