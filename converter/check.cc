#include "converter/check.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "converter/error.h"
#include "converter/sample_texts.h"
#include "pocketbert/pocketbert.h"
#include "quant/error_measures.h"

namespace pbert {
namespace {

constexpr uint32_t kMaxTokens = 128;  // of a session: no sample text is much longer

struct ModelCloser {
  void operator()(pbert_model* model) const { pbert_close(model); }
};
struct SessionCloser {
  void operator()(pbert_session* session) const { pbert_session_destroy(session); }
};

// The library's messages name the file only where it is opened.
void ThrowUnlessOk(const std::filesystem::path& file, pbert_status status) {
  if (status == PBERT_OK) return;
  const std::string reason = pbert_error();
  throw Error(reason.find(file.filename().string()) == std::string::npos ? file.string() + ": " + reason : reason);
}

}  // namespace

std::vector<float> SampleLogits(const std::filesystem::path& file, bool verify, const ProgressCallback& progress) {
  pbert_open_options open = PBERT_OPEN_OPTIONS;
  open.verify_data = verify ? 1 : 0;
  pbert_model* opened = nullptr;
  ThrowUnlessOk(file, pbert_open(file.c_str(), &open, &opened));
  const std::unique_ptr<pbert_model, ModelCloser> model(opened);
  pbert_model_info info = PBERT_MODEL_INFO;
  ThrowUnlessOk(file, pbert_get_model_info(model.get(), &info));
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.max_tokens = std::min(info.max_tokens, kMaxTokens);
  pbert_session* created = nullptr;
  ThrowUnlessOk(file, pbert_session_create(model.get(), &options, &created));
  const std::unique_ptr<pbert_session, SessionCloser> session(created);

  std::vector<float> logits;
  const auto texts = SampleTexts();
  for (size_t i = 0; i < texts.size(); ++i) {
    pbert_input input = PBERT_INPUT;
    input.text = texts[i].data();
    input.text_size = texts[i].size();
    pbert_classification result = PBERT_CLASSIFICATION;
    ThrowUnlessOk(file, pbert_classify(session.get(), &input, &result));
    logits.insert(logits.end(), result.logits, result.logits + result.count);
    if (progress) progress("check on sample text", static_cast<double>(i + 1) / static_cast<double>(texts.size()));
  }
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(logits.begin(), logits.end(), is_finite)) {
    throw Error(file.string() + ": the network's outputs are not finite on sample text");
  }
  return logits;
}

LogitErrors CompareLogits(const std::filesystem::path& file, const std::filesystem::path& fp32_file,
                          const ProgressCallback& progress) {
  // The fp32 file was written a moment ago and is thrown away after this: its checksum is not worth a pass over it.
  const std::vector<float> expected = SampleLogits(fp32_file, false, progress);
  const std::vector<float> actual = SampleLogits(file, true, progress);
  LogitErrors errors;
  errors.texts = static_cast<uint32_t>(SampleTexts().size());
  errors.worst = static_cast<float>(MaxAbsError(expected, actual));
  errors.mean = static_cast<float>(MeanAbsError(expected, actual));
  return errors;
}

}  // namespace pbert
