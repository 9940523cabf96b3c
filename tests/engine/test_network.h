// A network in memory of its own, for the engine's tests.
#ifndef POCKETBERT_TESTS_ENGINE_TEST_NETWORK_H_
#define POCKETBERT_TESTS_ENGINE_TEST_NETWORK_H_

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/network.h"
#include "engine/packed_model.h"
#include "tests/engine/expected_network.h"

namespace pbert::test {

// All that this CPU has.
inline const std::vector<BackendKind> kBackends = [] {
  std::vector<BackendKind> kinds = {BackendKind::kXnnpack, BackendKind::kReference};
  if (NativeBackend() != nullptr) kinds.push_back(BackendKind::kNative);
  return kinds;
}();

inline std::unique_ptr<PackedModel> Prepare(const Model& model, BackendKind backend) {
  std::unique_ptr<PackedModel> packed;
  Status status = PackedModel::Create(model, backend, &packed);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
  status = packed->Pack(nullptr, 0);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
  return packed;
}

inline size_t MemoryFor(const PackedModel& packed, const NetworkOptions& options) {
  Arena counting;
  Network* none = nullptr;
  const Status status = Network::Create(packed, options, &counting, &none);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
  REQUIRE(none == nullptr);
  return counting.Needed();
}

class TestNetwork {
 public:
  TestNetwork(const PackedModel& packed, const NetworkOptions& options, MemoryPlan* plan = nullptr) {
    const size_t size = MemoryFor(packed, options);
    // Exactly so many bytes: the address sanitizer sees a step beyond. They are not zero: nobody may count on that.
    memory_.reset(new uint8_t[size]);
    std::fill_n(memory_.get(), size, uint8_t{0xFF});
    Arena arena(memory_.get(), size);
    const Status status = Network::Create(packed, options, &arena, &network_, plan);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
  }
  ~TestNetwork() { Network::Destroy(network_); }
  TestNetwork(const TestNetwork&) = delete;
  TestNetwork& operator=(const TestNetwork&) = delete;
  Network* operator->() { return network_; }

  // The selected rows of the last layer.
  Matrix Encode(std::span<const int32_t> ids, const RowSelection& rows, std::span<const uint8_t> types = {}) {
    const Status status = network_->Encode({ids, types}, rows);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
    return Hidden();
  }

  Matrix Hidden() const {
    Matrix hidden(network_->rows(), network_->hidden_size());
    if (hidden.rows > 0) std::copy_n(network_->hidden(0), hidden.values.size(), hidden.values.begin());
    return hidden;
  }

  // The head's outputs for all selected rows, in as many calls as it takes.
  Matrix Head() {
    Matrix all(network_->rows(), network_->head_outputs());
    for (size_t first = 0; first < all.rows; first += network_->max_head_rows()) {
      const size_t rows = std::min(network_->max_head_rows(), all.rows - first);
      const float* outputs = nullptr;
      const Status status = network_->RunHead(first, rows, &outputs);
      REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
      std::copy_n(outputs, rows * all.columns, all.row(first));
    }
    return all;
  }

 private:
  std::unique_ptr<uint8_t[]> memory_;
  Network* network_ = nullptr;
};

// Infinite for different shapes and for NaN.
inline double WorstDifference(const Matrix& a, const Matrix& b) {
  if (a.rows != b.rows || a.columns != b.columns) return INFINITY;
  double worst = 0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    const double difference = std::fabs(a.values[i] - b.values[i]);
    worst = difference <= worst ? worst : std::isnan(difference) ? INFINITY : difference;
  }
  return worst;
}

inline Matrix Rows(const Matrix& all, std::span<const uint32_t> rows) {
  Matrix some(rows.size(), all.columns);
  for (size_t i = 0; i < rows.size(); ++i) std::copy_n(all.row(rows[i]), all.columns, some.row(i));
  return some;
}

// Some token ids; another seed gives others.
inline std::vector<int32_t> SomeIds(size_t count, uint32_t seed = 1) {
  std::vector<int32_t> ids(count);
  for (int32_t& id : ids) {
    seed = seed * 1664525u + 1013904223u;
    id = static_cast<int32_t>((seed >> 16) % 20);
  }
  return ids;
}

inline const RowSelection kFirstRow = {schema::RowChoice::First, {}};
inline const RowSelection kAllRows = {schema::RowChoice::All, {}};

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_ENGINE_TEST_NETWORK_H_
