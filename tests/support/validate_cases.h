// What the tests of the validator share: the tiny file with one thing wrong and its checksum right.
#ifndef POCKETBERT_TESTS_SUPPORT_VALIDATE_CASES_H_
#define POCKETBERT_TESTS_SUPPORT_VALIDATE_CASES_H_

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/tiny_file.h"
#include "text/check_tokenizer.h"

namespace pbert::test {

using namespace schema;

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

inline Status Open(const TinyFile& file) {
  const Placed placed(file.Bytes(), 4);
  std::unique_ptr<pbert::Model> model;
  const Status status = pbert::Model::OpenMemory(placed.data(), placed.size(), {}, &model);
  if (status.ok()) ReadEverything(*model);
  return status;
}

// The gates of the model and those of the tokenizer behind them, which its trie is not a part of: the tiny file's is
// empty.
inline Status OpenWhole(const TinyFile& file) {
  const Placed placed(file.Bytes(), 4);
  std::unique_ptr<pbert::Model> model;
  PBERT_RETURN_IF_ERROR(pbert::Model::OpenMemory(placed.data(), placed.size(), {}, &model));
  ReadEverything(*model);
  uint32_t vocabulary_size = 0;
  return CheckTokenizer(*model, &vocabulary_size);
}

struct Case {
  std::string name;
  std::function<void(TinyFile&)> change;
  const char* where;  // both must be in the message
  const char* why;
  Code code = Code::kBadFile;
};

inline void Run(const std::vector<Case>& cases, Status (*open)(const TinyFile&) = Open) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    TinyFile file;
    c.change(file);
    const Status status = open(file);
    CHECK(status.code() == c.code);
    CHECK_MESSAGE(strstr(status.message(), c.where) != nullptr, std::string(status.message()));
    CHECK_MESSAGE(strstr(status.message(), c.why) != nullptr, std::string(status.message()));
  }
}

inline EncoderT& Encoder(TinyFile& f) { return *f.model.encoder; }
inline LayerT& Layer0(TinyFile& f) { return *f.model.encoder->layers[0]; }
inline HeadT& Head0(TinyFile& f) { return *f.model.heads[0]; }
inline TokenizerT& Words(TinyFile& f) { return *f.model.tokenizer; }
inline TensorT& Query(TinyFile& f) { return f.tensor("layer.0.query.weight"); }
inline TensorT& Token(TinyFile& f) { return f.tensor("embeddings.token"); }
template <typename Enum>
Enum Unknown() {
  return static_cast<Enum>(200);
}

// Turns the classifier into one of another task, with `outputs` outputs.
inline void SetTask(TinyFile& f, Task task, RowChoice rows, uint32_t outputs) {
  Head0(f).task = task;
  Head0(f).rows = rows;
  Head0(f).labels.clear();
  Head0(f).steps.back()->linear = f.AddLinear("head.other", outputs, TinyFile::kHidden, TensorType::I8);
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_SUPPORT_VALIDATE_CASES_H_
