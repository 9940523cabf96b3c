// Sentences with their intents and slots, read from the files in which people keep them.
#ifndef POCKETBERT_CONVERTER_INTENTS_SENTENCES_H_
#define POCKETBERT_CONVERTER_INTENTS_SENTENCES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pbert::converter {

struct SlotSpan {
  size_t begin = 0, end = 0;  // bytes of the sentence's text, at code point boundaries
  std::string entity;
  std::string value;  // what it stands for, by a synonym or as annotated; empty: the text itself
  std::string role;
};

struct Sentence {
  std::string text;  // without blanks around it
  std::string intent;
  std::vector<SlotSpan> slots;  // ascending, not overlapping, none blank
  size_t line = 0;              // from 1; in JSON its place in its split or intent
  uint32_t source = 0;          // index into SentenceSet::sources
};

struct Synonym {
  std::string value;
  std::vector<std::string> texts;
};

struct SentenceSet {
  std::string name;                  // the last part of the path, and the splits
  std::vector<std::string> sources;  // files, splits or JSON's intents, for messages: "nlu.yml"
  std::vector<Sentence> sentences;   // at least two intents
  std::vector<Synonym> synonyms;
  std::vector<std::string> notes;  // what was left out, once per kind: "3 regexes"
};

// Reads a SENTENCES argument, `PATH[:SPLIT,...]`:
//   .csv, .tsv, .jsonl, CLINC150's .json   as ReadDataset does; of their rows, text and label.
//   a folder with seq.in and label         the same; with seq.out, too, whose tags (B-, I- and O) become slots.
//   .yml, .yaml                            Rasa's training data, see rasa_nlu.h.
//   .json                                  Snips NLU's data set, or one file of the SNIPS benchmark, see snips_json.h.
//   a folder                               of Rasa's files, at any depth; else of Snips' .json; else of .txt, one for
//                                          each intent (its name without .txt), with a sentence a line.
// SPLITs are splits of CLINC150, or subfolders. Throws Error naming file and line.
SentenceSet ReadSentences(const std::string& argument);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_SENTENCES_H_
