// Is what a well-formed flatbuffer says possible, consistent, and within this version's means?
#ifndef POCKETBERT_MODEL_VALIDATE_H_
#define POCKETBERT_MODEL_VALIDATE_H_

#include <cstdint>

#include "base/status.h"
#include "model/model.h"

namespace pbert {

// Checks everything that the rest of the runtime relies on and does not check again, but for the tokenizer, whose
// texts alone are looked at: text/check_tokenizer.h does the rest. FORMAT.md lists the rules. `model` has passed
// flatbuffers' verifier and lies in `metadata_size` bytes. `tensor_data` is the file's data section. Errors: kBadFile
// for what is wrong, kUnsupported for what is reserved; "where: why".
Status ValidateModel(const schema::Model& model, uint64_t metadata_size, const uint8_t* tensor_data,
                     uint64_t tensor_data_size);

// The tensor as the runtime sees it. It must have been validated.
TensorView ViewTensor(const schema::Tensor& tensor, const uint8_t* tensor_data);

// Sums, scales and biases in the blocks of a Packed16x4 matrix, and zeros where nothing is: reads all of it.
Status VerifyBlocks(const TensorView& matrix);

// The parts, in the order in which they trust each other. Every index that a part follows has been
// checked by itself or by a part before it.
Status ValidateStrings(const schema::Model& model, uint64_t metadata_size);
Status ValidateTensors(const schema::Model& model, const uint8_t* tensor_data, uint64_t tensor_data_size);
Status ValidateEncoder(const schema::Model& model);
Status ValidateHeads(const schema::Model& model);

// What the parts share. `where` names the place for the message.

Status NotImplemented(const char* where, const char* what);
Status CheckCount(const char* where, const char* what, uint32_t value, uint32_t least, uint32_t most);

// A linear layer or projection of shape [rows, columns] with its bias [rows], which is inside of a packed weight.
enum class Bias { kRequired, kOptional };
Status CheckLinear(const schema::Model& model, const char* where, const schema::Linear& linear, uint32_t rows,
                   uint32_t columns, Bias bias);
Status CheckVector(const schema::Model& model, const char* where, const char* part, int32_t index, uint32_t size);
Status CheckNorm(const schema::Model& model, const char* where, const schema::Norm& norm, uint32_t size);
// Features, temperature and rejection of a head. *outputs is what its steps leave, and becomes the number of logits
// where it has features.
Status CheckFeatureHead(const schema::Model& model, const char* where, const schema::Head& head, uint32_t* outputs);
// A matrix of a known width and 1 to most_rows rows, whose number is returned.
Status CheckMatrix(const schema::Model& model, const char* where, int32_t index, uint32_t columns, uint32_t most_rows,
                   uint32_t* rows);
// The same, to be read row by row.
Status CheckTable(const schema::Model& model, const char* where, int32_t index, uint32_t columns, uint32_t most_rows,
                  uint32_t* rows);

}  // namespace pbert

#endif  // POCKETBERT_MODEL_VALIDATE_H_
