// Faults in labelled sentences.
#ifndef POCKETBERT_CONVERTER_INTENTS_LINT_H_
#define POCKETBERT_CONVERTER_INTENTS_LINT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/intents/duplicates.h"
#include "converter/intents/material.h"
#include "converter/intents/mislabels.h"
#include "converter/intents/neighbours.h"
#include "converter/support/callbacks.h"

namespace pbert::converter {

struct SmallIntent {
  std::string intent;
  size_t sentences = 0;
};

// Two sentences' places in the set.
struct SentencePair {
  size_t first = 0, second = 0;
  float cosine = 0;
};

struct LintReport {
  size_t sentences = 0, intents = 0, out_of_scope = 0;  // of the set; out-of-scope ones are not among `sentences`
  double median = 0;                                    // sentences of an intent
  Duplicates duplicates;
  std::vector<SmallIntent> small;  // the smallest first

  // What an encoder tells. Places are in the set.
  bool encoded = false;
  size_t single = 0;                // sentences that are alone in their intent, and so were not judged
  double accuracy = 0;              // of sentences held out
  std::vector<std::string> labels;  // what numbers of intents below mean
  std::vector<SentencePair> near;   // nearly the same text, with different intents; the most alike first
  Suspects suspects;                // the most suspicious first
  std::vector<ConfusedPair> confused;
  std::vector<SentencePair> outliers;  // with their nearest sentence; the farthest first
  std::vector<size_t> cut;             // longer than the encoder reads
};

// What needs no encoder.
LintReport Lint(const SentenceSet& set, const std::string& out_of_scope_label);

// The rest. `neighbours` are of the material's texts, kVotes of each.
void LintWithEncoder(const Material& material, const SentenceFeatures& features, const Neighbours& neighbours,
                     const HeldOut& held_out, LintReport* report);

struct LintOptions {
  std::string sentences;           // what ReadSentences reads
  std::string encoder;             // as BuildOptions has it; empty: without
  std::string out_of_scope_label;  // likewise
  size_t threads = 1;
  ProgressCallback progress;
  WarningCallback warn;
};

struct LintResult {
  SentenceSet set;
  LintReport report;
};

// Reads, embeds, trains and does both. Throws Error.
LintResult LintSentences(const LintOptions& options);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_LINT_H_
