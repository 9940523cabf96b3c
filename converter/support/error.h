// The one exception of the host-side code (converter, command). runtime/ knows only Status.
#ifndef POCKETBERT_CONVERTER_SUPPORT_ERROR_H_
#define POCKETBERT_CONVERTER_SUPPORT_ERROR_H_

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/status.h"

namespace pbert::converter {

// The work failed. what() is "where: why", as a person should read it.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& text) : std::runtime_error(Bounded(text)) {}

 private:
  // A file chooses its own names and texts, and a message may quote several: neither a screen nor memory is filled with
  // them. Beginning and end stay, which say where and why.
  static std::string Bounded(std::string text) {
    std::replace(text.begin(), text.end(), '\0', ' ');  // what() ends at the first
    constexpr size_t kLongest = 6000;
    if (text.size() <= kLongest) return text;
    const auto boundary = [&](size_t at) {  // no half character
      while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
      return at;
    };
    return text.substr(0, boundary(kLongest / 2)) + " ... " + text.substr(boundary(text.size() - kLongest / 2));
  }
};

inline void ThrowIfError(const Status& status) {
  if (!status.ok()) throw Error(status.message());
}

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_SUPPORT_ERROR_H_
