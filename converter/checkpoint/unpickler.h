// The pickle inside a PyTorch checkpoint, read without running it.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_UNPICKLER_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_UNPICKLER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pbert::converter {

// A tensor as torch pickles it: a view of a storage, which is a file of its own beside the pickle.
struct PickledTensor {
  std::string name;
  std::string storage_type;  // "FloatStorage", ...
  std::string storage_key;
  uint64_t storage_elements = 0;
  uint64_t offset = 0;  // in elements
  std::vector<uint64_t> shape;
  std::vector<uint64_t> strides;  // as many, in elements
};

inline constexpr uint64_t kPickleMemory = 64;

// The tensors of a pickled state dict, in its order: the dict itself, or one under "state_dict" or "model". A pickle is
// a program; this one is interpreted only as far as tensors, storages, dicts, lists, tuples, texts and numbers go, and
// every other name that it calls for is refused and named, so that no file can make us do anything.
// Memory: kPickleMemory times `pickle`, and 64 KiB. What torch.save writes needs some 20 times; a pickle that asks for
// more is refused while it does, and time is bounded with it. Throws Error, whose text begins with `where`.
std::vector<PickledTensor> ReadStateDict(std::string_view pickle, const std::string& where);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_UNPICKLER_H_
