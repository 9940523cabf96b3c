// The one exception of the host-side code (converter, command). runtime/ knows only Status.
#ifndef POCKETBERT_CONVERTER_ERROR_H_
#define POCKETBERT_CONVERTER_ERROR_H_

#include <stdexcept>
#include <string>

#include "base/status.h"

namespace pbert {

// The work failed. what() is "where: why", as a person should read it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void ThrowIfError(const Status& status) {
  if (!status.ok()) throw Error(status.message());
}

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_ERROR_H_
