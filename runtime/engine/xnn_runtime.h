// XNNPACK's process-wide state, tamed: one allocator for everybody, and weights that are already packed.
#ifndef POCKETBERT_ENGINE_XNN_RUNTIME_H_
#define POCKETBERT_ENGINE_XNN_RUNTIME_H_

#include <xnnpack.h>

#include <cstddef>

#include "base/arena.h"
#include "base/status.h"

namespace pbert {

// Initializes XNNPACK once in a process, with an allocator of ours. Thread-safe.
Status InitializeXnn();

// "" where there is no better word.
const char* XnnStatusName(xnn_status status);

// While one of these lives, XNNPACK's allocations on this thread come from `arena` (or from malloc when
// it is null) and are added up. If another part of the process initialized XNNPACK first, its allocator
// serves instead and bytes() stays 0. Scopes do not nest.
class XnnAllocationScope {
 public:
  explicit XnnAllocationScope(Arena* arena);
  ~XnnAllocationScope();
  XnnAllocationScope(const XnnAllocationScope&) = delete;
  XnnAllocationScope& operator=(const XnnAllocationScope&) = delete;

  size_t bytes() const { return bytes_; }
  void* Allocate(size_t alignment, size_t size);

 private:
  Arena* arena_;
  size_t bytes_ = 0;
};

// A weights cache with a single entry, for one operator. XNNPACK asks a cache for the place to pack to,
// or, when the entry is there, runs from it. The key cannot tell entries apart (qd8 operators have no
// bias in it), hence one cache per operator.
class XnnWeights {
 public:
  // Packed already: operators run from these bytes, which stay where they are.
  static XnnWeights Packed(const void* packed);
  // To be packed to `memory`; too small a size, 0 included, makes the operator's creation fail, and
  // needed() then tells the right one.
  static XnnWeights ToPack(void* memory, size_t size);

  // For xnn_create_...; the object must not move while the operator exists.
  xnn_weights_cache_t cache();
  size_t needed() const { return needed_; }

 private:
  xnn_weights_cache_provider provider_{};
  void* memory_ = nullptr;
  size_t size_ = 0;
  size_t needed_ = 0;
  bool ready_ = false;
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_XNN_RUNTIME_H_
