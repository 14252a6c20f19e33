// What is known of a .tflite model while its operators are read one after the other. Anything unexpected
// throws a Refusal; the caller that reads all operators catches it and adds which one it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/network_builder.h"
#include "formats/constant_budget.h"
#include "formats/tflite_schema.h"

namespace loopgate::inspection {

class TfliteGraph {
 public:
  // `bytes`: the file's size. Constants are copied.
  TfliteGraph(const tflite::Model& model, std::size_t bytes);

  NetworkBuilder network;

  const tflite::Subgraph& graph() const { return *model_.subgraphs()->Get(0); }
  const tflite::Tensor& tensor(std::int32_t number) const;
  bool is_constant(std::int32_t number) const { return !data(number).empty(); }
  // Of int8; of uint8 what it is once 128 is taken from every value.
  Given given(std::int32_t number) const;
  Shape shape(std::int32_t number) const;
  // One for each channel along `axis`, or one; weights must be symmetric.
  std::vector<float> weight_scales(std::int32_t number, std::size_t axis) const;

  std::vector<std::int8_t> int8(std::int32_t number);
  std::vector<std::int32_t> int32(std::int32_t number);

  // The tensor as an activation; a constant becomes one.
  std::size_t find(std::int32_t number);
  // The tensor is this activation, whose shape the file must have, too.
  void give(std::int32_t number, std::size_t place);

  std::string name_of(std::int32_t number) const;

 private:
  std::span<const std::uint8_t> data(std::int32_t number) const;
  void want(std::int32_t number, tflite::Type type) const;

  const tflite::Model& model_;
  ConstantBudget budget_;
  std::map<std::int32_t, std::size_t> places_;
};

// One operator, with its inputs by their place in the operator's definition.
class TfliteNode {
 public:
  TfliteNode(TfliteGraph& in, const tflite::Operator& from) : graph(in), from_(from) {}

  TfliteGraph& graph;

  bool has(std::size_t index) const;
  std::int32_t input(std::size_t index) const;
  std::int32_t output() const;
  std::size_t activation(std::size_t index) const { return graph.find(input(index)); }
  const Activation& at(std::size_t place) const { return graph.network.at(place); }
  Given given() const { return graph.given(output()); }
  void give(std::size_t place) const { graph.give(output(), place); }

  // An option of the operator; `otherwise` where the file leaves it out.
  template <class Value>
  Value option(tflite::OptionsType type, flatbuffers::voffset_t index, Value otherwise = {}) const {
    const tflite::Options* options = from_.options(type);
    return options == nullptr ? otherwise : options->value<Value>(index, otherwise);
  }
  // A number from 1 to 1024.
  std::uint32_t length(tflite::OptionsType type, flatbuffers::voffset_t index,
                       std::int32_t otherwise = 0) const;
  // What the fused activation function, option number `index`, leaves of the output.
  Limits limits(tflite::OptionsType type, flatbuffers::voffset_t index) const;

 private:
  const tflite::Operator& from_;
};

[[noreturn]] inline void refuse(const std::string& why) { throw Refusal{why}; }

}  // namespace loopgate::inspection
