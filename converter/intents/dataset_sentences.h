// What `eval` reads as a data set, as sentences.
#ifndef POCKETBERT_CONVERTER_INTENTS_DATASET_SENTENCES_H_
#define POCKETBERT_CONVERTER_INTENTS_DATASET_SENTENCES_H_

#include <string>

#include "converter/evaluate/dataset.h"
#include "converter/intents/reading.h"

namespace pbert::converter {

// The rows of a data set (see dataset.h); of folders with seq.in, label and seq.out with their slots. Throws Error.
void ReadDatasetSentences(const std::string& argument, const DatasetPath& path, Reading* reading);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_DATASET_SENTENCES_H_
