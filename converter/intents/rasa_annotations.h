// Rasa's annotated examples: "from [Berlin](city) to [LA]{"entity": "city", "role": "to", "value": "Los Angeles"}".
#ifndef POCKETBERT_CONVERTER_INTENTS_RASA_ANNOTATIONS_H_
#define POCKETBERT_CONVERTER_INTENTS_RASA_ANNOTATIONS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "converter/intents/sentences.h"

namespace pbert::converter {

struct AnnotatedExample {
  Sentence sentence;  // text and slots
  size_t groups = 0;  // how many slots have a "group"
};

// An entity is `[text](name)`, `[text](name:value)`, `[text]{JSON}` or, with one entity in the list, `[text][{JSON}]`;
// the text goes up to the first `]`, the rest up to the first `)` or `}`. There are no escapes: other brackets stand
// for themselves. Throws Error, whose text begins with `where`, where Rasa would fail, and where it would silently take
// for text what is an annotation with a mistake in it.
AnnotatedExample ReadAnnotations(std::string_view example, const std::string& where);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_RASA_ANNOTATIONS_H_
