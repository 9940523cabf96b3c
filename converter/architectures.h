// Which checkpoints can be converted, and how each kind is read.
#ifndef POCKETBERT_CONVERTER_ARCHITECTURES_H_
#define POCKETBERT_CONVERTER_ARCHITECTURES_H_

#include <memory>
#include <string>

#include "converter/config.h"
#include "converter/plan.h"
#include "schema/model_generated.h"

namespace pbert {

// What an architecture reader makes of a checkpoint: the network as data. The tensors are in the plan.
struct Network {
  std::string architecture;  // "DistilBertForSequenceClassification"
  std::unique_ptr<schema::EncoderT> encoder;
  std::unique_ptr<schema::HeadT> head;
};

// Finds the reader for config.model_type() and runs it. Throws Error, which names what is supported, when there is none.
Network DescribeNetwork(const Config& config, Plan* plan);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_ARCHITECTURES_H_
