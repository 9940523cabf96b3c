// The pickle of a PyTorch checkpoint: what is understood, and that nothing else is.
#include "converter/checkpoint/unpickler.h"

#include <doctest/doctest.h>

#include "converter/checkpoint_fixture.h"
#include "converter/pickle_fixture.h"

namespace pbert::converter {
namespace {

using test::CheckMessage;
using test::ErrorOf;
using test::PickleGlobal;
using test::PickleInt;
using test::PickleOf;
using test::PickleStateDict;
using test::PickleTensor;
using test::PickleText;

const PickleTensor kMatrix = {.name = "a.weight", .key = "0", .elements = 6, .shape = {2, 3}, .strides = {3, 1}};
const PickleTensor kView = {
    .name = "b", .storage = "HalfStorage", .key = "17", .elements = 9, .offset = 4, .shape = {5}, .strides = {1}};

TEST_CASE("unpickler: tensors with their storages, shapes and strides") {
  const std::vector<PickledTensor> tensors = ReadStateDict(PickleStateDict({kMatrix, kView}), "f");
  REQUIRE(tensors.size() == 2);
  CHECK(tensors[0].name == "a.weight");
  CHECK(tensors[0].storage_type == "FloatStorage");
  CHECK(tensors[0].storage_key == "0");
  CHECK(tensors[0].storage_elements == 6);
  CHECK(tensors[0].shape == std::vector<uint64_t>{2, 3});
  CHECK(tensors[0].strides == std::vector<uint64_t>{3, 1});
  CHECK(tensors[1].storage_type == "HalfStorage");
  CHECK(tensors[1].storage_key == "17");
  CHECK(tensors[1].offset == 4);
}

TEST_CASE("unpickler: a plain dict, a dict of parameters, and one that lies deeper") {
  const std::string tensor = PickleOf(kMatrix);
  const std::string plain = "\x80\x02}" + PickleText("w") + tensor + "s.";
  REQUIRE(ReadStateDict(plain, "f").size() == 1);
  CHECK(ReadStateDict(plain, "f")[0].name == "w");
  const std::string parameter =
      "\x80\x02}" + PickleText("w") + PickleGlobal("torch._utils", "_rebuild_parameter") + "(" + tensor + "\x88}tRs.";
  CHECK(ReadStateDict(parameter, "f")[0].shape == std::vector<uint64_t>{2, 3});
  const std::string deeper = "\x80\x02}(" + PickleText("epoch") + PickleInt(3) + PickleText("state_dict") + "}" +
                             PickleText("w") + tensor + "su.";
  CHECK(ReadStateDict(deeper, "f")[0].name == "w");
}

TEST_CASE("unpickler: whatever else a pickle calls for is refused by its name") {
  const std::pair<std::string, std::string> calls[] = {{"os", "system"},
                                                       {"builtins", "eval"},
                                                       {"torch", "load"},
                                                       {"torch", "UntypedStorage"},
                                                       {"numpy.core.multiarray", "_reconstruct"},
                                                       {"torch._utils", "_rebuild_tensor"},
                                                       {"transformers.models.bert", "BertModel"},
                                                       {"collections", "Counter"}};
  for (const auto& [module, name] : calls) {
    const std::string call = "\x80\x02" + PickleGlobal(module, name) + "(" + PickleText("true") + "tR.";
    CheckMessage(ErrorOf([&] { ReadStateDict(call, "file.bin"); }), {"file.bin", module + "." + name, "refused"});
    // STACK_GLOBAL is another way to the same.
    const std::string stack = "\x80\x04" + PickleText(module) + PickleText(name) + "\x93)R.";
    CheckMessage(ErrorOf([&] { ReadStateDict(stack, "file.bin"); }), {module + "." + name, "refused"});
  }
  for (const char opcode : {'i', 'o', '\x81', '\x92', 'P', '\x82', 'S', 'p'}) {
    CheckMessage(ErrorOf([&] { ReadStateDict(std::string("\x80\x02") + opcode + "abc\n.", "f"); }),
                 {"opcode", "refused"});
  }
}

TEST_CASE("unpickler: every shorter, and many a damaged, pickle is an error and no more") {
  const std::string whole = PickleStateDict({kMatrix, kView});
  for (size_t size = 0; size < whole.size(); ++size) {
    CHECK(ErrorOf([&] { ReadStateDict(std::string_view(whole).substr(0, size), "f"); }) != "");
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {1, 0x80, 0xFF}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      (void)ErrorOf([&] { ReadStateDict(damaged, "f"); });
    }
  }
  // A list that contains itself, and a tuple of tuples of tuples.
  CHECK(ErrorOf([] {
          ReadStateDict(
              "\x80\x02]q\x01h\x01"
              "a.",
              "f");
        }) != "");
  CHECK(ErrorOf([] { ReadStateDict(std::string("\x80\x02)") + std::string(100000, '\x85') + ".", "f"); }) != "");
}

}  // namespace
}  // namespace pbert::converter
