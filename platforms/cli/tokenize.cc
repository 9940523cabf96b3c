// pocketbert tokenize: ids, tokens and offsets of texts.

#include <charconv>

#include "converter/evaluate/model_handle.h"
#include "converter/support/error.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/input.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

void AppendNumber(std::string* out, int64_t number) {
  char digits[24];
  out->append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

// Collects the four arrays as text: a megabyte of input makes hundreds of thousands of tokens, and a tree of JSON
// values would take a hundred times the memory.
class JsonTokens {
 public:
  void Add(const pbert_token& token) {
    for (std::string* list : {&ids_, &tokens_, &offsets_, &type_ids_}) {
      if (!list->empty()) list->append(",");
    }
    AppendNumber(&ids_, token.id);
    tokens_ += Dump(std::string(token.piece, token.piece_size));
    offsets_ += '[';
    AppendNumber(&offsets_, token.extent.begin_code_points);
    offsets_ += ',';
    AppendNumber(&offsets_, token.extent.end_code_points);
    offsets_ += ']';
    AppendNumber(&type_ids_, token.type_id);
  }

  std::string Print() const {
    return "{\"ids\":[" + ids_ + "],\"tokens\":[" + tokens_ + "],\"offsets\":[" + offsets_ + "],\"type_ids\":[" +
           type_ids_ + "]}";
  }

 private:
  std::string ids_, tokens_, offsets_, type_ids_;
};

class TableTokens {
 public:
  TableTokens() : table_("rllrl", {"id", "token", "offsets", "type", "text"}) {}

  void Add(const pbert_token& token, const Request& request) {
    const std::string_view source = token.source == 1   ? std::string_view(request.text)
                                    : token.source == 2 ? std::string_view(*request.pair)
                                                        : std::string_view();
    const pbert_extent& extent = token.extent;
    std::string offsets;
    if (token.source != 0) offsets = Format("%u-%u", extent.begin_code_points, extent.end_code_points);
    table_.Add({std::to_string(token.id), std::string(token.piece, token.piece_size), offsets,
                std::to_string(token.type_id),
                std::string(source.substr(extent.begin_bytes, extent.end_bytes - extent.begin_bytes))});
    ++count_;
  }

  std::string Print() const { return table_.Print() + Grouped(count_) + " tokens\n\n"; }

 private:
  Table table_;
  size_t count_ = 0;
};

template <typename Visit>
void VisitTokens(const converter::ModelHandle& model, const Request& request, Visit visit) {
  const std::string_view pair = request.pair ? std::string_view(*request.pair) : std::string_view();
  pbert_input input = converter::MakeInput(request.text, request.pair ? &pair : nullptr);
  if (request.pair && request.pair->empty())
    input.pair = "";  // to the tokenizers library it is a pair; to the pipelines, none
  const auto call = [](void* context, const pbert_token* token) {
    (*static_cast<Visit*>(context))(*token);
    return 0;
  };
  converter::Require(pbert_tokenize(model.get(), &input, call, &visit));
}

constexpr char kDescription[] =
    "Shows the tokens of each TEXT, or, without one, of each line of standard input, special tokens included, nothing\n"
    "cut. Offsets count code points of the text that was given; special tokens have 0 and 0.";

constexpr char kMore[] =
    "JSON, a line for each text: {\"ids\", \"tokens\", \"offsets\", \"type_ids\"}; offsets are [begin, end].\n"
    "--input jsonl reads an object a line: text and, for a pair, text_pair. A line that fails is answered with\n"
    "{\"error\": why}, the others go on, and the exit status is 1.\n\n"
    "Example:\n"
    "  pocketbert tokenize intent.pbert \"I'd like a café au lait\"";

}  // namespace

int TokenizeCommand(CommandLine& line) {
  InputOptions input;
  input.request_options = false;
  bool json = false;
  std::string pair;
  line.Describe("FILE [TEXT ...]", kDescription, kMore);
  line.Add("--pair", pair, "A second text, that goes with each TEXT or line", "TEXT");
  line.Add("--input", input.format, "How to read standard input: lines (default) or jsonl", "FORMAT",
           {"lines", "jsonl"});
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(1, SIZE_MAX);
  if (line.Given("--pair")) input.pair = pair;
  input.texts.assign(line.positionals().begin() + 1, line.positionals().end());
  CheckInputOptions(input, line.Given("--input"));

  const converter::ModelHandle model(line.positionals()[0]);
  const auto answer = [&](size_t, Request& request) {
    if (json) {
      JsonTokens tokens;
      VisitTokens(model, request, [&](const pbert_token& token) { tokens.Add(token); });
      Out().WriteExactLine(tokens.Print());
    } else {
      TableTokens tokens;
      VisitTokens(model, request, [&](const pbert_token& token) { tokens.Add(token, request); });
      Out().Write(tokens.Print());
    }
    Out().Flush();
  };
  const size_t failures = ForEachRequest(input, answer, [&](const std::string& why) {
    if (json) {
      Out().WriteExactLine(Dump({{"error", why}}));
    } else {
      Out().WriteLine("error: " + OneLine(why, SIZE_MAX));
    }
    Out().Flush();
  });
  return failures == 0 ? 0 : 1;
}

}  // namespace pbert::cli
