// Which checkpoints can be converted, and how each kind is read.
#ifndef POCKETBERT_CONVERTER_NETWORK_ARCHITECTURES_H_
#define POCKETBERT_CONVERTER_NETWORK_ARCHITECTURES_H_

#include <memory>
#include <string>

#include "converter/checkpoint/config.h"
#include "converter/network/plan.h"
#include "converter/support/callbacks.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// What a checkpoint holds: the network as data. The tensors are in the plan.
struct ConvertedNetwork {
  std::string architecture;  // "DistilBertForSequenceClassification"
  std::unique_ptr<schema::EncoderT> encoder;
  std::unique_ptr<schema::HeadT> head;
  size_t encoder_tensors = 0;  // that come first in the plan; the others are the head's
};

// Reads config.json by the table of its model_type (see family.h). `task` is a pipeline's name, or empty: the head
// that the checkpoint was saved with. Throws Error, which names what is supported, when there is no such table or head.
// `warn` is told of a head in the weights that nobody asked for.
ConvertedNetwork DescribeNetwork(const Config& config, const std::string& task, Plan* plan,
                                 const WarningCallback& warn = {});

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_ARCHITECTURES_H_
