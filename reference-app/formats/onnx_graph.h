// What is known of an ONNX graph while its nodes are read one after the other: which of its tensors is which
// activation. Pictures are N, C, H, W in the file and N, H, W, C in the network.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/network_builder.h"
#include "formats/constant_budget.h"
#include "formats/onnx_chain.h"
#include "formats/onnx_file.h"
#include "formats/onnx_node.h"

namespace loopgate::inspection {

class OnnxGraph {
 public:
  explicit OnnxGraph(const OnnxFile& from) : file(from), chains(from), constants(from.bytes) {}

  const OnnxFile& file;
  NetworkBuilder network;
  OnnxChains chains;
  ConstantBudget constants;
  // By name: what DequantizeLinear makes of constants.
  std::map<std::string, const OnnxNode*> real_constants;

  // The activation that is the node's input number `index`.
  std::size_t find(const NodeReader& read, std::size_t index) const;
  // ... whose scale and zero point must be those that it was given with.
  std::size_t find(const NodeReader& read, std::size_t index, std::size_t scale,
                   std::size_t zero_point) const;
  bool has(const std::string& tensor) const { return places_.contains(tensor); }
  std::size_t place_of(const std::string& tensor) const { return places_.at(tensor).place; }
  // Of the node's input number `index`: int8 or uint8.
  TensorType type_of(const NodeReader& read, std::size_t index) const;
  // The tensor of that name is this activation, which the file has as a tensor of that type.
  void give(const std::string& tensor, std::size_t place, TensorType type);
  void give(const Ending& ending, std::size_t place) { give(ending.given.name, place, ending.type); }
  // The node moves the values of its first input.
  void give_moved(const NodeReader& read, std::size_t place) { give(read.output(), place, type_of(read, 0)); }

  const Activation& at(std::size_t place) const { return network.at(place); }

  // The same tensor in the file's own order of axes; `shape` is in that order, too.
  std::size_t in_file_order(std::size_t place);
  std::size_t from_file_order(std::size_t place);
  static Shape file_shape(const Shape& shape);

  bool given = false;
  std::size_t output = 0;

 private:
  struct Tensor {
    std::size_t place;
    TensorType type;
  };

  std::map<std::string, Tensor> places_;
};

// Axis number `axis`, or from behind if it is below 0. One that is not there is refused.
std::size_t axis_of(std::int64_t axis, std::size_t axes);

// Axis number `axis` of the file's tensor of that many axes, as an axis of the network's.
std::size_t network_axis(std::size_t axis, std::size_t axes);

// out, in, height, width as out, height, width, in.
Weights channels_last(Weights weights);

// Values of N, C, H, W as N, H, W, C; others as they are. The shape, too.
void turn_channels_last(Shape* shape, std::vector<std::int8_t>* values);

}  // namespace loopgate::inspection
