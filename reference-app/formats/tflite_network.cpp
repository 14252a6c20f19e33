#include "formats/tflite_network.h"

#include <utility>

#include "formats/model_limits.h"
#include "formats/tflite_graph.h"
#include "formats/tflite_names.h"
#include "formats/tflite_operators.h"

namespace loopgate::inspection {

using tflite::Type;

namespace {

std::size_t count(const tflite::Integers* numbers) { return numbers == nullptr ? 0 : numbers->size(); }

void check_ends(const tflite::Subgraph& graph) {
  const std::size_t inputs = count(graph.inputs()), outputs = count(graph.outputs());
  if (inputs != 1 || outputs != 1)
    throw Refusal{"has " + std::to_string(inputs) + " inputs and " + std::to_string(outputs) +
                  " outputs, not one of each: convert the part of the model that has one picture in and one "
                  "tensor out"};
}

// Of a tensor whose lengths are open, what the file's author left open.
void want_fixed_shape(const TfliteGraph& graph, std::int32_t input) {
  const tflite::Integers* open = graph.tensor(input).open_shape();
  for (std::uint32_t i = 1; i < count(open); ++i)  // the first counts pictures
    if (open->Get(i) < 0)
      throw Refusal{"its input \"" + graph.name_of(input) +
                    "\" has no fixed shape: convert the model with one, such as 1x224x224x3"};
  const Shape shape = graph.shape(input);
  if (shape.size() < 2 || shape.size() > 4 || shape[0] != 1)
    throw Refusal{"its input \"" + graph.name_of(input) + "\" is " + shape_text(shape) +
                  ": one picture is wanted, such as 1x224x224x3"};
}

std::string name_of(const tflite::Model& model, const tflite::Operator& from) {
  const auto* codes = model.codes();
  if (codes == nullptr || from.code() >= codes->size()) throw Refusal{"an operator has no code"};
  const tflite::OperatorCode& code = *codes->Get(from.code());
  const std::string name = tflite::name_of_operator(code.builtin());
  return name == "CUSTOM" && code.custom() != nullptr ? code.custom()->str() : name;
}

class Reader {
 public:
  Reader(const tflite::Model& model, std::size_t bytes)
      : model_(model),
        graph_(model, bytes),
        input_(graph_.graph().inputs()->Get(0)),
        output_(graph_.graph().outputs()->Get(0)) {}

  Network read() {
    want_fixed_shape(graph_, input_);
    if (graph_.tensor(input_).type() == Type::int8) begin_with(input_);
    const auto* operators = graph_.graph().operators();
    const std::size_t all = operators == nullptr ? 0 : operators->size();
    if (all > most_operators)
      throw Refusal{std::to_string(all) + " operators, more than the limit of " +
                    std::to_string(most_operators)};
    for (std::uint32_t i = 0; i < all; ++i) add(i, *operators->Get(i));
    Network network = graph_.network.finish(graph_.find(output_));
    network.rounds_twice = true;
    return network;
  }

 private:
  void add(std::uint32_t number, const tflite::Operator& from) {
    const std::string name = name_of(model_, from);
    try {
      add(name, TfliteNode(graph_, from));
    } catch (const Refusal& refusal) {
      throw Refusal{"operator " + name + " (number " + std::to_string(number) + ")" + gives(from) + ": " +
                    refusal.why};
    }
  }

  // Of an operator whose outputs may be anything.
  std::string gives(const tflite::Operator& from) const {
    const auto* outputs = from.outputs();
    const auto* tensors = graph_.graph().tensors();
    if (count(outputs) == 0 || tensors == nullptr) return {};
    const std::int32_t first = outputs->Get(0);
    if (first < 0 || static_cast<std::uint32_t>(first) >= tensors->size()) return {};
    return " that gives \"" + graph_.name_of(first) + "\"";
  }

  void add(const std::string& name, const TfliteNode& node) {
    if (name == "QUANTIZE" && node.input(0) == input_ && graph_.tensor(input_).type() != Type::int8)
      return begin_with_quantised(node.output());
    if (name == "DEQUANTIZE" && node.output() == output_) {
      output_ = node.input(0);
      return;
    }
    const auto found = tflite_operators().find(name);
    if (found == tflite_operators().end()) refuse("is not supported; these are: " + supported());
    found->second(node);
  }

  static std::string supported() {
    std::string names = "DEQUANTIZE";
    for (const auto& [name, reader] : tflite_operators()) names += ", " + name;
    return names;
  }

  // The network begins with this tensor, whose values the program makes itself.
  void begin_with(std::int32_t number) {
    const Given its = graph_.given(number);
    const std::size_t place =
        graph_.network.input({its.name, graph_.shape(number), its.scale, its.zero_point, {}});
    graph_.give(number, place);
  }

  // The file's input is float or uint8, and its first operator makes int8 of it.
  void begin_with_quantised(std::int32_t number) {
    if (graph_.tensor(input_).type() == Type::uint8) {
      const Given file = graph_.given(input_), its = graph_.given(number);
      if (file.scale != its.scale || file.zero_point != its.zero_point)
        refuse("its input is uint8 of another scale: convert the model with an int8 input");
    }
    begin_with(number);
  }

  const tflite::Model& model_;
  TfliteGraph graph_;
  std::int32_t input_;
  std::int32_t output_;
};

}  // namespace

Result<Network> network_of(const tflite::Model& model, std::size_t bytes, const std::string& name) {
  try {
    check_ends(*model.subgraphs()->Get(0));
    return Reader(model, bytes).read();
  } catch (const Refusal& refusal) {
    return fail(exit_model, name + ": " + refusal.why);
  }
}

}  // namespace loopgate::inspection
