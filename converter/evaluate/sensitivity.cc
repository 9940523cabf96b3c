#include "converter/evaluate/sensitivity.h"

#include <algorithm>

#include "converter/support/file.h"

namespace pbert::converter {
namespace {

constexpr size_t kMostKept = 3;
constexpr double kLeastShare = 0.1;
constexpr double kGoodEnoughDb = 40;

template <typename Visitor>
void ForEachMatrix(const Model& model, Visitor visit) {
  for (const schema::Tensor* tensor : *model.root().tensors()) {
    if (tensor->shape()->size() == 2) visit(*tensor);
  }
}

std::vector<float> HeadOutputs(RawModel* model, const std::string& text) {
  TextInput input;
  input.text = text;
  model->Encode(input);
  return model->Outputs();
}

ErrorSums OutputErrors(RawModel* model, const std::vector<std::vector<float>>& reference,
                       std::span<const std::string> texts) {
  ErrorSums sums;
  for (size_t i = 0; i < texts.size(); ++i) sums.Add(reference[i], HeadOutputs(model, texts[i]));
  return sums;
}

}  // namespace

std::vector<std::string> KeptMatrices(const Model& model) {
  std::vector<std::string> names;
  ForEachMatrix(model, [&](const schema::Tensor& tensor) {
    if (tensor.type() == schema::TensorType::F32) names.push_back(tensor.name()->str());
  });
  return names;
}

std::vector<MatrixNoise> AttributeNoise(RawModel* file, RawModel* fp32, const std::string& checkpoint_dir,
                                        std::span<const std::string> texts, const RawOptions& options,
                                        const ProgressCallback& progress) {
  std::vector<std::vector<float>> reference;
  for (const std::string& text : texts) reference.push_back(HeadOutputs(fp32, text));
  const double noise = OutputErrors(file, reference, texts).error;
  const std::vector<std::string> kept = KeptMatrices(file->model());
  std::vector<MatrixNoise> matrices;
  ForEachMatrix(file->model(), [&](const schema::Tensor& tensor) {
    if (tensor.type() != schema::TensorType::I8) return;
    const uint64_t rows = tensor.shape()->Get(0), columns = tensor.shape()->Get(1);
    matrices.push_back({tensor.name()->str(), 0, 0, 3 * rows * columns - sizeof(float) * rows});
  });
  for (size_t i = 0; i < matrices.size(); ++i) {
    MatrixNoise& matrix = matrices[i];
    if (progress) progress(matrix.name, static_cast<double>(i) / static_cast<double>(matrices.size()));
    WeightChoice weights(WeightType::kInt8, kept);
    weights.keep.push_back(matrix.name);
    const auto variant = WriteScratchModel(checkpoint_dir, weights);
    RawModel model(variant->path(), options);
    const ErrorSums sums = OutputErrors(&model, reference, texts);
    matrix.noise_share = noise == 0 ? 0 : 1 - sums.error / noise;
    matrix.snr_db = sums.SignalToNoiseDb();
  }
  std::sort(matrices.begin(), matrices.end(),
            [](const MatrixNoise& a, const MatrixNoise& b) { return a.noise_share > b.noise_share; });
  return matrices;
}

std::vector<std::string> WorthKeeping(std::span<const MatrixNoise> matrices, double snr_db) {
  std::vector<std::string> names;
  if (snr_db >= kGoodEnoughDb) return names;
  for (const MatrixNoise& matrix : matrices) {
    if (names.size() < kMostKept && matrix.noise_share >= kLeastShare) names.push_back(matrix.name);
  }
  return names;
}

}  // namespace pbert::converter
