#include "formats/tflite_file.h"

#include <cstdint>

#include "formats/model_limits.h"

namespace loopgate::inspection {

namespace {

// EfficientNet-Lite4 has some 500 tensors and operators. Tables that many offsets point to are counted each
// time, so this also bounds the time.
constexpr flatbuffers::uoffset_t most_tables = 50'000;
constexpr flatbuffers::uoffset_t deepest_table = 8;
constexpr std::uint32_t schema_version = 3;

}  // namespace

bool is_tflite(std::string_view bytes) {
  return bytes.substr(0, 8).ends_with(tflite::Model::identifier) && bytes.size() >= 8;
}

Result<const tflite::Model*> parse_tflite(std::string_view bytes, const std::string& name) {
  const auto refuse = [&name](const std::string& why) { return fail(exit_model, name + ": " + why); };
  if (bytes.empty()) return refuse("empty file");
  if (bytes.size() > largest_model_bytes)
    return refuse(std::to_string(bytes.size()) + " bytes, more than the limit of " +
                  std::to_string(largest_model_bytes));
  if (!is_tflite(bytes)) return refuse("not a .tflite model (its bytes 4 to 7 are not TFL3)");
  flatbuffers::Verifier::Options options;
  options.max_depth = deepest_table;
  options.max_tables = most_tables;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(data, bytes.size(), options);
  const std::size_t root = verifier.VerifyOffset(data, 0);
  const auto* model = reinterpret_cast<const tflite::Model*>(data + root);
  if (root == 0 || !model->verify(verifier))
    return refuse("a damaged or truncated .tflite model: copy or export it again");
  if (model->version() != schema_version)
    return refuse("a .tflite model of version " + std::to_string(model->version()) +
                  "; this program reads version 3");
  if (model->subgraphs() == nullptr || model->subgraphs()->size() != 1)
    return refuse("has " + std::to_string(model->subgraphs() == nullptr ? 0 : model->subgraphs()->size()) +
                  " subgraphs, not one: convert a model without branches, loops and training signatures");
  return model;
}

}  // namespace loopgate::inspection
