// pocketbert build: labelled sentences become a bot that knows their intents.

#include "converter/intents/build_bot.h"
#include "kernels/instruction_set.h"
#include "platforms/cli/auto_threads.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

constexpr char kDescription[] =
    "Makes a bot of labelled sentences: one file that tells the intent of a text, how sure it is, and whether it has\n"
    "understood the text at all. The encoder stays as it is; only a head on it is trained, in seconds and without a\n"
    "GPU. Ten sentences for an intent are a good beginning.";

constexpr char kMore[] =
    "SENTENCES is one of\n"
    "  a DATASET: .csv, .tsv or .jsonl with `text` and `label` (see eval --help)\n"
    "  Rasa's NLU training data (.yml), or a folder of such files\n"
    "  Snips NLU's JSON\n"
    "  a folder with a text file for each intent: its name is the intent, a line is a sentence\n\n"
    "The encoder is a .pbert file of sentence embeddings, or a sentence-transformers checkpoint as convert takes it. "
    "Its\n"
    "bytes come into the file unchanged.\n\n"
    "Everything that has to be chosen is chosen by cross-validation on the sentences themselves: what the head reads "
    "of\n"
    "the encoder, how strongly it is held, whether the intents' names count as sentences. So is the accuracy that is\n"
    "shown: of sentences that the head had not seen. Sentences labelled as out of scope are no intent; they make it\n"
    "better at telling what it does not understand, and it does without them.\n\n"
    "JSON keys: file, file_bytes, encoder_bytes, intents, sentences, out_of_scope, accuracy, calibration_error, keep,\n"
    "out_of_scope_found (null: there are none), early_layers, strength, names_used.\n\n"
    "Examples:\n"
    "  pocketbert build sentences.csv -o bot.pbert --encoder sentence-transformers/all-MiniLM-L6-v2\n"
    "  pocketbert build data/nlu.yml -o bot.pbert --encoder minilm.pbert --keep 0.95\n"
    "  pocketbert chat bot.pbert";

void Print(const converter::BuildOptions& options, const converter::BuildResult& result, bool json) {
  const converter::HeldOut& held_out = result.head.held_out;
  const float early = result.head.layers.size() > 1 ? result.head.layers.front().weight : 0;
  if (json) {
    Json object;
    object["file"] = options.output;
    object["file_bytes"] = result.file_bytes;
    object["encoder_bytes"] = result.encoder_bytes;
    object["intents"] = result.intents.size();
    object["sentences"] = result.sentences;
    object["out_of_scope"] = result.out_of_scope;
    object["accuracy"] = Rounded(held_out.accuracy, 6);
    object["calibration_error"] = Rounded(held_out.calibration_error, 6);
    object["keep"] = options.keep;
    object["out_of_scope_found"] = result.out_of_scope > 0 ? Json(Rounded(held_out.out_of_scope_found, 6)) : Json();
    object["early_layers"] = Number(early);
    object["strength"] = result.head.strength;
    object["names_used"] = result.head.names_used;
    Out().WriteExactLine(Dump(object));
    return;
  }
  Table table("ll");
  table.Add({"file", options.output + ", " + Bytes(result.file_bytes) + ", " + Bytes(result.encoder_bytes) +
                         " of it the encoder"});
  table.Add({"intents", Grouped(result.intents.size()) + ", from " + Grouped(result.sentences) + " sentences"});
  table.Add({"accuracy", Percent(held_out.accuracy) + " of sentences that the head had not seen"});
  table.Add({"probabilities", "off by " + Percent(held_out.calibration_error) + " on average"});
  table.Add(
      {"not understood", Percent(1 - options.keep) + " of such sentences" +
                             (result.out_of_scope == 0 ? std::string()
                                                       : ", and " + Percent(held_out.out_of_scope_found) + " of " +
                                                             Grouped(result.out_of_scope) + " that are out of scope")});
  Out().Write(table.Print());
}

}  // namespace

int BuildCommand(CommandLine& line) {
  converter::BuildOptions options;
  uint32_t threads = MostTextsAtOnce();
  bool no_names = false, json = false;
  line.Describe("SENTENCES -o FILE --encoder FILE|DIR|NAME", kDescription, kMore);
  line.Add("-o,--output", options.output, "The file to write; it appears when it is complete", "FILE");
  line.Add(
      "--encoder", options.encoder,
      "What the head stands on: a .pbert file of sentence\nembeddings, a checkpoint, or a name in the Hugging Face "
      "cache",
      "FILE|DIR|NAME");
  line.Add(
      "--keep", options.keep,
      "The share of understood sentences that must not be\nrejected (default 0.97); fewer let fewer others through",
      "SHARE", Range{0.5, 1});
  line.Add("--oos-label", options.out_of_scope_label,
           "The label of out-of-scope sentences (default: oos,\nout_of_scope and nlu_fallback)", "LABEL");
  line.AddFlag("--no-names", no_names, "The intents' names say nothing about their sentences");
  line.AddThreads(threads, "Cores to use (default: all)");
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(1, 1);
  if (options.output.empty()) throw UsageError("-o FILE is missing: where should the bot go?");
  options.sentences = line.positionals()[0];
  options.names = !no_names;
  options.threads = threads;
  // The same file from every machine: floats of the other instruction sets differ by rounding.
  (void)UseInstructionSet("portable");
  converter::BuildResult result;
  {
    Progress progress("build");
    options.progress = [&](const std::string& step, double done) { progress.Show(done, step); };
    options.warn = [](const std::string& message) { Complain("build", message); };
    result = converter::BuildBot(options);
  }
  Print(options, result, json);
  return 0;
}

}  // namespace pbert::cli
