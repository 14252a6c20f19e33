#include "engine/integer_engine.h"

#include <vector>

#include "engine/integer_kernels.h"

namespace loopgate::inspection {

namespace {

class IntegerEngine : public InferenceEngine {
 public:
  explicit IntegerEngine(const Network& network) : input_(network.input), output_(network.output) {
    for (const Activation& activation : network.activations) {
      values_.push_back(activation.values);
      values_.back().resize(count_of(activation.shape));
    }
    for (const Layer& layer : network.layers) kernels_.push_back(kernel_of(layer, network, &values_));
  }

  const char* name() const override { return "integer"; }
  std::span<std::int8_t> picture() override { return values_[input_]; }
  bool run() override {
    for (const Kernel& kernel : kernels_) kernel();
    return true;
  }
  std::span<const std::int8_t> output() const override { return values_[output_]; }

 private:
  std::size_t input_, output_;
  Values values_;
  std::vector<Kernel> kernels_;
};

}  // namespace

Result<std::unique_ptr<InferenceEngine>> make_integer_engine(const Network& network,
                                                             const std::string& name) {
  for (const Layer& layer : network.layers) {
    const auto* softmax = std::get_if<Softmax>(&layer);
    if (softmax == nullptr) continue;
    const Activation& output = network.activations[softmax->output];
    if (output.scale != 1.0F / 256 || output.zero_point != -128)
      return fail(exit_model, name + ": the engine integer refuses the softmax that gives \"" + output.name +
                                  "\": its scale is not 1/256, or its zero point not -128");
  }
  return std::make_unique<IntegerEngine>(network);
}

}  // namespace loopgate::inspection
