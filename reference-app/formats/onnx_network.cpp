#include "formats/onnx_network.h"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/onnx_graph.h"
#include "formats/onnx_node.h"
#include "formats/onnx_operators.h"

namespace loopgate::inspection {

namespace {

bool within(std::int64_t length) { return length >= 1 && length <= 4096; }

void check_ends(const OnnxFile& file) {
  if (file.inputs.size() != 1 || file.outputs.size() != 1)
    throw Refusal{
        "has " + std::to_string(file.inputs.size()) + " inputs and " + std::to_string(file.outputs.size()) +
        " outputs, not one of each: export the part of the model that has one picture in and one tensor out"};
  const OnnxValue& input = file.inputs[0];
  const std::string its = "its input \"" + input.name + "\" is ";
  if (!input.is_float)
    throw Refusal{its + shape_text(input.dims) + ", not float: quantise the model with float inputs"};
  const bool batch = !input.dims.empty() && (input.dims[0] == 1 || input.dims[0] == -1);
  if (!batch || input.dims.size() < 2 || input.dims.size() > 4 ||
      !std::all_of(input.dims.begin() + 1, input.dims.end(), within))
    throw Refusal{its + shape_text(input.dims) +
                  ": one picture of a fixed size is wanted, such as 1x3x224x224: export the model with one"};
}

// The network's first layer: int8 of the file's float input.
void quantise(OnnxGraph& graph, const NodeReader& read) {
  const OnnxValue& input = graph.file.inputs[0];
  Shape shape(input.dims.begin(), input.dims.end());
  shape[0] = 1;
  const TensorType type = read.type_of_quantised(2);
  Activation activation{read.output(), shape, read.scale(1), read.zero_point(2, type), {}};
  const bool channels_last =
      shape.size() == 4 && shape[1] != 1 && shape[1] != 3 && (shape[3] == 1 || shape[3] == 3);
  if (!channels_last && shape.size() == 4) activation.shape = {1, shape[2], shape[3], shape[1]};
  const std::size_t place = graph.network.input(std::move(activation));
  graph.give(read.output(), channels_last ? graph.from_file_order(place) : place, type);
}

// The network's output, as the file has it.
void dequantise(OnnxGraph& graph, const NodeReader& read) {
  graph.output = graph.in_file_order(graph.find(read, 0, 1, 2));
  graph.given = true;
}

// The same values at another scale; at the same one, nothing is to be done.
void requantise(OnnxGraph& graph, const NodeReader& read) {
  const TensorType type = read.type_of_quantised(2);
  const Given given{read.output(), read.scale(1), read.zero_point(2, type)};
  graph.give(read.output(), graph.network.add(Unary{Function::identity, graph.find(read, 0), 0, {}}, given),
             type);
}

void dequantise_between(OnnxGraph& graph, const NodeReader& read) {
  graph.give_moved(read, graph.find(read, 0, 1, 2));
}

void quantise_any(OnnxGraph& graph, const NodeReader& read) {
  read.input(0) == graph.file.inputs[0].name ? quantise(graph, read) : requantise(graph, read);
}

void dequantise_any(OnnxGraph& graph, const NodeReader& read) {
  if (read.is_constant(0))
    graph.real_constants[read.output()] = &read.node();
  else if (read.output() == graph.file.outputs[0].name)
    dequantise(graph, read);
  else
    dequantise_between(graph, read);
}

const std::array<const OnnxReaders*, 3>& all_operators() {
  static const std::array<const OnnxReaders*, 3> all = {&real_operators(), &moving_operators(),
                                                        &quantised_operators()};
  return all;
}

OnnxReader reader_of(const NodeReader& read) {
  if (read.operation() == "QuantizeLinear") return quantise_any;
  if (read.operation() == "DequantizeLinear") return dequantise_any;
  for (const OnnxReaders* readers : all_operators())
    if (const auto found = readers->find(read.operation()); found != readers->end()) return found->second;
  return nullptr;
}

std::string supported() {
  std::string names;
  for (const OnnxReaders* readers : all_operators())
    for (const auto& [name, reader] : *readers) names += ", " + name;
  return "QuantizeLinear, DequantizeLinear" + names;
}

void read_node(OnnxGraph& graph, const NodeReader& read) {
  const OnnxReader reader = reader_of(read);
  if (reader == nullptr) NodeReader::refuse("is not supported; these are: " + supported());
  reader(graph, read);
  // An operator that only moves values may be the last.
  const std::string& output = graph.file.outputs[0].name;
  if (graph.given || !graph.has(output)) return;
  graph.output = graph.in_file_order(graph.place_of(output));
  graph.given = true;
}

}  // namespace

Result<Network> network_of(const OnnxFile& file, const std::string& name) {
  try {
    check_ends(file);
    OnnxGraph graph(file);
    for (std::size_t i = 0; i < file.nodes.size() && !graph.given; ++i) {
      const NodeReader read(file, file.nodes[i]);
      if (graph.chains.is_taken(file.nodes[i])) continue;
      try {
        read_node(graph, read);
      } catch (const Refusal& refusal) {
        throw Refusal{"operator " + read.operation() + " that gives \"" + read.output() + "\" (node " +
                      std::to_string(i) + "): " + refusal.why};
      }
    }
    if (!graph.given) throw Refusal{"its output \"" + file.outputs[0].name + "\" is never computed"};
    return graph.network.finish(graph.output);
  } catch (const Refusal& refusal) {
    return fail(exit_model, name + ": " + refusal.why);
  }
}

}  // namespace loopgate::inspection
