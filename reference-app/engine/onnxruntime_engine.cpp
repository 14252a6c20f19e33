#include "engine/onnxruntime_engine.h"

#include <onnxruntime_cxx_api.h>

#include <array>
#include <vector>

namespace loopgate::inspection {

namespace {

Ort::SessionOptions one_thread() {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  return options;
}

class OnnxRuntimeEngine : public InferenceEngine {
 public:
  OnnxRuntimeEngine(const Network& network, std::string_view bytes)
      : environment_(ORT_LOGGING_LEVEL_FATAL, "inspect"),
        session_(environment_, bytes.data(), bytes.size(), one_thread()) {
    const Activation& input = network.activations[network.input];
    input_ = {static_cast<int>(input.shape[3]), static_cast<int>(input.shape[2]), input.scale,
              input.zero_point};
    picture_.resize(input_.size());
    const Ort::AllocatorWithDefaultOptions allocator;
    input_name_ = session_.GetInputNameAllocated(0, allocator).get();
    output_name_ = session_.GetOutputNameAllocated(0, allocator).get();
    bind();
  }

  const char* name() const override { return "onnxruntime"; }
  NetworkInput input() const override { return input_; }

  bool run(std::span<const std::int8_t> picture, Scores* scores) override {
    // The file begins with a float picture, which it quantises: to the very same values again.
    for (std::size_t i = 0; i < picture_.size(); ++i)
      picture_[i] = static_cast<float>(picture[i] - input_.zero_point) * input_.scale;
    try {
      session_.Run(Ort::RunOptions{nullptr}, binding_);
    } catch (const Ort::Exception&) {
      return false;
    }
    *scores = {output_[0], output_[1]};
    return true;
  }

 private:
  void bind() {
    const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const std::array<std::int64_t, 4> in = {1, 1, input_.height, input_.width};
    const std::array<std::int64_t, 2> out = {1, 2};
    in_value_ =
        Ort::Value::CreateTensor<float>(memory, picture_.data(), picture_.size(), in.data(), in.size());
    out_value_ =
        Ort::Value::CreateTensor<float>(memory, output_.data(), output_.size(), out.data(), out.size());
    binding_ = Ort::IoBinding(session_);
    binding_.BindInput(input_name_.c_str(), in_value_);
    binding_.BindOutput(output_name_.c_str(), out_value_);
  }

  Ort::Env environment_;
  Ort::Session session_;
  NetworkInput input_;
  std::string input_name_, output_name_;
  std::vector<float> picture_;
  std::array<float, 2> output_{};
  Ort::Value in_value_{nullptr};
  Ort::Value out_value_{nullptr};
  Ort::IoBinding binding_{nullptr};
};

}  // namespace

Result<std::unique_ptr<InferenceEngine>> make_onnxruntime_engine(const Network& network,
                                                                 std::string_view bytes,
                                                                 const std::string& name) {
  try {
    return std::make_unique<OnnxRuntimeEngine>(network, bytes);
  } catch (const Ort::Exception& error) {
    return fail(exit_model, name + ": ONNX Runtime refuses it: " + error.what());
  }
}

}  // namespace loopgate::inspection
