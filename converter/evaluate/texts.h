// The texts of a file or a data set, whatever they are labelled with.
#ifndef POCKETBERT_CONVERTER_EVALUATE_TEXTS_H_
#define POCKETBERT_CONVERTER_EVALUATE_TEXTS_H_

#include <string>
#include <vector>

namespace pbert::converter {

// Of a DATASET argument of any task (dataset.h, task_sets.h): each text, the second ones of pairs, questions and
// contexts too; tagged words joined by blanks. Any other file is one of texts, one a line. Throws Error.
std::vector<std::string> ReadTexts(const std::string& argument);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_TEXTS_H_
