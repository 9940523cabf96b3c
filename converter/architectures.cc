#include "converter/architectures.h"

#include <map>

#include "converter/distilbert.h"

namespace pbert {
namespace {

using Reader = Network (*)(const Config& config, Plan* plan);

// One line for each model_type of config.json, one small file for each reader.
const std::map<std::string, Reader>& Readers() {
  static const std::map<std::string, Reader> kReaders = {{"distilbert", DescribeDistilBert}};
  return kReaders;
}

}  // namespace

Network DescribeNetwork(const Config& config, Plan* plan) {
  const auto reader = Readers().find(config.model_type());
  if (reader != Readers().end()) return reader->second(config, plan);
  std::string supported;
  for (const auto& [type, unused] : Readers()) supported += (supported.empty() ? "" : ", ") + type;
  config.Fail("model_type", "is \"" + config.model_type() + "\", which is not supported (supported: " + supported + ")");
}

}  // namespace pbert
