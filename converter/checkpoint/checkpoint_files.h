// What lies in a checkpoint's directory, and what to do where it is not a checkpoint.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_CHECKPOINT_FILES_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_CHECKPOINT_FILES_H_

#include <filesystem>
#include <memory>
#include <string>

#include "converter/checkpoint/weights.h"

namespace pbert::converter {

// The directory behind what the user typed: itself, or, for a model's name ("org/name"), its snapshot in the Hugging
// Face cache (HF_HUB_CACHE, HF_HOME, else ~/.cache/huggingface/hub). Throws Error: where there is no such model, with
// the command that downloads it; for a file, with what to give instead.
std::filesystem::path FindCheckpoint(const std::string& path_or_name);

// Opens model.safetensors, pytorch_model.bin or the index of a sharded one. config.json must be there. Throws Error:
// for a directory with something else in it (an adapter, a tokenizer, weights of another framework), with the way out.
std::unique_ptr<Weights> OpenWeights(const std::filesystem::path& directory);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_CHECKPOINT_FILES_H_
