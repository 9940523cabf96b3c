// Texts on which a fresh file is compared with its fp32 twin.
#ifndef POCKETBERT_CONVERTER_CHECK_SAMPLE_TEXTS_H_
#define POCKETBERT_CONVERTER_CHECK_SAMPLE_TEXTS_H_

#include <span>
#include <string_view>

namespace pbert::converter {

// Requests, statements and reviews in English, other languages and scripts, emoji, numbers, single words, nothing at
// all, and texts of a hundred words. Written for this purpose. UTF-8.
std::span<const std::string_view> SampleTexts();

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECK_SAMPLE_TEXTS_H_
