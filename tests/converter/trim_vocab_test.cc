// Trimmed vocabularies: the texts they are trimmed for have the tokens that they had and the model's outputs for them
// are the same to the bit; other texts get no unknown tokens where they had none.
#include <algorithm>
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

// Outputs of fp32 files, with all pieces and with those of one text.
TEST_CASE("trimmed vocabulary: the model's outputs are the same") {
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

    RawModel all(directory / "all.pbert", {.verify_data = true}), few(directory / "few.pbert", {.verify_data = true});
    CHECK(few.model().root().provenance()->recipe()->str() ==
          all.model().root().provenance()->recipe()->str() + ", trim-vocab=texts (" + std::to_string(figures.pieces) +
              " of " + std::to_string(figures.pieces_before) + " pieces)");
    TextInput input;
    input.text = text;
    all.Encode(input);
    few.Encode(input);
    REQUIRE(few.rows() == all.rows());
    REQUIRE(few.ids().size() == all.ids().size());
    std::vector<float> expected = all.Outputs();
    const bool masked = all.head().task() == schema::Task::FillMask;
    CHECK(masked == (warning.find("only be those " + std::to_string(figures.pieces)) != std::string::npos));
    if (masked) {
      Trimmed trimmed(options.checkpoint_dir, {text});
      std::vector<float> kept;
      for (const uint32_t id : trimmed.kept) kept.push_back(expected.at(id));
      REQUIRE(few.columns() == figures.pieces);
      expected = kept;
    }
    CHECK(few.Outputs() == expected);
  }
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
