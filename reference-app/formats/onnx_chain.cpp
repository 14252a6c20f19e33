#include "formats/onnx_chain.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loopgate::inspection {

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

// What Clip leaves: its limits are inputs, or in older files attributes.
float limit(const NodeReader& read, std::size_t index, const char* attribute, float otherwise) {
  if (!read.has(index)) return read.number(attribute, otherwise);
  const OnnxTensor& tensor = read.constant(index, TensorType::float32);
  if (tensor.floats.size() != 1 || std::isnan(tensor.floats[0]))
    NodeReader::refuse("limit \"" + tensor.name + "\" is not one number");
  return tensor.floats[0];
}

// What activation functions leave, one behind the other.
struct Cut {
  float low = -infinite, high = infinite;

  bool is_none() const { return low == -infinite && high == infinite; }
  // False when the node is no such function.
  bool take(const NodeReader& read) {
    if (read.operation() != "Relu" && read.operation() != "Clip") return false;
    const bool clips = read.operation() == "Clip";
    const float least = clips ? limit(read, 1, "min", -infinite) : 0.0F;
    const float most = clips ? limit(read, 2, "max", infinite) : infinite;
    // Clip takes the larger one first: where its limits cross, the smaller one is all that is left.
    for (float* one : {&low, &high}) *one = std::min(std::max(*one, least), most);
    return true;
  }
};

}  // namespace

OnnxChains::OnnxChains(const OnnxFile& file) : file_(file) {
  for (const OnnxNode& node : file.nodes)
    for (const std::string& input : node.inputs) readers_[input].push_back(&node);
}

const OnnxNode* OnnxChains::only_reader(const std::string& tensor) const {
  const auto found = readers_.find(tensor);
  return found == readers_.end() || found->second.size() != 1 ? nullptr : found->second[0];
}

const OnnxNode* OnnxChains::addition_after(const NodeReader& read) const {
  const OnnxNode* next = only_reader(read.output());
  if (next == nullptr || next->operation != "Add" || next->inputs.size() != 2) return nullptr;
  const bool constant = std::ranges::any_of(
      next->inputs, [this](const std::string& input) { return file_.constants.contains(input); });
  return constant ? next : nullptr;
}

Ending OnnxChains::after(const NodeReader& read) {
  Cut cut;
  cut.take(read);
  std::string name = read.output();
  for (;;) {
    const OnnxNode* next = only_reader(name);
    if (next == nullptr)
      NodeReader::refuse("its output \"" + name +
                         "\" is not quantised, or read by several operators before it is: quantise the whole "
                         "model (QuantizeLinear and DequantizeLinear after each operator)");
    if (is_taken(*next))
      NodeReader::refuse("its output \"" + name + "\" comes back to operator " + next->operation +
                         ", which was read already: the graph goes in a circle");
    const NodeReader following(file_, *next);
    take(*next);
    if (next->operation == "QuantizeLinear") {
      const TensorType type = following.type_of_quantised(2);
      const Given given{following.output(), following.scale(1), following.zero_point(2, type)};
      return {given, cut.is_none() ? Limits() : limits_of(cut.low, cut.high, given.scale, given.zero_point),
              type};
    }
    if (!cut.take(following))
      NodeReader::refuse("operator " + next->operation + " takes its output \"" + name +
                         "\" before it is quantised: quantise the whole model");
    name = following.output();
  }
}

}  // namespace loopgate::inspection
