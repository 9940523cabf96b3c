// Trimmed vocabularies: the texts they are trimmed for have the tokens that they had and the model's outputs for them
// are the same to the bit; other texts get no unknown tokens where they had none.
#include <algorithm>
#include <limits>
#include <sstream>

#include "converter/check/raw_outputs.h"
#include "converter/checkpoint_fixture.h"
#include "converter/convert.h"
#include "converter/evaluate/texts.h"
#include "converter/support/file.h"
#include "converter/tokenizer/reader.h"
#include "converter/tokenizer/table_tokenizer.h"
#include "converter/tokenizer/trim.h"
#include "support/skip.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;
using test::CheckMessage;
using test::ErrorOf;
using test::TemporaryDirectory;

using Ids = std::vector<uint32_t>;

const fs::path kGolden = fs::path(POCKETBERT_TESTS_DIR) / "golden";

struct Trimmed {
  std::unique_ptr<schema::TokenizerT> before, after;
  Ids kept;

  Trimmed(const fs::path& directory, const std::vector<std::string>& texts)
      : before(ReadTokenizer(directory, 1 << 20)), after(ReadTokenizer(directory, 1 << 20)) {
    const auto needed = IdsNeeded(*before, texts);
    kept.assign(needed.begin(), needed.end());
    KeepIds(kept, after.get());
    CHECK(after->piece_ends.size() < before->piece_ends.size());
  }

  // How many of the texts are tokenized differently. None has unknown tokens that had none.
  size_t Changed(const std::vector<std::string>& texts) const {
    TableTokenizer all(*before), fewer(*after);
    size_t changed = 0;
    for (const std::string& text : texts) {
      const Ids old_ids = all.Ids(text);
      Ids ids = fewer.Ids(text);
      for (uint32_t& id : ids) id = kept.at(id);
      changed += ids != old_ids;
      const auto unknown = [&](const Ids& of) { return std::count(of.begin(), of.end(), before->unknown_id); };
      CAPTURE(text);
      if (unknown(old_ids) == 0) CHECK(unknown(ids) == 0);
    }
    return changed;
  }
};

// The first column of a golden file. Its \xNN stand as they are: texts as good as any.
std::vector<std::string> GoldenTexts(const std::string& name) {
  std::istringstream lines(test::ReadFile(kGolden / "tokenizers" / (name + ".tsv")));
  std::vector<std::string> texts;
  for (std::string line; std::getline(lines, line);) texts.push_back(line.substr(0, line.find('\t')));
  return texts;
}

std::string PiecesOf(const schema::TokenizerT& table) {
  std::string pieces;
  for (size_t id = 0, begin = 0; id < table.piece_ends.size(); begin = table.piece_ends[id++]) {
    pieces += " " + std::string(table.piece_bytes.begin() + static_cast<ptrdiff_t>(begin),
                                table.piece_bytes.begin() + table.piece_ends[id]);
  }
  return pieces;
}

TEST_CASE("trimmed vocabulary: texts keep their tokens, others are known as before") {
  for (const std::string name : {"bert-base-uncased", "bert-base-multilingual-cased", "odd", "bpe", "unigram"}) {
    CAPTURE(name);
    TemporaryDirectory directory;
    const fs::path vocab = kGolden / "tokenizers" / (name + ".vocab.txt");
    if (fs::exists(vocab)) {
      fs::copy(vocab, directory / "vocab.txt");
    } else {
      fs::copy(kGolden / "tokenizers" / (name + ".tokenizer.json"), directory / "tokenizer.json");
    }
    const std::vector<std::string> texts = GoldenTexts(name);
    for (const size_t part : {texts.size(), texts.size() / 2, size_t{1}}) {
      const std::vector<std::string> some(texts.begin(), texts.begin() + static_cast<ptrdiff_t>(part));
      const Trimmed trimmed(directory.path(), some);
      CHECK(trimmed.Changed(some) == 0);
      const size_t changed = trimmed.Changed(texts);
      if (part == 1) CHECK(changed > 0);
    }
  }
}

TEST_CASE("trimmed vocabulary: a data set, with the tokenizers of the three kinds") {
  PBERT_NEEDS_SHARED("data/clinc150/data_oos_plus.json");
  const std::string set = test::Shared("data/clinc150/data_oos_plus.json").string();
  const std::vector<std::string> texts = ReadTexts(set + ":val,oos_val"), others = ReadTexts(set + ":oos_test");
  CHECK(texts.size() == 3100);
  for (const char* name : {"models/distilbert-clinc150", "fixtures/checkpoints/roberta-sequence-classification",
                           "fixtures/checkpoints/albert-sequence-classification", "tokenizers/roberta-base"}) {
    CAPTURE(name);
    const Trimmed trimmed(test::Shared(name), texts);
    CHECK(trimmed.Changed(texts) == 0);
    (void)trimmed.Changed(others);
  }
}

