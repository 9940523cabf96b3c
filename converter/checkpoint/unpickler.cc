#include "converter/checkpoint/unpickler.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

constexpr size_t kMaxDimensions = 8;
constexpr size_t kLongestKey = 256;
constexpr size_t kLongestTensorName = 1024;

// What a value is. Texts, lists, globals, storages and tensors live in tables of the machine, and a value holds their
// number there: whatever refers to whatever, nothing is owned twice and nothing recurses.
enum class Kind : uint8_t { kNone, kBool, kInt, kFloat, kText, kSequence, kDict, kGlobal, kStorage, kTensor, kMark };

struct Value {
  Kind kind = Kind::kNone;
  int64_t number = 0;  // kBool, kInt: itself; else the index in a table
};

// A tuple or list, or a dict as key, value, key, value, ...
using Items = std::vector<Value>;

enum class Global { kOrderedDict, kRebuildTensor, kRebuildParameter, kStorageType };
struct GlobalName {
  Global what;
  std::string name;
};

// The opcodes of protocols 2 to 4 that torch.save writes (https://docs.python.org/3/library/pickletools.html).
class Machine {
 public:
  Machine(std::string_view code, const std::string& where) : code_(code), where_(where) {}

  // Runs to STOP; the result is what lies on top.
  Value Run() {
    for (;;) {
      const char opcode = Bytes(1)[0];
      if (opcode == '.') return Pop();
      Step(opcode);
    }
  }

  const Items& items(const Value& value) const { return lists_[static_cast<size_t>(value.number)]; }
  const std::string& text(const Value& value) const { return texts_[static_cast<size_t>(value.number)]; }
  const PickledTensor& tensor(const Value& value) const { return tensors_[static_cast<size_t>(value.number)]; }

