#include "converter/checkpoint/row_subset.h"

#include <algorithm>

#include "converter/support/error.h"

namespace pbert::converter {

const SourceTensor* RowSubset::Choose(const SourceTensor& tensor) {
  const uint64_t there = tensor.shape.at(0);
  if (rows_.empty() || rows_.back() >= there) {
    throw Error(name() + ": tensor \"" + tensor.name + "\": internal error: row " +
                (rows_.empty() ? "none" : std::to_string(rows_.back())) + " of " + std::to_string(there));
  }
  auto chosen = std::make_unique<Chosen>(Chosen{tensor, &tensor});
  chosen->tensor.name += " (the rows that are kept)";  // for messages, which count these
  chosen->tensor.shape[0] = rows_.size();
  chosen->tensor.elements = tensor.elements / there * rows_.size();
  chosen_.push_back(std::move(chosen));
  return &chosen_.back()->tensor;
}

const SourceTensor* RowSubset::Find(const std::string& tensor) const {
  const auto found =
      std::find_if(chosen_.begin(), chosen_.end(), [&](const auto& chosen) { return chosen->tensor.name == tensor; });
  return found == chosen_.end() ? nullptr : &(*found)->tensor;
}

std::vector<std::string> RowSubset::Names() const {
  std::vector<std::string> names;
  for (const auto& chosen : chosen_) names.push_back(chosen->tensor.name);
  return names;
}

// Rows that follow each other are read at once: a vector has one element a row.
void RowSubset::Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) {
  const auto found =
      std::find_if(chosen_.begin(), chosen_.end(), [&](const auto& chosen) { return &chosen->tensor == &tensor; });
  if (found == chosen_.end()) throw Error(name() + ": internal error: \"" + tensor.name + "\" is no choice of rows");
  const SourceTensor& whole = *(*found)->whole;
  const uint64_t width = whole.elements / whole.shape[0];
  while (!out.empty()) {
    const auto row = static_cast<size_t>(first / width);
    const uint64_t skipped = first % width;
    size_t run = 1;
    while (run * width - skipped < out.size() && rows_[row + run] == rows_[row] + run) ++run;
    const auto count = static_cast<size_t>(std::min<uint64_t>(run * width - skipped, out.size()));
    whole_->Read(whole, rows_[row] * width + skipped, out.first(count));
    first += count;
    out = out.subspan(count);
  }
}

}  // namespace pbert::converter
