// What a thread has to itself, without thread_local: below Android's API level 29 that is emulated and takes memory at
// each thread's first use, where the library has promised to take none.
#ifndef POCKETBERT_BASE_THREAD_TABLE_H_
#define POCKETBERT_BASE_THREAD_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/port_thread.h"

namespace pbert {

// A fixed number of entries, each held by at most one thread. Lock-free, so that a child of fork() is not caught in a
// lock that another thread of its parent's held. To be static: zeroed memory is an empty table.
template <typename T, size_t kEntries>
class ThreadTable {
 public:
  // This thread's entry; null when it has none.
  T* Find() {
    Entry* entry = FindEntry();
    return entry != nullptr ? &entry->value : nullptr;
  }

  // This thread's entry, or a free one that becomes its own; null when all are taken.
  T* Take() {
    Entry* entry = FindEntry();
    for (size_t i = 0; entry == nullptr && i < kEntries; ++i) {
      uintptr_t nobody = 0;
      if (entries_[i].thread.compare_exchange_strong(nobody, ThreadId(), std::memory_order_acq_rel))
        entry = &entries_[i];
    }
    return entry != nullptr ? &entry->value : nullptr;
  }

  void GiveBack() {
    Entry* entry = FindEntry();
    if (entry != nullptr) entry->thread.store(0, std::memory_order_release);
  }

  // Calls change(T&) on this thread's entry, on a free one, or on the one that was changed the longest ago, which then
  // is this thread's and no longer the other's. Does nothing when other threads are changing all of them.
  template <typename Change>
  void Replace(const Change& change) {
    for (size_t attempt = 0; attempt < 2 * kEntries; ++attempt) {
      Entry* entry = FindEntry();
      for (size_t i = 0; entry == nullptr && i < kEntries; ++i) {
        if (entries_[i].thread.load(std::memory_order_relaxed) == 0) entry = &entries_[i];
      }
      if (entry == nullptr) entry = Oldest();
      if (entry == nullptr) return;
      uintptr_t holder = entry->thread.load(std::memory_order_relaxed);
      const uintptr_t self = ThreadId();
      if ((holder & kChanging) != 0 ||
          !entry->thread.compare_exchange_strong(holder, self | kChanging, std::memory_order_acq_rel)) {
        continue;
      }
      change(entry->value);
      entry->changed.store(++changes_, std::memory_order_relaxed);
      entry->thread.store(self, std::memory_order_release);
      return;
    }
  }

 private:
  static constexpr uintptr_t kChanging = 1;  // beside a thread's identity, which is even

  struct Entry {
    std::atomic<uintptr_t> thread;  // 0: free
    std::atomic<uint32_t> changed;  // by which of all changes
    T value;
  };

  Entry* FindEntry() {
    const uintptr_t self = ThreadId();
    for (Entry& entry : entries_) {
      if (entry.thread.load(std::memory_order_acquire) == self) return &entry;
    }
    return nullptr;
  }

  Entry* Oldest() {
    Entry* oldest = nullptr;
    uint32_t most = 0;
    const uint32_t now = changes_.load(std::memory_order_relaxed);
    for (Entry& entry : entries_) {
      const uint32_t age = now - entry.changed.load(std::memory_order_relaxed);
      if ((entry.thread.load(std::memory_order_relaxed) & kChanging) != 0 || age < most) continue;
      most = age;
      oldest = &entry;
    }
    return oldest;
  }

  Entry entries_[kEntries];
  std::atomic<uint32_t> changes_;
};

}  // namespace pbert

#endif  // POCKETBERT_BASE_THREAD_TABLE_H_
