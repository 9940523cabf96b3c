#include "quant/quantize.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <string>
#include <vector>

namespace pbert {
namespace {

struct GoldenRow {
  std::string name;
  std::vector<uint32_t> weights;  // bits
  uint32_t scale;                 // bits
  std::vector<int> quantized;
};

const std::vector<GoldenRow>& GoldenRows() {
  static const std::vector<GoldenRow> kRows = {
#include "quantize_golden.inc"
  };
  return kRows;
}

std::vector<float> Floats(const std::vector<uint32_t>& bits) {
  std::vector<float> floats;
  for (uint32_t value : bits) floats.push_back(std::bit_cast<float>(value));
  return floats;
}

TEST_CASE("quantize: rows are as NumPy quantizes them") {
  REQUIRE(GoldenRows().size() >= 15);
  for (const GoldenRow& row : GoldenRows()) {
    CAPTURE(row.name);
    const std::vector<float> weights = Floats(row.weights);
    std::vector<int8_t> quantized(weights.size());
    CHECK(std::bit_cast<uint32_t>(QuantizeRow(weights, quantized)) == row.scale);
    CHECK(std::vector<int>(quantized.begin(), quantized.end()) == row.quantized);
  }
}

TEST_CASE("quantize: a row comes back within half a step") {
  for (const GoldenRow& row : GoldenRows()) {
    CAPTURE(row.name);
    const std::vector<float> weights = Floats(row.weights);
    std::vector<int8_t> quantized(weights.size());
    const float scale = QuantizeRow(weights, quantized);
    CHECK(scale > 0);
    CHECK(std::isnormal(scale));
    for (size_t i = 0; i < weights.size(); ++i) {
      CHECK(std::fabs(double{scale} * quantized[i] - weights[i]) <= 0.5 * double{scale} * (1 + 1e-4));
    }
  }
}

TEST_CASE("quantize: a scale that is given is used, and values beyond it are clamped") {
  const std::vector<float> weights = {0.2f, -0.2f, 100.0f, -100.0f, 0.049f};
  std::vector<int8_t> quantized(weights.size());
  QuantizeWithScale(weights, 0.1f, quantized);
  CHECK(std::vector<int>(quantized.begin(), quantized.end()) == std::vector<int>{2, -2, 127, -127, 0});
}

TEST_CASE("quantize: a dequantized value is the scale times the integer") {
  std::vector<float> back(3);
  DequantizeRow(std::vector<int8_t>{-127, 0, 3}, 0.25f, back);
  CHECK(back == std::vector<float>{-31.75f, 0, 0.75f});
}

TEST_CASE("quantize: an empty row has scale 1") { CHECK(RowScale({}) == 1); }

}  // namespace
}  // namespace pbert
