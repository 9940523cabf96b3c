#include "platforms/cli/json_output.h"

#include <charconv>

namespace pbert::cli {

std::string Dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json Number(float value) {
  if (!std::isfinite(value)) return Json();
  char digits[32];
  const auto printed = std::to_chars(digits, digits + sizeof(digits), value);
  double same = 0;
  std::from_chars(digits, printed.ptr, same);
  return same;
}

Json Rounded(double value, int decimals) {
  if (!std::isfinite(value)) return Json();
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

}  // namespace pbert::cli
