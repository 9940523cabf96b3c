// Labels that a session learns from a few sentences, beside those of its file: means in the space of the file's
// rejection.
#ifndef POCKETBERT_TASKS_LEARNED_H_
#define POCKETBERT_TASKS_LEARNED_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "model/model.h"

namespace pbert {

// What the session has learned, laid out in the arena as in its file, so that saving is one write.
// ClassifyTask::AddLearned says what the means are for. One thread at a time.
class LearnedLabels {
 public:
  static constexpr size_t kNameBytes = 128;  // the zero at the end included

  // `most` labels; 0: none can be learned. `model` must outlive this.
  static LearnedLabels Take(const Model& model, size_t dimensions, size_t most, Arena* arena);

  size_t count() const;
  size_t most() const { return most_; }
  size_t dimensions() const { return dimensions_; }
  // [dimensions()], and zero-terminated.
  const float* mean(size_t index) const;
  const char* name(size_t index) const;
  // count() where there is none of this name.
  size_t Find(std::string_view name) const;

  // Adds a label, or replaces the one of this name. `mean` [dimensions()]. Errors: no room.
  Status Set(std::string_view name, const float* mean, uint32_t sentences);
  void Remove(size_t index);

  // A file of this model's labels, replaced in one step.
  Status Save(const char* path) const;
  // In place of all that there are. Errors: another model's, damaged, too many; nothing is changed then.
  Status Load(const char* path);

 private:
  struct Header;
  struct Entry {
    uint32_t sentences;
    char name[kNameBytes];
  };
  size_t EntryBytes() const { return sizeof(Entry) + dimensions_ * sizeof(float); }
  size_t Bytes(size_t count) const;
  uint8_t* entry(size_t index) const { return image_ + Bytes(index); }
  Header* header() const { return reinterpret_cast<Header*>(image_); }

  const Model* model_ = nullptr;
  uint8_t* image_ = nullptr;  // the header, then the entries
  size_t dimensions_ = 0, most_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_LEARNED_H_