  // Called before memory is taken that stays. A pickle can recall a value in two bytes, so that neither the number of
  // its opcodes nor what each takes says how much they take together.
  void Charge(uint64_t bytes) {
    constexpr uint64_t kConstant = 64 << 10;
    charged_ += bytes;
    if (charged_ > kPickleMemory * code_.size() + kConstant) {
      Fail("it asks for more than " + std::to_string(kPickleMemory) +
           " times its size in memory, which no PyTorch checkpoint does; save the model again with save_pretrained");
    }
  }
  static uint64_t BytesOf(const PickledTensor& tensor) {
    return sizeof(tensor) + tensor.name.size() + tensor.storage_type.size() + tensor.storage_key.size() +
           (tensor.shape.size() + tensor.strides.size()) * sizeof(uint64_t) + 64;
  }

  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(where_ + ": byte " + std::to_string(at_) + " of its pickle: " + why);
  }

 private:
  std::string_view Bytes(uint64_t count) {
    if (count > code_.size() - at_) Fail("it ends too early");
    const std::string_view bytes = code_.substr(at_, static_cast<size_t>(count));
    at_ += static_cast<size_t>(count);
    return bytes;
  }
  uint64_t Number(size_t bytes) {
    uint64_t number = 0;
    memcpy(&number, Bytes(bytes).data(), bytes);
    return number;
  }
  std::string_view Line() {
    const size_t end = code_.find('\n', at_);
    if (end == std::string_view::npos) Fail("a line that does not end");
    const std::string_view line = Bytes(end - at_);
    ++at_;
    return line;
  }

  void Push(Kind kind, int64_t number = 0) { Push(Value{kind, number}); }
  void Push(Value value) {
    // The vector keeps its memory when values leave it, and is there twice while it grows.
    if (stack_.size() >= deepest_) {
      Charge(3 * sizeof(Value));
      ++deepest_;
    }
    stack_.push_back(value);
  }
  void PushText(std::string_view text) {
    Charge(sizeof(std::string) + text.size() + 16);
    texts_.emplace_back(text);
    Push(Kind::kText, static_cast<int64_t>(texts_.size() - 1));
  }
  void PushItems(Kind kind, Items items) {
    Charge(sizeof(Items) + 16 + items.size() * sizeof(Value));
    lists_.push_back(std::move(items));
    Push(kind, static_cast<int64_t>(lists_.size() - 1));
  }
  Value Pop() {
    if (stack_.empty() || stack_.back().kind == Kind::kMark) Fail("a value is missing");
    const Value value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Items PopCount(size_t count) {
    Items items(count);
    for (size_t i = count; i > 0; --i) items[i - 1] = Pop();
    return items;
  }
  Items PopToMark() {
    size_t begin = stack_.size();
    while (begin > 0 && stack_[begin - 1].kind != Kind::kMark) --begin;
    if (begin == 0) Fail("a mark is missing");
    Items items(stack_.begin() + static_cast<ptrdiff_t>(begin), stack_.end());
    stack_.resize(begin - 1);
    return items;
  }

  // clang-format off
  void Step(char opcode) {
    switch (opcode) {
      case '\x80': Bytes(1); break;                                  // PROTO
      case '\x95': Bytes(8); break;                                  // FRAME
      case '(': Push(Kind::kMark); break;                            // MARK
      case '0': Pop(); break;                                        // POP
      case 'N': Push(Kind::kNone); break;
      case '\x88': Push(Kind::kBool, 1); break;                      // NEWTRUE
      case '\x89': Push(Kind::kBool, 0); break;                      // NEWFALSE
      case 'K': Push(Kind::kInt, static_cast<int64_t>(Number(1))); break;                  // BININT1
      case 'M': Push(Kind::kInt, static_cast<int64_t>(Number(2))); break;                  // BININT2
      case 'J': Push(Kind::kInt, static_cast<int32_t>(Number(4))); break;                  // BININT
      case '\x8a': PushLong(static_cast<size_t>(Number(1))); break;  // LONG1
      case 'G': Bytes(8); Push(Kind::kFloat); break;                 // BINFLOAT: never needed
      case 'X': PushText(Bytes(Number(4))); break;                   // BINUNICODE
      case '\x8c': PushText(Bytes(Number(1))); break;                // SHORT_BINUNICODE
      case ')': PushItems(Kind::kSequence, {}); break;               // EMPTY_TUPLE
      case ']': PushItems(Kind::kSequence, {}); break;               // EMPTY_LIST
      case '}': PushItems(Kind::kDict, {}); break;                   // EMPTY_DICT
      case 't': PushItems(Kind::kSequence, PopToMark()); break;      // TUPLE
      case '\x85': PushItems(Kind::kSequence, PopCount(1)); break;   // TUPLE1
      case '\x86': PushItems(Kind::kSequence, PopCount(2)); break;
      case '\x87': PushItems(Kind::kSequence, PopCount(3)); break;
      case 'a': Append(Kind::kSequence, PopCount(1)); break;         // APPEND
      case 'e': Append(Kind::kSequence, PopToMark()); break;         // APPENDS
      case 's': Append(Kind::kDict, PopCount(2)); break;             // SETITEM
      case 'u': Append(Kind::kDict, PopToMark()); break;             // SETITEMS
      case 'q': Memoize(Number(1)); break;                           // BINPUT
      case 'r': Memoize(Number(4)); break;                           // LONG_BINPUT
      case '\x94': Memoize(memo_.size()); break;                     // MEMOIZE
      case 'h': Recall(Number(1)); break;                            // BINGET
      case 'j': Recall(Number(4)); break;                            // LONG_BINGET
      case 'c': GlobalByLines(); break;                              // GLOBAL
      case '\x93': GlobalByTexts(PopCount(2)); break;                // STACK_GLOBAL
      case 'Q': PersistentId(Pop()); break;                          // BINPERSID
      case 'R': Reduce(); break;                                     // REDUCE
      case 'b': Pop(); break;                                        // BUILD: attributes (_metadata), not needed
      default: Fail("opcode " + std::to_string(static_cast<unsigned char>(opcode)) +
                    ", which no PyTorch checkpoint needs; it is refused");
    }
  }
  // clang-format on

  void GlobalByLines() {
    const std::string module(Line());
    PushGlobal(module, std::string(Line()));
  }
  void GlobalByTexts(const Items& names) { PushGlobal(Text(names[0]), Text(names[1])); }
  void PushLong(size_t bytes) {
    if (bytes > 8) Fail("a number of more than 64 bits");
    const bool negative =
        bytes > 0 && (static_cast<uint8_t>(code_[std::min(code_.size() - 1, at_ + bytes - 1)]) & 0x80) != 0;
    uint64_t number = Number(bytes);
    if (negative && bytes < 8) number |= ~uint64_t{0} << (8 * bytes);
    Push(Kind::kInt, static_cast<int64_t>(number));
  }
  void Append(Kind kind, const Items& items) {
    if (stack_.empty() || stack_.back().kind != kind || (kind == Kind::kDict && items.size() % 2 != 0)) {
      Fail("items without a list or dict to go to");
    }
    Items& list = lists_[static_cast<size_t>(stack_.back().number)];
    Charge(3 * items.size() * sizeof(Value));
    list.insert(list.end(), items.begin(), items.end());
  }
  void Memoize(uint64_t key) {
    if (stack_.empty() || stack_.back().kind == Kind::kMark) Fail("a value is missing");
    const auto [place, is_new] = memo_.insert_or_assign(key, stack_.back());
    if (is_new) Charge(sizeof(*place) + 48);  // a node, and its part of the table
  }
  void Recall(uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) Fail("a value that was never stored");
    Push(found->second);
  }

  const std::string& Text(const Value& value) const {
    if (value.kind != Kind::kText) Fail("something else where a text should be");
    return text(value);
  }
  uint64_t Natural(const Value& value) const {
    if (value.kind != Kind::kInt || value.number < 0) Fail("something else where a natural number should be");
    return static_cast<uint64_t>(value.number);
  }
  std::vector<uint64_t> Naturals(const Value& value) const {
    if (value.kind != Kind::kSequence || items(value).size() > kMaxDimensions) {
      Fail("something else where a list of numbers should be");
    }
    std::vector<uint64_t> numbers;
    for (const Value& item : items(value)) numbers.push_back(Natural(item));
    return numbers;
  }

  // The whole list of what a checkpoint may call for.
  void PushGlobal(const std::string& module, const std::string& name) {
    if (name.size() > kLongestKey || module.size() > kLongestKey) Fail("a call of something with an endless name");
    GlobalName global{Global::kStorageType, name};
    if (module == "collections" && name == "OrderedDict") {
      global.what = Global::kOrderedDict;
    } else if (module == "torch._utils" && name == "_rebuild_tensor_v2") {
      global.what = Global::kRebuildTensor;
    } else if (module == "torch._utils" && name == "_rebuild_parameter") {
      global.what = Global::kRebuildParameter;
    } else if (module != "torch" || !name.ends_with("Storage") || name == "UntypedStorage") {
      throw Error(where_ + ": its pickle calls for " + module + "." + name +
                  ", which is not part of a state dict; it is refused, because such calls can run any code. Save the "
                  "model's state_dict, or save_pretrained with safetensors");
    }
    Charge(2 * sizeof(global) + name.size());
    globals_.push_back(global);
    Push(Kind::kGlobal, static_cast<int64_t>(globals_.size() - 1));
  }

  // ('storage', type, key, device, elements)
  void PersistentId(const Value& value) {
    if (value.kind != Kind::kSequence || items(value).size() != 5) Fail("a reference to something that is no storage");
    const Items& parts = items(value);
    if (Text(parts[0]) != "storage" || parts[1].kind != Kind::kGlobal) {
      Fail("a reference to something that is no storage");
    }
    PickledTensor storage;
    storage.storage_type = globals_[static_cast<size_t>(parts[1].number)].name;
    if (Text(parts[2]).size() > kLongestKey) Fail("a storage with a name that is too long");
    storage.storage_key = Text(parts[2]);
    storage.storage_elements = Natural(parts[4]);
    Charge(BytesOf(storage));
    tensors_.push_back(storage);
    Push(Kind::kStorage, static_cast<int64_t>(tensors_.size() - 1));
  }

  // Calls the callable below the arguments.
  void Reduce() {
    const Items call = PopCount(2);
    if (call[0].kind != Kind::kGlobal || call[1].kind != Kind::kSequence)
      Fail("a call of something that is no function");
    const Items& arguments = items(call[1]);
    switch (globals_[static_cast<size_t>(call[0].number)].what) {
      case Global::kOrderedDict:  // empty, or of a list of pairs, which torch does not write
        if (!arguments.empty()) Fail("an OrderedDict with arguments");
        return PushItems(Kind::kDict, {});
      case Global::kRebuildParameter:  // (tensor, requires_grad, hooks)
        if (arguments.empty() || arguments[0].kind != Kind::kTensor) Fail("a parameter that is no tensor");
        return Push(arguments[0]);
      case Global::kRebuildTensor: {  // (storage, offset, shape, strides, requires_grad, hooks)
        if (arguments.size() < 4 || arguments[0].kind != Kind::kStorage) Fail("a tensor without a storage");
        PickledTensor made = tensor(arguments[0]);
        made.offset = Natural(arguments[1]);
        made.shape = Naturals(arguments[2]);
        made.strides = Naturals(arguments[3]);
        if (made.shape.size() != made.strides.size()) Fail("a tensor whose shape and strides disagree");
        Charge(BytesOf(made));
        tensors_.push_back(std::move(made));
        return Push(Kind::kTensor, static_cast<int64_t>(tensors_.size() - 1));
      }
      case Global::kStorageType:
        Fail("a call of a storage type");
    }
  }

  std::string_view code_;
  std::string where_;
  size_t at_ = 0;
  std::vector<Value> stack_;
  std::unordered_map<uint64_t, Value> memo_;
  std::deque<std::string> texts_;
  std::deque<Items> lists_;
  std::vector<GlobalName> globals_;
  std::deque<PickledTensor> tensors_;
  uint64_t charged_ = 0;
  size_t deepest_ = 0;  // that the stack has been
};

}  // namespace

