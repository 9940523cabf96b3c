#include "converter/checkpoint/unwrapped_weights.h"

#include <string_view>

#include "converter/support/error.h"

namespace pbert::converter {

std::string UnwrappedName(const std::string& name) {
  std::string unwrapped;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view part(name.data() + begin, end - begin);
    if (part != "_orig_mod" && part != "module") {
      unwrapped += (unwrapped.empty() ? "" : ".");
      unwrapped += part;
    }
    begin = end + 1;
  }
  std::string_view rest = unwrapped;  // a name may consist of fronts: it is copied once, not once for each
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view front : {"model.", "0.auto_model."}) {
      if (!rest.starts_with(front)) continue;
      rest.remove_prefix(front.size());
      found = true;
    }
  }
  return std::string(rest);
}

UnwrappedWeights::UnwrappedWeights(std::unique_ptr<Weights> weights) : weights_(std::move(weights)) {
  for (const std::string& name : weights_->Names()) {
    const std::string unwrapped = UnwrappedName(name);
    const auto [place, is_new] = tensors_.emplace(unwrapped, weights_->Find(name));
    if (is_new || place->second->name == unwrapped) continue;
    if (name != unwrapped) {
      throw Error(weights_->name() + ": tensors \"" + place->second->name + "\" and \"" + name + "\" are both \"" +
                  unwrapped + "\" of two wrappers: which is meant? Save the model itself with save_pretrained");
    }
    place->second = weights_->Find(name);
  }
}

const SourceTensor* UnwrappedWeights::Find(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  return found == tensors_.end() ? nullptr : found->second;
}

}  // namespace pbert::converter
