// What the C interface's opaque handles are made of, and how its functions fail.
#ifndef POCKETBERT_C_API_HANDLES_H_
#define POCKETBERT_C_API_HANDLES_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/status.h"
#include "c_api/packed_models.h"
#include "model/model.h"
#include "pocketbert/pocketbert.h"
#include "tasks/session.h"
#include "text/piece_list.h"
#include "text/tokenizer.h"

// Held by its user from pbert_open to pbert_close and by each of its sessions; the last to let go frees it.
// So nothing breaks when a garbage collector ends a session after its model. Thread-safe.
struct pbert_model {
  std::unique_ptr<pbert::Model> file;
  pbert::Tokenizer tokenizer;
  pbert::PackedModels packed;
  std::atomic<uint32_t> references{1};
};

// One thread at a time.
struct pbert_session {
  pbert_model* model = nullptr;
  pbert::Session session;
};

namespace pbert {

void Ref(pbert_model* model);
void Unref(pbert_model* model);

// Keeps the status's message for pbert_error() on this thread, unless it is OK. Gives back the code.
pbert_status Report(const Status& status);

// An input of the C interface, checked. `function` begins the message.
Status ReadText(const char* function, const char* name, const char* text, size_t size, std::string_view* read);
Status ReadInput(const pbert_input* input, const char* function, TextInput* read);

// Inputs of the C interface that lie one behind the other, as large as the caller's age makes them. Not kept.
class InputArray {
 public:
  static Status Open(const pbert_input* inputs, uint32_t count, const char* function, InputArray* array);
  // An input, checked.
  Status Read(size_t index, TextInput* read) const;

 private:
  const char* function_ = "";
  const pbert_input* first_ = nullptr;
  uint32_t struct_size_ = 0;
};

// Copies a text that was made to a caller's buffer, as far as it fits, and says its size.
Status CopyText(const PieceList& made, const char* function, char* text, size_t capacity, size_t* size);

// "pbert_open: path is null".
Status NullArgument(const char* function, const char* argument);

// The numbers of pbert_backend are those of BackendKind.
Status ReadBackend(uint32_t given, const char* function, BackendKind* backend);

}  // namespace pbert

#endif  // POCKETBERT_C_API_HANDLES_H_
