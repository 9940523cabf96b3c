// run --raw: the network's outputs instead of the task's answer.
#ifndef POCKETBERT_PLATFORMS_CLI_RAW_H_
#define POCKETBERT_PLATFORMS_CLI_RAW_H_

#include <string>

#include "converter/check/raw_outputs.h"
#include "platforms/cli/input.h"

namespace pbert::cli {

// Prints one JSON object for each request. One thread at a time.
class RawRunner {
 public:
  RawRunner(const std::string& path, const converter::RawOptions& options) : model_(path, options) {}

  void Answer(size_t number, const Request& request);
  void Fail(const std::string& why) const;
  void Finish() const { truncation_.Finish(count_); }

 private:
  converter::RawModel model_;
  size_t count_ = 0;
  TruncationNotice truncation_;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_RAW_H_
