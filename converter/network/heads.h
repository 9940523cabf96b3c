// Which head a checkpoint carries, and that head as data.
#ifndef POCKETBERT_CONVERTER_NETWORK_HEADS_H_
#define POCKETBERT_CONVERTER_NETWORK_HEADS_H_

#include <memory>
#include <string>
#include <vector>

#include "converter/checkpoint/config.h"
#include "converter/network/family.h"
#include "converter/network/plan.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// "text-classification", "token-classification", ... as the reference's pipelines are called; what `--task` takes.
std::string TaskName(schema::Task task);
std::vector<std::string> TaskNames();

// Where a checkpoint has its tensors.
struct Prefixes {
  std::string encoder;  // "bert.", or "" where the encoder was saved alone
};

// The head for `task`, or, where that is empty, the one of config.json's `architectures`, or, in checkpoints too old to
// have that, the one that the tensors show. Throws Error with the way out.
const HeadNames& ChooseHead(const Family& family, const Config& config, const Prefixes& prefixes, const Plan& plan,
                            const std::string& task);

// Tells that an encoder alone was chosen though the weights hold a head, too.
void WarnOfLeftHead(const Family& family, const Config& config, const HeadNames& chosen, const Prefixes& prefixes,
                    const Plan& plan, const WarningCallback& warn);

// Plans the head's tensors. Throws Error.
std::unique_ptr<schema::HeadT> DescribeHead(const HeadNames& names, const Config& config, const Prefixes& prefixes,
                                            const schema::EncoderT& encoder, Plan* plan);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_HEADS_H_
