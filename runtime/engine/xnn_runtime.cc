#include "engine/xnn_runtime.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/cpu.h"
#include "base/thread_table.h"

namespace pbert {
namespace {

// More threads than this that make operators at once wait for each other.
ThreadTable<XnnAllocationScope*, 16> scopes;

// Everything that XNNPACK frees may have come from an arena, which takes nothing back, or from malloc.
// A word in front of each block tells which.
struct BlockHeader {
  void* from_malloc;  // what to free; null: an arena's
};

void* TakeBlock(size_t alignment, size_t size) {
  if (alignment < alignof(BlockHeader)) alignment = alignof(BlockHeader);
  const size_t front = RoundUp(sizeof(BlockHeader), alignment);
  if (size > SIZE_MAX - front - alignment) return nullptr;
  const size_t total = front + size + alignment;
  XnnAllocationScope** scope = scopes.Find();
  void* memory = scope != nullptr ? (*scope)->Allocate(alignment, total) : nullptr;
  void* from_malloc = nullptr;
  if (memory == nullptr) {
    from_malloc = malloc(total);
    memory = from_malloc;
    if (memory == nullptr) return nullptr;
  }
  uint8_t* block =
      reinterpret_cast<uint8_t*>(RoundUp(reinterpret_cast<uintptr_t>(memory) + sizeof(BlockHeader), alignment));
  const BlockHeader header{from_malloc};
  memcpy(block - sizeof(header), &header, sizeof(header));
  return block;
}

void GiveBack(void* block) {
  if (block == nullptr) return;
  BlockHeader header;
  memcpy(&header, static_cast<uint8_t*>(block) - sizeof(header), sizeof(header));
  free(header.from_malloc);
}

// malloc knows its blocks' sizes, an arena does not. XNNPACK reallocates only in its subgraph code, which
// is not ours to serve: an application that shares our XNNPACK may call it, always outside of a scope.
struct SizedBlock {
  size_t size;
};

constexpr size_t kDefaultAlignment = alignof(max_align_t);

void* Allocate(void*, size_t size) {
  if (size > SIZE_MAX - kDefaultAlignment) return nullptr;
  uint8_t* block = static_cast<uint8_t*>(TakeBlock(kDefaultAlignment, size + kDefaultAlignment));
  if (block == nullptr) return nullptr;
  const SizedBlock sized{size};
  memcpy(block, &sized, sizeof(sized));
  return block + kDefaultAlignment;
}

void Deallocate(void*, void* pointer) {
  if (pointer != nullptr) GiveBack(static_cast<uint8_t*>(pointer) - kDefaultAlignment);
}

void* Reallocate(void* context, void* pointer, size_t size) {
  void* moved = Allocate(context, size);
  if (moved == nullptr || pointer == nullptr) return moved;
  SizedBlock old;
  memcpy(&old, static_cast<uint8_t*>(pointer) - kDefaultAlignment, sizeof(old));
  memcpy(moved, pointer, old.size < size ? old.size : size);
  Deallocate(context, pointer);
  return moved;
}

void* AlignedAllocate(void*, size_t alignment, size_t size) { return TakeBlock(alignment, size); }

void AlignedDeallocate(void*, void* pointer) { GiveBack(pointer); }

constexpr xnn_allocator kAllocator = {nullptr, Allocate, Reallocate, Deallocate, AlignedAllocate, AlignedDeallocate};

}  // namespace

Status InitializeXnn() {
  // XNNPACK guards this call itself, and the second and later ones cost nothing.
  const xnn_status status = xnn_initialize(&kAllocator);
  if (status == xnn_status_success) return Status();
  // XNNPACK asks cpuinfo, and takes each of its failures for a CPU that it does not know.
  if (status == xnn_status_unsupported_hardware && Cpu().cpuinfo == CpuInfo::Cpuinfo::kNoMemory) {
    return Status::Error(Code::kNoMemory, "XNNPACK: cannot start: no memory for what cpuinfo knows");
  }
  if (status == xnn_status_unsupported_hardware && Cpu().cpuinfo == CpuInfo::Cpuinfo::kFailed) {
    return Status::Error(Code::kUnsupported, "XNNPACK: cannot start: cpuinfo cannot read what the CPU is (no /proc?)");
  }
  const Code code = status == xnn_status_out_of_memory ? Code::kNoMemory : Code::kUnsupported;
  return Status::Error(code, "XNNPACK: cannot start: %s", XnnStatusName(status));
}

const char* XnnStatusName(xnn_status status) {
  switch (status) {
    case xnn_status_uninitialized:
      return "not initialized";
    case xnn_status_invalid_parameter:
      return "invalid parameter";
    case xnn_status_invalid_state:
      return "invalid state";
    case xnn_status_unsupported_parameter:
      return "unsupported parameter";
    case xnn_status_unsupported_hardware:
      return "this CPU is not supported";
    case xnn_status_out_of_memory:
      return "out of memory";
    default:
      return "";
  }
}

XnnAllocationScope::XnnAllocationScope(Arena* arena) : arena_(arena) {
  XnnAllocationScope** scope;
  while ((scope = scopes.Take()) == nullptr) YieldThread();
  *scope = this;
}
XnnAllocationScope::~XnnAllocationScope() { scopes.GiveBack(); }

void* XnnAllocationScope::Allocate(size_t, size_t size) {
  bytes_ += RoundUp(size, kCacheLine);
  return arena_ != nullptr ? arena_->TakeBytes(size) : nullptr;
}

XnnWeights XnnWeights::Packed(const void* packed) {
  XnnWeights weights;
  weights.memory_ = const_cast<void*>(packed);
  weights.ready_ = true;
  return weights;
}

XnnWeights XnnWeights::ToPack(void* memory, size_t size) {
  XnnWeights weights;
  weights.memory_ = memory;
  weights.size_ = size;
  return weights;
}

xnn_weights_cache_t XnnWeights::cache() {
  provider_.context = this;
  provider_.look_up = [](void* context, const xnn_weights_cache_look_up_key*) -> size_t {
    return static_cast<XnnWeights*>(context)->ready_ ? 0 : SIZE_MAX;
  };
  provider_.reserve_space = [](void* context, size_t size) -> void* {
    auto* self = static_cast<XnnWeights*>(context);
    self->needed_ = size;
    return size <= self->size_ ? self->memory_ : nullptr;
  };
  provider_.look_up_or_insert = [](void* context, const xnn_weights_cache_look_up_key*, void*, size_t) -> size_t {
    static_cast<XnnWeights*>(context)->ready_ = true;
    return 0;
  };
  provider_.is_finalized = [](void* context) { return static_cast<XnnWeights*>(context)->ready_; };
  provider_.offset_to_addr = [](void* context, size_t offset) -> void* {
    return static_cast<uint8_t*>(static_cast<XnnWeights*>(context)->memory_) + offset;
  };
  provider_.delete_cache = [](void*) { return xnn_status_success; };
  return &provider_;
}

}  // namespace pbert
