// DistilBERT (Sanh et al. 2019, https://arxiv.org/abs/1910.01108): BERT's encoder without token types and pooler.
#ifndef POCKETBERT_CONVERTER_DISTILBERT_H_
#define POCKETBERT_CONVERTER_DISTILBERT_H_

#include "converter/architectures.h"

namespace pbert {

// Describes a DistilBertForSequenceClassification checkpoint. Throws Error.
Network DescribeDistilBert(const Config& config, Plan* plan);

// Row `position` of the table of Vaswani et al. 2017 (https://arxiv.org/abs/1706.03762, section 3.5) that the reference
// uses when `sinusoidal_pos_embds` is set: sines in the even columns, cosines in the odd ones.
void SinusoidalPosition(uint32_t position, std::span<float> out);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_DISTILBERT_H_
