#include <fstream>

#include "converter/checkpoint_fixture.h"
#include "converter/tokenizer/reader.h"

namespace pbert::converter {
namespace {

using nlohmann::json;
using test::CheckMessage;
using test::ErrorOf;
using test::TemporaryDirectory;

constexpr char kVocab[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nwhat\n##s\n";
constexpr uint32_t kRows = 20;

json SpecialToken(uint32_t id, const std::string& content) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

// A tokenizer.json as the reference writes it.
json TokenizerJson() {
  return json::parse(R"({
    "version": "1.0",
    "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
    "padding": {"strategy": {"Fixed": 128}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
    "added_tokens": [
      {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false,
       "rstrip": false, "normalized": false, "special": true},
      {"id": 4, "content": "[MASK]", "single_word": false, "lstrip": true,
       "rstrip": false, "normalized": false, "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
      "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
      "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
      "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                         "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
      "max_input_chars_per_word": 100,
      "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "hello": 5, "what": 6, "##s": 7}}})");
}

// A BPE model of "a", "b" and "ab", with `changes`.
json BpeModel(const json& changes) {
  json model = {{"type", "BPE"}, {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}}}, {"merges", {"a b"}}};
  if (changes.is_object()) model.update(changes);
  return model;
}

// Reads the files that are not null or empty.
struct Files {
  std::string vocab;
  json tokenizer;
  json config;
  std::map<std::string, std::string> others;

  std::unique_ptr<schema::TokenizerT> Read(uint32_t rows = kRows) const {
    TemporaryDirectory directory;
    if (!vocab.empty()) test::WriteFile(directory / "vocab.txt", vocab);
    if (!tokenizer.is_null()) test::WriteFile(directory / "tokenizer.json", tokenizer.dump());
    if (!config.is_null()) test::WriteFile(directory / "tokenizer_config.json", config.dump());
    for (const auto& [name, bytes] : others) test::WriteFile(directory / name, bytes);
    return ReadTokenizer(directory.path(), rows);
  }
  std::string Error(uint32_t rows = kRows) const {
    return ErrorOf([&] { (void)Read(rows); });
  }
};

std::vector<std::string> Pieces(const schema::TokenizerT& table) {
  std::vector<std::string> pieces;
  uint32_t begin = 0;
  for (uint32_t end : table.piece_ends) {
    pieces.emplace_back(table.piece_bytes.begin() + begin, table.piece_bytes.begin() + end);
    begin = end;
  }
  return pieces;
}

// "2 A 3 | 2 A 3 B:1 3:1"
std::string Frame(const schema::TokenizerT& table) {
  std::string text;
  for (const auto* frame : {&table.frame_single, &table.frame_pair}) {
    if (frame == &table.frame_pair) text += " |";
    for (const auto& piece : *frame) {
      text += text.empty() ? "" : " ";
      text += piece->item == schema::FrameItem::First    ? "A"
              : piece->item == schema::FrameItem::Second ? "B"
                                                         : std::to_string(piece->id);
      if (piece->type_id != 0) text += ":" + std::to_string(piece->type_id);
    }
  }
  return text;
}

// "[CLS]=2 special lstrip; ..."
std::string Added(const schema::TokenizerT& table) {
  std::string text;
  for (const auto& token : table.added_tokens) {
    text += (text.empty() ? "" : "; ") + token->content + "=" + std::to_string(token->id);
    if (token->special) text += " special";
    if (token->normalized) text += " normalized";
    if (token->single_word) text += " single_word";
    if (token->lstrip) text += " lstrip";
    if (token->rstrip) text += " rstrip";
  }
  return text;
}

constexpr char kBertFrame[] = "2 A 3 | 2 A 3 B:1 3:1";

TEST_CASE("tokenizer reader: vocab.txt alone is an uncased BERT") {
  const auto table = Files{kVocab, {}, {}, {}}.Read();
  CHECK(table->kind == schema::TokenizerKind::WordPiece);
  CHECK(Pieces(*table) ==
        std::vector<std::string>{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "what", "##s"});
  CHECK_FALSE(table->trie.empty());
  CHECK(table->clean_text);
  CHECK(table->lowercase);
  CHECK(table->strip_accents);
  CHECK(table->space_cjk);
  CHECK(table->continuing_prefix == "##");
  CHECK(table->max_word_chars == 100);
  CHECK(table->unknown_id == 1);
  CHECK(table->cls_id == 2);
  CHECK(table->sep_id == 3);
  CHECK(table->pad_id == 0);
  CHECK(table->mask_id == 4);
  CHECK(table->max_tokens == 0);
  CHECK(Frame(*table) == kBertFrame);
  CHECK(Added(*table) == "[UNK]=1 special; [SEP]=3 special; [PAD]=0 special; [CLS]=2 special; [MASK]=4 special");
}

TEST_CASE("tokenizer reader: lines of vocab.txt end as Python reads them") {
  const auto pieces = [](const std::string& text) {
    return Pieces(*Files{"[UNK]\n[CLS]\n[SEP]\n" + text, {}, {}, {}}.Read());
  };
  const std::vector<std::string> expected = {"[UNK]", "[CLS]", "[SEP]", "a", "", "b "};
  CHECK(pieces("a\n\nb ") == expected);  // no newline at the end, a blank line, a trailing space
  CHECK(pieces("a\n\nb \n") == expected);
  CHECK(pieces("a\r\n\r\nb \r\n") == expected);
  CHECK(pieces("a\r\rb \r") == expected);
  CHECK(pieces("a\n\nb \n\n\n") == expected);                    // blank lines at the end
  CHECK(pieces("a\xe2\x80\xa8z\n").back() == "a\xe2\x80\xa8z");  // U+2028 ends no line
}

TEST_CASE("tokenizer reader: flags of tokenizer_config.json with vocab.txt") {
  const auto read = [](json config) { return Files{kVocab, {}, std::move(config), {}}.Read(); };
  auto table = read({{"do_lower_case", false}});
  CHECK_FALSE(table->lowercase);
  CHECK_FALSE(table->strip_accents);  // null: as lower-casing
  table = read({{"do_lower_case", false}, {"strip_accents", true}, {"tokenize_chinese_chars", false}});
  CHECK_FALSE(table->lowercase);
  CHECK(table->strip_accents);
  CHECK_FALSE(table->space_cjk);
  table = read({{"do_lower_case", true}, {"strip_accents", false}});
  CHECK(table->lowercase);
  CHECK_FALSE(table->strip_accents);
}

TEST_CASE("tokenizer reader: model_max_length") {
  const auto limit = [](const char* text) { return Files{kVocab, {}, json::parse(text), {}}.Read()->max_tokens; };
  CHECK(limit(R"({"model_max_length": 512})") == 512);
  CHECK(limit(R"({"max_len": 128})") == 128);
  CHECK(limit(R"({"model_max_length": 1000000000000000019884624838656})") == 0);  // the reference's "no limit"
  CHECK(limit(R"({"model_max_length": 1e30})") == 0);
  CHECK(limit(R"({"model_max_length": null})") == 0);
  CHECK(limit("{}") == 0);
}

TEST_CASE("tokenizer reader: tokenizer.json, of whose truncation and padding only the sides count") {
  const auto table = Files{"", TokenizerJson(), {}, {}}.Read();
  CHECK(Pieces(*table).size() == 8);
  CHECK(Pieces(*table)[7] == "##s");
  CHECK(table->max_tokens == 0);
  CHECK(table->lowercase);
  CHECK(table->strip_accents);
  CHECK(Frame(*table) == kBertFrame);
  // Its own tokens first, then the special ones that it does not list.
  CHECK(Added(*table) == "[CLS]=2 special; [MASK]=4 special lstrip; [UNK]=1 special; [SEP]=3 special; [PAD]=0 special");
}

TEST_CASE("tokenizer reader: tokenizer.json wins over vocab.txt") {
  CHECK(Pieces(*Files{"[UNK]\n[CLS]\n[SEP]\nother\n", TokenizerJson(), {}, {}}.Read())[5] == "hello");
}

// transformers 4.57: BertTokenizerFast and its like rebuild the normalizer when tokenizer_config.json (or their own
// default) says otherwise; PreTrainedTokenizerFast does not.
TEST_CASE("tokenizer reader: which file decides on lower-casing") {
  json cased = TokenizerJson();
  cased["normalizer"]["lowercase"] = false;
  json stripping = TokenizerJson();
  stripping["normalizer"]["strip_accents"] = false;
  const struct {
    std::string name;
    json tokenizer, config;
    bool lowercase, strip_accents;
  } cases[] = {
      {"no config", cased, {}, false, false},
      {"config without the flag: the reference's default", cased, {{"model_max_length", 77}}, true, true},
      {"BertTokenizer without the flag", cased, {{"tokenizer_class", "BertTokenizer"}}, true, true},
      {"config agrees", cased, {{"do_lower_case", false}}, false, false},
      {"config lower-cases", cased, {{"do_lower_case", true}}, true, true},
      {"config does not", TokenizerJson(), {{"do_lower_case", false}}, false, false},
      {"config without strip_accents", stripping, {{"do_lower_case", true}}, true, true},
      {"generic class", cased, {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"do_lower_case", true}}, false, false},
      {"tokenizer.json strips explicitly", stripping, {}, true, false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto table = Files{"", c.tokenizer, c.config, {}}.Read();
    CHECK(table->lowercase == c.lowercase);
    CHECK(table->strip_accents == c.strip_accents);
  }
}

TEST_CASE("tokenizer reader: a normalizer that is null, or alone in a sequence") {
  json file = TokenizerJson();
  file["normalizer"] = nullptr;
  auto table = Files{"", file, {}, {}}.Read();
  CHECK_FALSE(table->clean_text);
  CHECK_FALSE(table->space_cjk);
  CHECK_FALSE(table->lowercase);
  CHECK_FALSE(table->strip_accents);
  file = TokenizerJson();
  file["normalizer"]["lowercase"] = false;
  file["normalizer"] = {{"type", "Sequence"}, {"normalizers", {file["normalizer"]}}};
  table = Files{"", file, {{"do_lower_case", true}}, {}}.Read();
  CHECK_FALSE(table->lowercase);  // the reference does not look into a sequence
}

TEST_CASE("tokenizer reader: no post-processor adds nothing") {
  json file = TokenizerJson();
  file["post_processor"] = nullptr;
  CHECK(Frame(*Files{"", file, {}, {}}.Read()) == "A | A B:1");
}

TEST_CASE("tokenizer reader: frames") {
  json file = TokenizerJson();
  file["post_processor"] = {{"type", "BertProcessing"}, {"sep", {"[SEP]", 3}}, {"cls", {"[CLS]", 2}}};
  CHECK(Frame(*Files{"", file, {}, {}}.Read()) == kBertFrame);
  file = TokenizerJson();
  file["post_processor"]["special_tokens"]["[SEP]"]["ids"] = {3, 4};
  file["post_processor"]["pair"][0]["SpecialToken"]["type_id"] = 2;
  CHECK(Frame(*Files{"", file, {}, {}}.Read()) == "2 A 3 4 | 2:2 A 3 4 B:1 3:1 4:1");
  file["post_processor"] = {{"type", "Sequence"}, {"processors", {file["post_processor"]}}};
  CHECK(Frame(*Files{"", file, {}, {}}.Read()) == "2 A 3 4 | 2:2 A 3 4 B:1 3:1 4:1");
}

TEST_CASE("tokenizer reader: ids of added tokens are the vocabulary's, or the next free ones") {
  json file = TokenizerJson();
  file["added_tokens"] = {SpecialToken(99, "hello"), SpecialToken(50, "<first>"), SpecialToken(9, "<second>")};
  const json config = {
      {"tokenizer_class", "PreTrainedTokenizerFast"},
      {"unk_token", "[UNK]"},
      {"mask_token", "<mask>"},
      {"additional_special_tokens", {"<more>", {{"content", "<most>"}, {"lstrip", true}}}},
      {"added_tokens_decoder",
       {{"12", {{"content", "<late>"}, {"special", false}}},
        {"3", {{"content", "<second>"}, {"special", true}, {"lstrip", true}, {"normalized", false}}}}}};
  const auto table = Files{"", file, config, {}}.Read();
  CHECK(Added(*table) ==
        "hello=5 special; <first>=8 special; <second>=9 special lstrip; <late>=10 normalized; [UNK]=1 special; "
        "<mask>=11 special; <more>=12 special; <most>=13 special lstrip");
  CHECK(table->mask_id == 11);
  CHECK(Pieces(*table).size() == 8);
}

TEST_CASE("tokenizer reader: a special token that is nowhere and would not fit is left out") {
  const auto table = Files{"[UNK]\n[CLS]\n[SEP]\nhello\n", {}, {}, {}}.Read(4);
  CHECK(table->mask_id == -1);
  CHECK(table->pad_id == -1);
  CHECK(Added(*table) == "[UNK]=0 special; [SEP]=2 special; [CLS]=1 special");
}

TEST_CASE("tokenizer reader: special_tokens_map.json of old checkpoints") {
  const std::string map = R"({"cls_token": "hello", "sep_token": {"content": "what"}})";
  const auto table = Files{kVocab, {}, {}, {{"special_tokens_map.json", map}}}.Read();
  CHECK(Frame(*table) == "5 A 6 | 5 A 6 B:1 6:1");
}

TEST_CASE("tokenizer reader: what cannot be read is named") {
  const auto edit = [](void (*change)(json*)) {
    json file = TokenizerJson();
    change(&file);
    return Files{"", file, {}, {}};
  };
  const auto with = [](json config) { return Files{kVocab, {}, std::move(config), {}}; };
  const auto text = [](const std::string& vocab) { return Files{vocab, {}, {}, {}}; };
  const struct {
    std::string name;
    Files files;
    std::vector<std::string> words;
  } cases[] = {
      {"nothing", Files{}, {"no tokenizer.json and no vocab.txt"}},
      {"vocab.json without merges.txt", Files{"", {}, {}, {{"vocab.json", "{}"}}}, {"vocab.json", "save_pretrained"}},
      {"vocab.json without pieces",
       Files{"", {}, {}, {{"vocab.json", "{}"}, {"merges.txt", ""}}},
       {"vocab.json", "not an object of pieces and ids"}},
      {"sentencepiece", Files{"", {}, {}, {{"spiece.model", ""}}}, {"spiece.model", "save_pretrained"}},
      {"empty vocab.txt", text("\n\n"), {"vocab.txt", "empty"}},
      {"duplicate line",
       text("[UNK]\n[CLS]\n[SEP]\na\nb\na\n"),
       {"vocab.txt", "line 6", "duplicate of line 4", "\"a\""}},
      {"no [UNK]", text("[CLS]\n[SEP]\na\n"), {"vocab.txt", "[UNK]"}},
      {"no [CLS]", text("[UNK]\n[SEP]\na\n"), {"vocab.txt", "[CLS]"}},
      {"not UTF-8", text("[UNK]\n[CLS]\n[SEP]\n\xff\n"), {"vocab.txt", "line 4", "UTF-8"}},
      {"larger than the embedding",
       text(std::string(kVocab) + "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\n"),
       {"vocab.txt", "21 pieces", "20 rows"}},
      {"added_tokens.json",
       Files{kVocab, {}, {}, {{"added_tokens.json", R"({"<new>": "8"})"}}},
       {"added_tokens.json", "<new>", "is not an id"}},
      {"another class",
       with({{"tokenizer_class", "BertJapaneseTokenizer"}}),
       {"tokenizer_config.json", "BertJapaneseTokenizer"}},
      {"flag", with({{"do_lower_case", "yes"}}), {"tokenizer_config.json", "do_lower_case", "true or false"}},
      {"length zero", with({{"model_max_length", 0}}), {"model_max_length", "0"}},
      {"length text", with({{"model_max_length", "512"}}), {"model_max_length", "\"512\""}},
      {"token", with({{"cls_token", 5}}), {"cls_token", "not a token"}},
      {"decoder key", with({{"added_tokens_decoder", {{"x", {{"content", "a"}}}}}}), {"added_tokens_decoder", "\"x\""}},
      {"added token too far", with({{"added_tokens_decoder", {{"8", {{"content", "<a>"}}}}}}), {}},
      {"model",
       edit([](json* j) { (*j)["model"] = {{"type", "WordLevel"}, {"vocab", json::object()}}; }),
       {"tokenizer.json", "model WordLevel is not supported", "WordPiece, BPE, Unigram"}},
      {"Unigram without pieces",
       edit([](json* j) { (*j)["model"] = {{"type", "Unigram"}, {"vocab", json::array()}}; }),
       {"\"vocab\"", "pieces and scores"}},
      {"Unigram with a piece twice",
       edit([](json* j) {
         (*j)["model"] = json::parse(R"({"type": "Unigram", "unk_id": 0, "vocab": [["a", 0], ["a", -1]]})");
       }),
       {"\"a\" twice", "0 and 1"}},
      {"Unigram without a score",
       edit([](json* j) {
         (*j)["model"] = json::parse(R"({"type": "Unigram", "unk_id": 0, "vocab": [["a", 0], ["b"]]})");
       }),
       {"entry 1", "score"}},
      {"Unigram without an unknown piece",
       edit([](json* j) { (*j)["model"] = json::parse(R"({"type": "Unigram", "unk_id": 1, "vocab": [["a", 0]]})"); }),
       {"\"unk_id\" is 1", "1 pieces"}},
      {"Unigram that falls back to bytes",
       edit([](json* j) {
         (*j)["model"] = json::parse(R"({"type": "Unigram", "unk_id": 0, "byte_fallback": true, "vocab": [["a", 0]]})");
       }),
       {"byte_fallback", "not supported"}},
      {"BPE without a type",
       edit([](json* j) { (*j)["model"] = {{"merges", json::array()}}; }),
       {"\"vocab\" is missing"}},
      {"BPE with dropout",
       edit([](json* j) { (*j)["model"] = BpeModel({{"dropout", 0.1}}); }),
       {"model BPE", "dropout", "0.1"}},
      {"BPE with a suffix",
       edit([](json* j) { (*j)["model"] = BpeModel({{"end_of_word_suffix", "</w>"}}); }),
       {"model BPE", "end_of_word_suffix", "</w>"}},
      {"BPE of part of the bytes",
       edit([](json* j) { (*j)["model"] = BpeModel({}); }),
       {"model BPE", "no piece for byte 0x00"}},
      {"merge of no piece",
       edit([](json* j) { (*j)["model"] = BpeModel({{"merges", {"a b", "a c"}}}); }),
       {"\"a c\"", "no \"c\""}},
      {"merge of one",
       edit([](json* j) { (*j)["model"] = BpeModel({{"merges", {"ab"}}}); }),
       {"\"ab\"", "pair of pieces"}},
      {"no model", edit([](json* j) { j->erase("model"); }), {"\"model\"", "missing"}},
      {"no vocab", edit([](json* j) { (*j)["model"].erase("vocab"); }), {"\"vocab\"", "missing"}},
      {"negative id", edit([](json* j) { (*j)["model"]["vocab"]["a"] = -1; }), {"\"a\"", "-1"}},
      {"huge id", edit([](json* j) { (*j)["model"]["vocab"]["a"] = 4000000000u; }), {"\"a\"", "4000000000"}},
      {"duplicate id",
       edit([](json* j) { (*j)["model"]["vocab"]["a"] = 5; }),
       {"duplicate id 5", "\"a\"", "\"hello\""}},
      {"id beyond the embedding", edit([](json* j) { (*j)["model"]["vocab"]["a"] = 20; }), {"21 pieces", "20 rows"}},
      {"no unknown token", edit([](json* j) { (*j)["model"]["unk_token"] = "<unk>"; }), {"<unk>"}},
      {"normalizer",
       edit([](json* j) { (*j)["normalizer"] = {{"type", "Nmt"}}; }),
       {"normalizer Nmt is not supported", "BertNormalizer"}},
      {"sequence of normalizers",
       edit([](json* j) {
         (*j)["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "NFC"}}, {{"type", "Nmt"}}}}};
       }),
       {"normalizer Nmt is not supported"}},
      {"regular expression",
       edit([](json* j) {
         (*j)["normalizer"] = json::parse(R"({"type": "Replace", "pattern": {"Regex": "[0-9]"}, "content": ""})");
       }),
       {"normalizer Replace", "[0-9]", "not supported"}},
      {"character map",
       edit([](json* j) { (*j)["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", "AAAA!"}}; }),
       {"normalizer Precompiled", "damaged"}},
      {"pre-tokenizer",
       edit([](json* j) { (*j)["pre_tokenizer"] = {{"type", "Digits"}}; }),
       {"pre_tokenizer Digits is not supported", "BertPreTokenizer"}},
      {"Metaspace",
       edit([](json* j) {
         (*j)["pre_tokenizer"] = {{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "last"}};
       }),
       {"pre_tokenizer Metaspace", "\"last\"", "always, first, never"}},
      {"post-processor",
       edit([](json* j) { (*j)["post_processor"] = {{"type", "LastProcessing"}}; }),
       {"post_processor LastProcessing is not supported", "TemplateProcessing"}},
      {"RobertaProcessing",
       edit([](json* j) { (*j)["post_processor"] = {{"type", "RobertaProcessing"}}; }),
       {"post_processor", "\"sep\""}},
      {"two frames",
       edit([](json* j) {
         (*j)["post_processor"] = {{"type", "Sequence"},
                                   {"processors", {(*j)["post_processor"], (*j)["post_processor"]}}};
       }),
       {"post_processor", "more than one"}},
      {"frame without text",
       edit([](json* j) { (*j)["post_processor"]["single"].erase(1); }),
       {"\"single\"", "each sequence once"}},
      {"pair without second",
       edit([](json* j) { (*j)["post_processor"]["pair"].erase(3); }),
       {"\"pair\"", "each sequence once"}},
      {"frame with an unknown token",
       edit([](json* j) { (*j)["post_processor"]["special_tokens"].erase("[SEP]"); }),
       {"post_processor", "\"[SEP]\""}},
      {"frame id",
       edit([](json* j) { (*j)["post_processor"]["special_tokens"]["[SEP]"]["ids"] = {20}; }),
       {"\"[SEP]\"", "20"}},
      {"type id",
       edit([](json* j) { (*j)["post_processor"]["single"][0]["SpecialToken"]["type_id"] = 256; }),
       {"type_id 256"}},
      {"added token without content",
       edit([](json* j) { (*j)["added_tokens"][0].erase("content"); }),
       {"added_tokens", "not a token"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    if (c.words.empty()) {
      CHECK(c.files.Error() == "");
      CheckMessage(c.files.Error(8), {"<a>", "id 8", "8 rows"});
    } else {
      CheckMessage(c.files.Error(), c.words);
    }
  }
  TemporaryDirectory directory;
  test::WriteFile(directory / "tokenizer.json", "{\"model\": ");
  CheckMessage(ErrorOf([&] { (void)ReadTokenizer(directory.path(), kRows); }), {"tokenizer.json", "not valid JSON"});
}

}  // namespace
}  // namespace pbert::converter
