// pocketbert lint: faults in labelled sentences.

#include "converter/intents/lint.h"

#include <algorithm>
#include <cstdint>

#include "kernels/instruction_set.h"
#include "platforms/cli/auto_threads.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/lint_json.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

using converter::LintReport;
using converter::LintResult;

constexpr char kDescription[] =
    "Names what is wrong with labelled sentences: the same text with several intents, labels that are likely wrong,\n"
    "intents that are taken for each other, too small ones, sentences that resemble no other. With an encoder; "
    "without\n"
    "one, what can be seen without understanding anything.";

constexpr char kMore[] =
    "SENTENCES and the encoder are what build takes. A head is trained as by build, and each label compared with what "
    "a\n"
    "head that had not seen the sentence says of it, and with the labels of the ten sentences that are nearest; labels "
    "that\n"
    "both speak against come first. Of 50 labels of BANKING77's 10,003 that had been changed at random, 48 or 49 were\n"
    "among the first 100.\n\n"
    "Findings are no failure: the exit status is 0 with them, 1 where the work failed.\n\n"
    "JSON, one object; a SENTENCE is {at (FILE:LINE), text, intent}:\n"
    "  sentences, intents, out_of_scope, median   how many; the median of the intents' sizes\n"
    "  same_text           [[SENTENCE, ...]]: one text, whatever its case and punctuation, with several intents\n"
    "  repeated            {sentences: how many could go, examples: [[SENTENCE, ...]]}: one text again in its intent\n"
    "  small_intents       [{intent, sentences}]: fewer than 10, or than a quarter of the median\n"
    "and with an encoder, else null:\n"
    "  accuracy            of sentences held out\n"
    "  not_judged          sentences that are alone in their intent\n"
    "  nearly_same_text    [{similarity, sentences: [SENTENCE, SENTENCE]}] of different intents\n"
    "  mislabels           [{at, text, intent, predicted, probability, predicted_probability, score, sure}], the\n"
    "                      likeliest first: all sentences that were predicted otherwise\n"
    "  confused_intents    [{intents: [A, B], mistakes: [A as B, B as A], share, examples: [[SENTENCE, ...], ...]}]\n"
    "  outliers            [{at, text, intent, similarity, nearest: SENTENCE}]\n"
    "  cut                 [SENTENCE]: longer than the encoder reads\n"
    "  look_in_scope       [{at, text, intent, predicted, predicted_probability}]: out of scope, but like an intent\n\n"
    "Examples:\n"
    "  pocketbert lint sentences.csv\n"
    "  pocketbert lint data/nlu.yml --encoder sentence-transformers/all-MiniLM-L6-v2\n"
    "  pocketbert lint sentences.csv --encoder minilm.pbert --json | jq -r '.mislabels[:100][] | .at'";

constexpr size_t kWidth = 72;

// The sections of the report, each with a title and a table of the first findings.
class Printer {
 public:
  Printer(const LintResult& result, size_t top) : set_(result.set), report_(result.report), top_(top) {}
  void Print() const;

 private:
  std::string At(size_t place) const { return PlaceOf(set_, place); }
  std::string Text(size_t place) const { return OneLine(set_.sentences[place].text, kWidth); }
  const std::string& Intent(size_t place) const { return set_.sentences[place].intent; }
  // Calls add(finding, &table) for the first of `findings`. Nothing is printed where there are none.
  template <typename Finding, typename Add>
  void Section(const std::string& title, const std::vector<Finding>& findings, Table table, const Add& add) const {
    if (findings.empty()) return;
    const size_t shown = std::min(top_, findings.size());
    for (size_t i = 0; i < shown; ++i) add(findings[i], &table);
    Out().Write("\n" + title + ": " + Grouped(findings.size()));
    if (shown < findings.size()) Out().Write(", the first " + Grouped(shown) + " of which are");
    Out().Write("\n" + table.Print());
  }
  void PrintWithoutEncoder() const;
  void PrintSuspects() const;
  void PrintMistakes(const std::vector<size_t>& sentences, const std::string& taken_for) const;
  void PrintOthers() const;

  const converter::SentenceSet& set_;
  const LintReport& report_;
  size_t top_;
};

void Printer::PrintWithoutEncoder() const {
  const auto add_group = [&](const std::vector<size_t>& group, Table* table) {
    for (const size_t place : group) table->Add({At(place), Intent(place), Text(place)});
  };
  Section("Texts with several intents", report_.duplicates.across, Table("lll"), add_group);
  if (report_.duplicates.surplus > 0) {
    Out().Write("\nSentences that are in their intent already: " + Grouped(report_.duplicates.surplus) + ", such as\n");
    Table table("lll");
    for (size_t i = 0; i < std::min(kRepeatedShown, report_.duplicates.within.size()); ++i) {
      add_group(report_.duplicates.within[i], &table);
    }
    Out().Write(table.Print());
  }
  Section("Small intents", report_.small, Table("lr"), [](const converter::SmallIntent& small, Table* table) {
    table->Add({small.intent, Grouped(small.sentences)});
  });
}

