// What DistilBERT has and nobody else.
#ifndef POCKETBERT_CONVERTER_NETWORK_DISTILBERT_H_
#define POCKETBERT_CONVERTER_NETWORK_DISTILBERT_H_

#include <cstdint>
#include <span>

namespace pbert::converter {

// Row `position` of the table of Vaswani et al. 2017 (https://arxiv.org/abs/1706.03762, section 3.5) that the reference
// uses when `sinusoidal_pos_embds` is set: sines in the even columns, cosines in the odd ones.
void SinusoidalPosition(uint32_t position, std::span<float> out);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_DISTILBERT_H_