TEST_CASE("trimmed vocabulary: what is kept beside the texts' pieces") {
  TemporaryDirectory directory;
  test::WriteFile(directory / "vocab.txt",
                  "[PAD]\n[UNK]\nbb\n[CLS]\n[SEP]\n[MASK]\na\n##a\nb\n##b\nab\n##ab\nabc\nba\nczz\n##ba\n");
  const Trimmed trimmed(directory.path(), {"abab"});
  // c has no piece of its own, and none of the others is needed.
  CHECK(PiecesOf(*trimmed.after) == " [PAD] [UNK] [CLS] [SEP] [MASK] a ##a b ##b ab ##ab abc czz");
  CHECK(trimmed.Changed({"abab", "a", "abc"}) == 0);
  CHECK(trimmed.Changed({"baab", "bab"}) == 2);
  CHECK(trimmed.after->mask_id == 4);
  CHECK(trimmed.after->frame_single.front()->id == 2);
}

// The unknown token's score is reckoned from the lowest: with another one, X would be unknown here and ab one piece.
TEST_CASE("trimmed vocabulary: of Unigram a piece of the lowest score stays") {
  TemporaryDirectory directory;
  test::WriteFile(directory / "tokenizer.json",
                  R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["b", -15],
      ["ab", -1], ["Xa", -15], ["z", -2], ["zzz", -9], ["zz", -20]]}, "pre_tokenizer": {"type": "WhitespaceSplit"}})");
  const Trimmed trimmed(directory.path(), {"Xab"});
  CHECK(PiecesOf(*trimmed.after) == " <unk> a b Xa z zz");
  CHECK(trimmed.Changed({"Xab"}) == 0);
}

// The outputs of one head of fp32 files, with all pieces and with those of a text.
void CheckOutputs(const fs::path& all_pieces, const fs::path& few_pieces, uint32_t head, const Ids& kept,
                  const std::string& text) {
  RawModel all(all_pieces, {.head = head, .verify_data = true}), few(few_pieces, {.head = head, .verify_data = true});
  TextInput input;
  input.text = text;
  all.Encode(input);
  few.Encode(input);
  REQUIRE(few.rows() == all.rows());
  REQUIRE(few.ids().size() == all.ids().size());
  std::vector<float> expected = all.Outputs();
  if (all.head().task() == schema::Task::FillMask) {
    std::vector<float> of_kept;
    for (const uint32_t id : kept) of_kept.push_back(expected.at(id));
    expected = of_kept;
  }
  CHECK(few.Outputs() == expected);
}

TEST_CASE("trimmed vocabulary: the outputs of all heads are the same") {
  const std::string text = "the weather in Paris is good";
  for (const std::string name :
       {"checkpoints/distilbert-sequence-classification", "architectures/electra-fill-mask",
        "architectures/roberta-fill-mask", "architectures/albert-fill-mask", "architectures/xlm-roberta-fill-mask",
        "architectures/camembert-token-classification", "architectures/roberta-text-classification"}) {
    CAPTURE(name);
    TemporaryDirectory directory;
    ConvertOptions options;
    options.checkpoint_dir = (kGolden / name).string();
    options.weights = WeightType::kFloat32;
    const bool masked = name.ends_with("fill-mask");
    options.task = masked ? "feature-extraction" : "";
    options.add_heads = {masked ? "fill-mask" : "feature-extraction"};
    options.output = directory / "all.pbert";
    CHECK(Convert(options).trim.pieces == 0);
    const auto all_bytes = fs::file_size(options.output);
    options.output = directory / "few.pbert";
    options.trim = {"texts", {text}, {text, "another one"}};
    std::string warning;
    options.warn = [&](const std::string& message) { warning += message; };
    const TrimFigures figures = Convert(options).trim;
    CHECK(figures.bytes_before == all_bytes);
    CHECK(figures.pieces < figures.pieces_before);
    CHECK(figures.test_texts == 2);
    CHECK(figures.changed_texts <= 1);
    CHECK(figures.tokens >= figures.tokens_before);
    CHECK(masked == (warning.find("only be those " + std::to_string(figures.pieces)) != std::string::npos));

    const Ids kept = Trimmed(options.checkpoint_dir, {text}).kept;
    CHECK(kept.size() == figures.pieces);
    for (const uint32_t head : {0u, 1u})
      CheckOutputs(directory / "all.pbert", directory / "few.pbert", head, kept, text);
    const auto recipe = [&](const char* file) {
      return RawModel(directory / file, {}).model().root().provenance()->recipe()->str();
    };
    CHECK(recipe("few.pbert") == recipe("all.pbert") + ", trim-vocab=texts (" + std::to_string(figures.pieces) +
                                     " of " + std::to_string(figures.pieces_before) + " pieces)");
  }
}

