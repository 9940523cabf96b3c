#include "platforms/cli/commands.h"

namespace pbert::cli {
namespace {

constexpr Command kCommands[] = {
    {"convert", "make a .pbert file from a checkpoint directory", ConvertCommand},
    {"build", "make a bot of labelled sentences", BuildCommand},
    {"lint", "what is wrong with labelled sentences", LintCommand},
    {"run", "answer texts with a model", RunCommand},
    {"chat", "a prompt that shows intents as you type", ChatCommand},
    {"similarity", "how alike two texts are, by their embeddings", SimilarityCommand},
    {"search", "the lines of a file that are nearest to a text", SearchCommand},
    {"rerank", "which of several texts answer a query best", RerankCommand},
    {"tokenize", "show the tokens of texts", TokenizeCommand},
    {"inspect", "show what is in a file, and check it", InspectCommand},
    {"eval", "measure accuracy on labelled texts, int8 beside fp32", EvalCommand},
    {"compare", "int8 against fp32, layer by layer", CompareCommand},
    {"bench", "measure time and memory on this machine", BenchCommand},
    {"doctor", "what this machine can do, and what makes it slow", DoctorCommand},
};

}  // namespace

std::span<const Command> Commands() { return kCommands; }

}  // namespace pbert::cli
