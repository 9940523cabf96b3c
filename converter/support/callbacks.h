// How long work tells its caller how it goes.
#ifndef POCKETBERT_CONVERTER_SUPPORT_CALLBACKS_H_
#define POCKETBERT_CONVERTER_SUPPORT_CALLBACKS_H_

#include <functional>
#include <string>

namespace pbert::converter {

// Called as work proceeds: which step, and how much of it is done (0..1).
using ProgressCallback = std::function<void(const std::string& step, double done)>;

// Called with what a user should know though the work goes on: "FILE: key "x": not known here; ignored".
using WarningCallback = std::function<void(const std::string& message)>;

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_SUPPORT_CALLBACKS_H_
