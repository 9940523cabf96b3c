#include "converter/evaluate/sensitivity.h"

#include <algorithm>

#include "converter/pbert/variant_file.h"

namespace pbert::converter {
namespace {

constexpr size_t kMaxKept = 3;
constexpr double kMinShare = 0.1;
constexpr double kGoodEnoughDb = 40;

template <typename Visitor>
void ForEachMatrix(const Model& model, Visitor visit) {
  const auto& tensors = *model.root().tensors();
  for (uint32_t i = 0; i < tensors.size(); ++i) {
    if (tensors.Get(i)->shape()->size() == 2) visit(i, *tensors.Get(i));
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
  ForEachMatrix(model, [&](uint32_t, const schema::Tensor& tensor) {
    if (tensor.type() == schema::TensorType::F32) names.push_back(tensor.name()->str());
  });
  return names;
}

std::vector<MatrixNoise> AttributeNoise(RawModel* file, RawModel* fp32, std::span<const std::string> texts,
                                        const RawOptions& options, const ProgressCallback& progress) {
  std::vector<std::vector<float>> reference;
  for (const std::string& text : texts) reference.push_back(HeadOutputs(fp32, text));
  const double noise = OutputErrors(file, reference, texts).error;
  std::vector<MatrixNoise> matrices;
  std::vector<uint32_t> tensors;
  ForEachMatrix(file->model(), [&](uint32_t index, const schema::Tensor& tensor) {
    if (tensor.type() != schema::TensorType::I8) return;
    const uint64_t rows = tensor.shape()->Get(0), columns = tensor.shape()->Get(1);
    matrices.push_back({tensor.name()->str(), 0, 0, 3 * rows * columns - sizeof(float) * rows});
    tensors.push_back(index);
  });
  if (matrices.empty()) return matrices;
  VariantFile variant(file->path(), file->model(), fp32->model());
  RawOptions unverified = options;  // a variant's checksum is nobody's
  unverified.verify_data = false;
  for (size_t i = 0; i < matrices.size(); ++i) {
    MatrixNoise& matrix = matrices[i];
    if (progress) progress(matrix.name, static_cast<double>(i) / static_cast<double>(matrices.size()));
    variant.Keep(tensors[i]);
    RawModel model(variant.path(), unverified);
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
    if (names.size() < kMaxKept && matrix.noise_share >= kMinShare) names.push_back(matrix.name);
  }
  return names;
}

}  // namespace pbert::converter
