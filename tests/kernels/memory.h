// Memory that notices when a kernel goes where it should not.
#ifndef POCKETBERT_TESTS_KERNELS_MEMORY_H_
#define POCKETBERT_TESTS_KERNELS_MEMORY_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace pbert::test {

// An array that ends right before a page that cannot be read, so that reading one element too many is a
// crash; what lies before it is a pattern, so that writing there is found by Intact(). Its start has the
// alignment that its length leaves it, which over many lengths is any.
template <typename T>
class Fenced {
 public:
  explicit Fenced(size_t count) : count_(count) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    usable_ = (count * sizeof(T) + kFront + page - 1) / page * page;
    mapped_ = usable_ + page;
    void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    start_ = static_cast<uint8_t*>(memory);
    if (mprotect(start_ + usable_, page, PROT_NONE) != 0) std::abort();
    std::memset(start_, kPattern, usable_);
  }
  explicit Fenced(const std::vector<T>& values) : Fenced(values.size()) {
    if (count_ != 0) std::memcpy(data(), values.data(), count_ * sizeof(T));
  }
  ~Fenced() { munmap(start_, mapped_); }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;

  T* data() { return reinterpret_cast<T*>(start_ + usable_ - count_ * sizeof(T)); }
  const T* data() const { return const_cast<Fenced*>(this)->data(); }
  size_t size() const { return count_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  std::vector<T> Copy() const { return std::vector<T>(data(), data() + count_); }

  // Nothing was written before the array.
  bool Intact() const {
    for (const uint8_t* p = start_; p < reinterpret_cast<const uint8_t*>(data()); ++p) {
      if (*p != kPattern) return false;
    }
    return true;
  }
  // Element i still is what it was before anything was written.
  bool Untouched(size_t i) const {
    for (size_t b = 0; b < sizeof(T); ++b) {
      if (reinterpret_cast<const uint8_t*>(data() + i)[b] != kPattern) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kFront = 128;
  static constexpr uint8_t kPattern = 0xA5;
  size_t count_, usable_, mapped_;
  uint8_t* start_;
};

// The largest of many errors. One that is not a number is infinite.
class Worst {
 public:
  void Add(double error) { value_ = !(error <= value_) ? (error > value_ ? error : HUGE_VAL) : value_; }
  operator double() const { return value_; }

 private:
  double value_ = 0;
};

inline std::vector<float> Normal(std::mt19937& random, size_t count, float deviation = 1, float mean = 0) {
  // Sums of uniform numbers: std::normal_distribution is another function in every library.
  std::vector<float> values(count);
  for (float& value : values) {
    float sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<float>(random() >> 8) * 0x1p-24f;
    value = mean + deviation * sum;
  }
  return values;
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_KERNELS_MEMORY_H_