// Its rows go with those of the embedding. A NaN is no fault in a row that goes.
TEST_CASE("trimmed vocabulary: an output layer that is not the embedding") {
  test::TinyCheckpoint masked;
  for (const std::string part : {".weight", ".bias"}) {
    masked.tensors["vocab_transform" + part] = masked.tensors["pre_classifier" + part];
    masked.tensors["vocab_layer_norm" + part] = masked.tensors["distilbert.embeddings.LayerNorm" + part];
  }
  test::FixtureTensor& weight = masked.tensors["vocab_projector.weight"];
  weight = masked.tensors["distilbert.embeddings.word_embeddings.weight"];
  std::reverse(weight.values.begin(), weight.values.end());
  masked.tensors["vocab_projector.bias"] = {{12}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
  masked.config["architectures"] = {"DistilBertForMaskedLM"};
  masked.config["tie_word_embeddings"] = false;
  masked.vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nba\na\n##a\nb\n##b\nab\n##ab\n";
  TemporaryDirectory directory;
  masked.Write(directory / "masked");
  const fs::path all = directory / "all.pbert", few = directory / "few.pbert";
  ConvertOptions options;
  options.checkpoint_dir = directory / "masked";
  options.weights = WeightType::kFloat32;
  options.output = all;
  Convert(options);

  options.output = few;
  options.trim = {"texts", {"ab"}, {}};
  weight.values[5 * 8 + 3] = std::numeric_limits<float>::quiet_NaN();
  masked.Write(directory / "masked");
  CHECK(Convert(options).trim.pieces == 10);
  CheckOutputs(all, few, 0, {0, 1, 2, 3, 4, 6, 7, 8, 9, 10}, "ab ab");

  weight.values[6 * 8 + 3] = std::numeric_limits<float>::quiet_NaN();
  masked.Write(directory / "masked");
  CheckMessage(ErrorOf([&] { Convert(options); }),
               {"tensor \"vocab_projector.weight (the rows that are kept)\": element [5, 3] is NaN"});
}

TEST_CASE("trimmed vocabulary: texts of every kind of file") {
  TemporaryDirectory directory;
  const auto texts = [&](const std::string& name, const std::string& content) {
    test::WriteFile(directory / name, content);
    return ReadTexts(directory / name);
  };
  using Texts = std::vector<std::string>;
  CHECK(texts("a.txt", "one\r\ntwo\n") == Texts{"one", "two"});
  CHECK(texts("a", "one") == Texts{"one"});
  CHECK(texts("a.csv", "text,label,text_pair\none,x,two\n") == Texts{"one", "two"});
  CHECK(texts("a.conll", "one B-X\ntwo O\n\nthree O\n") == Texts{"one two", "three"});
  CHECK(texts("a.json", R"({"version": "1.1", "data": [{"paragraphs": [{"context": "c", "qas": [
      {"question": "q", "id": "1", "answers": [{"text": "c", "answer_start": 0}]},
      {"question": "r", "id": "2", "answers": []}]}]}]})") == Texts{"q", "c", "r"});
  fs::create_directory(directory / "folder");
  test::WriteFile(directory / "folder/seq.in", "one two\n");
  test::WriteFile(directory / "folder/seq.out", "O O\n");
  CHECK(ReadTexts(directory / "folder") == Texts{"one two"});

  CheckMessage(ErrorOf([&] { (void)ReadTexts(directory / "none"); }), {"none: no such file or folder"});
  CheckMessage(ErrorOf([&] { texts("e.txt", ""); }), {"e.txt: there is no text in it"});
  CheckMessage(ErrorOf([&] { texts("f.json", R"({"train": []})"); }), {"f.json: say which splits", "f.json:train"});
}

}  // namespace
}  // namespace pbert::converter
