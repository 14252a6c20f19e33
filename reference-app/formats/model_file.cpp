#include "formats/model_file.h"

#include <utility>

#include "formats/onnx_file.h"
#include "formats/onnx_network.h"
#include "formats/tflite_file.h"
#include "formats/tflite_network.h"

namespace loopgate::inspection {

namespace {

Result<ModelFile> read_tflite(std::string_view bytes, const std::string& name) {
  const Result<const tflite::Model*> model = parse_tflite(bytes, name);
  if (!model) return tl::unexpected(model.error());
  Result<Network> network = network_of(**model, bytes.size(), name);
  if (!network) return tl::unexpected(std::move(network.error()));
  return ModelFile{std::move(*network), {}, true};
}

Result<ModelFile> read_onnx(std::string_view bytes, const std::string& name) {
  Result<OnnxFile> file = parse_onnx(bytes, name);
  if (!file) return tl::unexpected(std::move(file.error()));
  Result<Network> network = network_of(*file, name);
  if (!network) return tl::unexpected(std::move(network.error()));
  return ModelFile{std::move(*network), std::move(file->metadata), false};
}

}  // namespace

Result<ModelFile> read_model_file(std::string_view bytes, const std::string& name) {
  return is_tflite(bytes) || name.ends_with(".tflite") ? read_tflite(bytes, name) : read_onnx(bytes, name);
}

}  // namespace loopgate::inspection
