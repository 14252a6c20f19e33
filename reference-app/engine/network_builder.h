// Builds a network layer by layer, and checks each: shapes fit, nothing is too large. Whatever does not fit
// throws a Refusal that says what; the reader adds which operator it is.
#pragma once

#include <cstddef>
#include <string>

#include "engine/network.h"
#include "engine/refusal.h"

namespace loopgate::inspection {

// What a file says of a layer's output; its shape follows from the layer.
struct Given {
  std::string name;
  float scale = 1;
  int zero_point = 0;
};

class NetworkBuilder {
 public:
  // Each gives the place of a new activation. The input may be given again, as it was: that is the same
  // place.
  std::size_t input(Activation activation);
  std::size_t constant(Activation activation);
  // `layer.output` is filled in. A convolution or pool that reads a padding of height and width alone takes
  // its pads over.
  std::size_t add(Convolution layer, const Given& given);
  std::size_t add(Dense layer, const Given& given);
  std::size_t add(Binary layer, const Given& given);
  std::size_t add(AveragePool layer, const Given& given);
  std::size_t add(MaxPool layer, const Given& given);
  std::size_t add(Mean layer, const Given& given, bool keep_axes);
  std::size_t add(Padding layer, const Given& given);
  std::size_t add(Transposition layer, const Given& given);
  std::size_t add(Softmax layer, const Given& given);
  std::size_t add(Unary layer, const Given& given);
  // What an activation function leaves of it: the same place, when it leaves all.
  std::size_t cut(std::size_t place, const Limits& limits);
  // The scale stays.
  std::size_t reshape(std::size_t input, Shape shape, const std::string& name);

  const Activation& at(std::size_t place) const { return network_.activations[place]; }

  // The whole network, without the layers that nothing reads.
  Network finish(std::size_t output);

 private:
  template <class Single>
  std::size_t put(Single layer, Shape shape, const Given& given);
  std::size_t keep(Activation activation);
  void take_padding(std::size_t* input, Window* window) const;

  Network network_;
  bool has_input_ = false;
  std::size_t values_ = 0;
};

}  // namespace loopgate::inspection