std::vector<PickledTensor> ReadStateDict(std::string_view pickle, const std::string& where) {
  Machine machine(pickle, where);
  Value root = machine.Run();
  if (root.kind != Kind::kDict) throw Error(where + ": its pickle is no dict of tensors");
  std::vector<PickledTensor> tensors;
  std::unordered_set<std::string_view> names;
  for (int depth = 0; depth < 2 && tensors.empty(); ++depth) {
    const Items& items = machine.items(root);
    for (size_t i = 0; i < items.size(); i += 2) {
      if (items[i].kind != Kind::kText) continue;
      const std::string& name = machine.text(items[i]);
      if (items[i + 1].kind == Kind::kTensor) {
        if (name.size() > kLongestTensorName) {
          throw Error(where + ": a tensor's name in its pickle has " + std::to_string(name.size()) +
                      " bytes, more than " + std::to_string(kLongestTensorName));
        }
        if (!names.insert(name).second) throw Error(where + ": tensor \"" + name + "\": appears twice");
        machine.Charge(3 * Machine::BytesOf(machine.tensor(items[i + 1])) + 2 * name.size());
        tensors.push_back(machine.tensor(items[i + 1]));
        tensors.back().name = name;
      } else if (items[i + 1].kind == Kind::kDict && (name == "state_dict" || name == "model")) {
        root = items[i + 1];
      }
    }
  }
  if (tensors.empty()) throw Error(where + ": its pickle has no tensors");
  return tensors;
}

}  // namespace pbert::converter
