#include "converter/tokenizer/frame.h"

#include <algorithm>

#include "converter/support/error.h"
#include "converter/tokenizer/tokenizer_json.h"
#include "model/limits.h"

namespace pbert::converter {
namespace {

using schema::FrameItem;

std::unique_ptr<schema::FramePieceT> Piece(FrameItem item, uint32_t id, uint8_t type_id) {
  auto piece = std::make_unique<schema::FramePieceT>();
  piece->item = item;
  piece->id = id;
  piece->type_id = type_id;
  return piece;
}

class FrameReader {
 public:
  FrameReader(uint32_t embedding_rows, const std::string& where)
      : embedding_rows_(embedding_rows), where_(where + ": post_processor") {}

  // "sep": ["[SEP]", 102], "cls": ["[CLS]", 101].
  Frame ReadBertProcessing(const Json& processor) const {
    const uint32_t sep = ProcessorId(processor, "sep"),
                   cls = ProcessorId(processor, "cls");  // in this order: each may throw
    return BertFrame(cls, sep);
  }

  Frame ReadTemplate(const Json& processor) const {
    Frame frame;
    frame.single = ReadItems(processor, "single");
    frame.pair = ReadItems(processor, "pair");
    return frame;
  }

 private:
  uint32_t ProcessorId(const Json& processor, const char* key) const {
    const Json* value = Get(processor, key);
    if (value == nullptr || !value->is_array() || value->size() != 2) {
      throw Error(where_ + ": \"" + key + "\" is not a token and its id");
    }
    return CheckedId((*value)[1], key);
  }

  uint32_t CheckedId(const Json& id, const std::string& token) const {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= embedding_rows_) {
      throw Error(where_ + ": \"" + token + "\": id " + Excerpt(id) + " is not below " +
                  std::to_string(embedding_rows_) + ", the rows of the token embedding");
    }
    return id.get<uint32_t>();
  }

  FramePieces ReadItems(const Json& processor, const std::string& key) const {
    const Json* items = Get(processor, key.c_str());
    if (items == nullptr || !items->is_array()) throw Error(where_ + ": \"" + key + "\" is missing");
    FramePieces pieces;
    for (const Json& item : *items) AddItem(item, Get(processor, "special_tokens"), key, &pieces);
    const auto count = [&](FrameItem item) {
      return std::count_if(pieces.begin(), pieces.end(), [&](const auto& piece) { return piece->item == item; });
    };
    if (count(FrameItem::First) != 1 || count(FrameItem::Second) != (key == "pair" ? 1 : 0)) {
      throw Error(where_ + ": \"" + key + "\" must hold each sequence once");
    }
    return pieces;
  }

  // {"SpecialToken": {"id": "[CLS]", "type_id": 0}} or {"Sequence": {"id": "A", "type_id": 0}}. A special token
  // stands for the list of ids under its name in "special_tokens".
  void AddItem(const Json& item, const Json* tokens, const std::string& key, FramePieces* pieces) const {
    const bool valid = item.is_object() && item.size() == 1 && item.front().is_object() &&
                       item.front().contains("id") && item.front()["id"].is_string();
    if (!valid) throw Error(where_ + ": \"" + key + "\" has an item that is no token and no sequence");
    const Json& value = item.front();
    const std::string name = value["id"];
    const Json* type_id = Get(value, "type_id");
    if (type_id != nullptr && (!type_id->is_number_unsigned() || type_id->get<uint64_t>() > 255)) {
      throw Error(where_ + ": \"" + key + "\": type_id " + Excerpt(*type_id) +
                  " is not supported (supported: 0 to 255)");
    }
    const auto type = static_cast<uint8_t>(type_id == nullptr ? 0 : type_id->get<uint32_t>());
    if (item.contains("Sequence")) {
      pieces->push_back(Piece(name == "B" ? FrameItem::Second : FrameItem::First, 0, type));
      return;
    }
    const Json* token = tokens != nullptr && tokens->is_object() ? Get(*tokens, name.c_str()) : nullptr;
    const Json* ids = token != nullptr && token->is_object() ? Get(*token, "ids") : nullptr;
    if (ids == nullptr || !ids->is_array()) throw Error(where_ + ": \"" + key + "\": \"" + name + "\" has no ids");
    // A list of ids counts again wherever its name stands.
    if (pieces->size() + ids->size() > kLimits.frame_pieces) {
      throw Error(where_ + ": \"" + key + "\" has more than " + std::to_string(kLimits.frame_pieces) +
                  " pieces, and a .pbert file holds at most so many");
    }
    for (const Json& id : *ids) pieces->push_back(Piece(FrameItem::SpecialToken, CheckedId(id, name), type));
  }

  uint32_t embedding_rows_;
  std::string where_;
};

}  // namespace

Frame BertFrame(uint32_t cls, uint32_t sep) {
  Frame frame;
  for (FramePieces* pieces : {&frame.single, &frame.pair}) {
    pieces->push_back(Piece(FrameItem::SpecialToken, cls, 0));
    pieces->push_back(Piece(FrameItem::First, 0, 0));
    pieces->push_back(Piece(FrameItem::SpecialToken, sep, 0));
  }
  frame.pair.push_back(Piece(FrameItem::Second, 0, 1));
  frame.pair.push_back(Piece(FrameItem::SpecialToken, sep, 1));
  return frame;
}

Frame ReadFrame(const Json* processor, uint32_t embedding_rows, const std::string& where) {
  const Json* inner = Unwrap(processor, "processors");
  const FrameReader reader(embedding_rows, where);
  if (TypeOf(inner) == "BertProcessing") return reader.ReadBertProcessing(*inner);
  if (TypeOf(inner) == "TemplateProcessing") return reader.ReadTemplate(*inner);
  throw Error(UnsupportedPart(where, "post_processor", inner, "TemplateProcessing, BertProcessing"));
}

}  // namespace pbert::converter
