#include "converter/tokenizer/processing.h"

#include <memory>
#include <utility>

#include "converter/support/error.h"
#include "converter/tokenizer/frame.h"
#include "converter/tokenizer/tokenizer_json.h"

namespace pbert::converter {
namespace {

using schema::FrameItem;

void AddItem(FrameItem item, uint32_t id, uint8_t type_id, FramePieces* frame) {
  frame->push_back(std::make_unique<schema::FramePieceT>());
  frame->back()->item = item;
  frame->back()->id = id;
  frame->back()->type_id = type_id;
}

// Reads processors one behind the other into a table.
class ProcessingReader {
 public:
  ProcessingReader(uint32_t embedding_rows, const std::string& where, schema::TokenizerT* table)
      : embedding_rows_(embedding_rows), where_(where), table_(table) {}

  void Add(const Json& processor) {
    const std::string type = TypeOf(&processor);
    if (type == "Sequence") {
      const Json* elements = Get(processor, "processors");
      if (elements == nullptr || !elements->is_array()) {
        throw Error(where_ + ": post_processor Sequence: \"processors\" is not a list");
      }
      for (const Json& element : *elements) Add(element);
    } else if (type == "ByteLevel") {
      AddTrim(processor);
    } else if (type == "RobertaProcessing") {
      RequireFirstFrame();
      const uint32_t sep = ProcessorId(processor, "sep"),
                     cls = ProcessorId(processor, "cls");  // in this order: each may throw
      SetRobertaFrame(cls, sep, table_);
      AddTrim(processor);
    } else if (type == "TemplateProcessing" || type == "BertProcessing") {
      RequireFirstFrame();
      Frame frame = ReadFrame(&processor, embedding_rows_, where_);
      table_->frame_single = std::move(frame.single);
      table_->frame_pair = std::move(frame.pair);
    } else {
      throw Error(UnsupportedPart(where_, "post_processor", &processor,
                                  "Sequence, TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel"));
    }
  }

  // Without a processor that says otherwise a text stands for itself.
  void Finish() {
    if (!table_->frame_single.empty()) return;
    AddItem(FrameItem::First, 0, 0, &table_->frame_single);
    AddItem(FrameItem::First, 0, 0, &table_->frame_pair);
    AddItem(FrameItem::Second, 0, 1, &table_->frame_pair);
  }

 private:
  void RequireFirstFrame() const {
    if (table_->frame_single.empty()) return;
    throw Error(where_ + ": post_processor: more than one that adds special tokens is not supported");
  }

  void AddTrim(const Json& processor) {
    if (!Flag(processor, "trim_offsets")) return;
    if (table_->trim_offsets) {
      throw Error(where_ + ": post_processor: more than one with \"trim_offsets\" is not supported");
    }
    table_->trim_offsets = true;
    table_->trim_keeps_first = Flag(processor, "add_prefix_space");
  }

  bool Flag(const Json& processor, const char* key) const {
    const Json* value = Get(processor, key);
    if (value == nullptr) return true;
    if (!value->is_boolean()) throw Error(where_ + ": post_processor: \"" + key + "\" is not true or false");
    return *value;
  }

  uint32_t ProcessorId(const Json& processor, const char* key) const {
    const Json* value = Get(processor, key);
    if (value == nullptr || !value->is_array() || value->size() != 2) {
      throw Error(where_ + ": post_processor: \"" + key + "\" is not a token and its id");
    }
    const Json& id = (*value)[1];
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= embedding_rows_) {
      throw Error(where_ + ": post_processor: \"" + key + "\": id " + Excerpt(id) + " is not below " +
                  std::to_string(embedding_rows_) + ", the rows of the token embedding");
    }
    return id.get<uint32_t>();
  }

  const uint32_t embedding_rows_;
  const std::string where_;
  schema::TokenizerT* const table_;
};

}  // namespace

void ReadProcessing(const Json* processor, uint32_t embedding_rows, const std::string& where,
                    schema::TokenizerT* table) {
  ProcessingReader reader(embedding_rows, where, table);
  if (processor != nullptr) reader.Add(*processor);
  reader.Finish();
}

void SetRobertaFrame(uint32_t cls, uint32_t sep, schema::TokenizerT* table) {
  for (FramePieces* frame : {&table->frame_single, &table->frame_pair}) {
    AddItem(FrameItem::SpecialToken, cls, 0, frame);
    AddItem(FrameItem::First, 0, 0, frame);
    AddItem(FrameItem::SpecialToken, sep, 0, frame);
  }
  AddItem(FrameItem::SpecialToken, sep, 0, &table->frame_pair);
  AddItem(FrameItem::Second, 0, 0, &table->frame_pair);
  AddItem(FrameItem::SpecialToken, sep, 0, &table->frame_pair);
}

}  // namespace pbert::converter
