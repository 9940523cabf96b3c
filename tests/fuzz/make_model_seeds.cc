// Writes the seeds of model_fuzz: random models that open and can be asked everything, the smallest of each task and
// tokenizer.
//
//   make_model_seeds FOLDER

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "pocketbert/pocketbert.h"
#include "tests/fuzz/random_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" size_t LLVMFuzzerMutate(uint8_t*, size_t size, size_t) { return size; }

namespace {

// A seed that fails would be all that a run ever tries. In a child, which may.
bool Passes(const std::vector<uint8_t>& file) {
  const pid_t child = fork();
  if (child == 0) {
    LLVMFuzzerTestOneInput(file.data(), file.size());
    _exit(0);
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  using Kind = std::tuple<pbert::schema::Task, pbert::schema::TokenizerKind, bool>;
  std::map<Kind, std::vector<uint8_t>> smallest;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    pbert::fuzz::Chance chance(seed);
    const pbert::fuzz::RandomModel file = pbert::fuzz::MakeRandomModel(&chance, false);
    const std::vector<uint8_t> bytes = file.Bytes();
    pbert_model* model = nullptr;
    if (pbert_open_memory(bytes.data(), bytes.size(), nullptr, &model) != PBERT_OK) continue;
    pbert_close(model);
    const pbert::schema::TokenizerT& tokenizer = *file.model.tokenizer;
    std::vector<uint8_t>& kept =
        smallest[{file.model.heads[0]->task, tokenizer.kind, tokenizer.preparation != nullptr}];
    if ((kept.empty() || bytes.size() < kept.size()) && Passes(bytes)) kept = bytes;
  }
  for (const auto& [kind, bytes] : smallest) {
    const auto& [task, tokenizer, prepared] = kind;
    std::string name = std::string(EnumNameTask(task)) + "-" + EnumNameTokenizerKind(tokenizer);
    if (prepared) name += "-prepared";
    std::ofstream(std::string(argv[1]) + "/" + name + ".pbert", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  std::printf("%zu models\n", smallest.size());
}