void Printer::PrintSuspects() const {
  const auto add_pair = [&](const converter::SentencePair& pair, Table* table) {
    const std::string cosine = Format("%.2f", static_cast<double>(pair.cosine));
    table->Add({cosine, At(pair.first), Intent(pair.first), Text(pair.first)});
    table->Add({"", At(pair.second), Intent(pair.second), Text(pair.second)});
  };
  Section("Nearly the same text with different intents", report_.near, Table("rlll"), add_pair);
  size_t sure = 0;
  for (const converter::Suspect& suspect : report_.suspects.mislabels) sure += suspect.sure;
  const auto add_suspect = [&](const converter::Suspect& suspect, Table* table) {
    table->Add({At(suspect.sentence), Intent(suspect.sentence), Percent(static_cast<double>(suspect.own)),
                report_.labels[suspect.predicted], Percent(static_cast<double>(suspect.other)),
                Text(suspect.sentence)});
  };
  Section("Labels that may be wrong (" + Grouped(sure) + " likely)", report_.suspects.mislabels,
          Table("llrlrl", {"where", "label", "", "rather", "", "sentence"}), add_suspect);
  Section("Out of scope, but like an intent", report_.suspects.intruders, Table("llrl"),
          [&](const converter::Suspect& suspect, Table* table) {
            table->Add({At(suspect.sentence), report_.labels[suspect.predicted],
                        Percent(static_cast<double>(suspect.other)), Text(suspect.sentence)});
          });
}

void Printer::PrintMistakes(const std::vector<size_t>& sentences, const std::string& taken_for) const {
  if (sentences.empty()) return;
  Out().Write("  " + Grouped(sentences.size()) + " taken for " + taken_for + "\n");
  Table table("lll");
  for (size_t i = 0; i < std::min(kExamplesShown, sentences.size()); ++i) {
    table.Add({"  ", At(sentences[i]), Text(sentences[i])});
  }
  Out().Write(table.Print());
}

void Printer::PrintOthers() const {
  const size_t shown = std::min(top_, report_.confused.size());
  if (shown > 0) {
    Out().Write("\nIntents taken for each other: " + Grouped(report_.confused.size()) +
                (shown < report_.confused.size() ? ", the first " + Grouped(shown) + " of which are\n" : "\n"));
  }
  for (size_t i = 0; i < shown; ++i) {
    const converter::ConfusedPair& pair = report_.confused[i];
    const std::string &first = report_.labels[pair.first], &second = report_.labels[pair.second];
    Out().Write(first + " and " + second + ", " + Percent(pair.share) + " of their sentences\n");
    PrintMistakes(pair.first_as_second, second);
    PrintMistakes(pair.second_as_first, first);
  }
  Section("Like no other sentence", report_.outliers, Table("rlll"),
          [&](const converter::SentencePair& pair, Table* table) {
            table->Add({Format("%.2f", static_cast<double>(pair.cosine)), At(pair.first), Intent(pair.first),
                        Text(pair.first)});
          });
  Section("Longer than the encoder reads", report_.cut, Table("lll"),
          [&](size_t place, Table* table) { table->Add({At(place), Intent(place), Text(place)}); });
}

void Printer::Print() const {
  Table table("ll");
  table.Add({"sentences",
             Grouped(report_.sentences) + (report_.out_of_scope == 0
                                               ? std::string()
                                               : ", and " + Grouped(report_.out_of_scope) + " that are out of scope")});
  table.Add(
      {"intents", Grouped(report_.intents) + ", the median one of " + Format("%g", report_.median) + " sentences"});
  if (report_.encoded) table.Add({"accuracy", Percent(report_.accuracy) + " of sentences that the head had not seen"});
  if (report_.single > 0 && report_.encoded) {
    table.Add({"not judged", Grouped(report_.single) + " that are alone in their intent"});
  }
  Out().Write(table.Print());
  PrintWithoutEncoder();
  if (!report_.encoded) return;
  PrintSuspects();
  PrintOthers();
}

}  // namespace

int LintCommand(CommandLine& line) {
  converter::LintOptions options;
  uint32_t threads = MostTextsAtOnce(), top = 20;
  bool json = false;
  line.Describe("SENTENCES", kDescription, kMore);
  line.Add("--encoder", options.encoder,
           "What understands sentences: a .pbert file of sentence\nembeddings, a checkpoint, or a name in the Hugging "
           "Face cache",
           "FILE|DIR|NAME");
  line.Add("--top", top, "How many findings of each kind to show (default 20; 0: all);\nJSON has them all", "N");
  line.Add("--oos-label", options.out_of_scope_label,
           "The label of out-of-scope sentences (default: oos,\nout_of_scope and nlu_fallback)", "LABEL");
  line.AddThreads(threads, "Cores to use (default: all)");
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(1, 1);
  options.sentences = line.positionals()[0];
  options.threads = threads;
  (void)UseInstructionSet("portable");  // the same findings on every machine, as build's files
  LintResult result;
  {
    Progress progress("lint");
    options.progress = [&](const std::string& step, double done) { progress.Show(done, step); };
    options.warn = [](const std::string& message) { Complain("lint", message); };
    result = converter::LintSentences(options);
  }
  if (json) {
    Out().WriteExactLine(Dump(LintAsJson(result)));
    return 0;
  }
  Printer(result, top == 0 ? SIZE_MAX : top).Print();
  if (options.encoder.empty()) {
    Out().Write(
        "\nAn encoder tells more: wrong labels, intents taken for each other, outliers. To get one, and use it:\n" +
        converter::GetAnEncoder("lint SENTENCES") + "\n");
  }
  return 0;
}

}  // namespace pbert::cli
