#include "engine/onnxruntime_engine.h"

#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "formats/tflite_file.h"

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
        session_(environment_, bytes.data(), bytes.size(), one_thread()),
        input_(network.activations[network.input]),
        result_(network.activations[network.output]),
        picture_(count_of(input_.shape)),
        output_(count_of(result_.shape)),
        reals_in_(picture_.size()),
        reals_out_(output_.size()) {
    const Ort::AllocatorWithDefaultOptions allocator;
    input_name_ = session_.GetInputNameAllocated(0, allocator).get();
    output_name_ = session_.GetOutputNameAllocated(0, allocator).get();
    bind();
  }

  const char* name() const override { return "onnxruntime"; }
  std::span<std::int8_t> picture() override { return picture_; }
  std::span<const std::int8_t> output() const override { return output_; }

  bool run() override {
    fill();
    try {
      session_.Run(Ort::RunOptions{nullptr}, binding_);
    } catch (const Ort::Exception&) {
      return false;
    }
    for (std::size_t i = 0; i < output_.size(); ++i) {
      const float steps =
          std::nearbyint(reals_out_[i] / result_.scale) + static_cast<float>(result_.zero_point);
      output_[i] = static_cast<std::int8_t>(std::clamp(steps, -128.0F, 127.0F));
    }
    return true;
  }

 private:
  // The file begins with a float picture, which it quantises: to the very same values again. Its channels
  // come first where the network's come last.
  void fill() {
    const std::size_t channels = turned_ ? input_.shape.back() : 1, pixels = picture_.size() / channels;
    for (std::size_t channel = 0; channel < channels; ++channel)
      for (std::size_t i = 0; i < pixels; ++i)
        reals_in_[channel * pixels + i] =
            static_cast<float>(picture_[i * channels + channel] - input_.zero_point) * input_.scale;
  }

  void bind() {
    const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    in_ = shape_of(session_.GetInputTypeInfo(0), picture_.size());
    out_ = shape_of(session_.GetOutputTypeInfo(0), output_.size());
    turned_ = in_.size() == 4 && static_cast<std::size_t>(in_[1]) == input_.shape.back();
    in_value_ =
        Ort::Value::CreateTensor<float>(memory, reals_in_.data(), reals_in_.size(), in_.data(), in_.size());
    out_value_ = Ort::Value::CreateTensor<float>(memory, reals_out_.data(), reals_out_.size(), out_.data(),
                                                 out_.size());
    binding_ = Ort::IoBinding(session_);
    binding_.BindInput(input_name_.c_str(), in_value_);
    binding_.BindOutput(output_name_.c_str(), out_value_);
  }

  // The file's, with one picture where it leaves their number open.
  static std::vector<std::int64_t> shape_of(const Ort::TypeInfo& info, std::size_t count) {
    std::vector<std::int64_t> shape = info.GetTensorTypeAndShapeInfo().GetShape();
    std::int64_t product = 1;
    for (std::int64_t& length : shape) product *= length = std::max<std::int64_t>(length, 1);
    if (product != static_cast<std::int64_t>(count)) shape = {1, static_cast<std::int64_t>(count)};
    return shape;
  }

  Ort::Env environment_;
  Ort::Session session_;
  Activation input_, result_;
  std::string input_name_, output_name_;
  std::vector<std::int8_t> picture_, output_;
  std::vector<float> reals_in_, reals_out_;
  std::vector<std::int64_t> in_, out_;
  bool turned_ = false;
  Ort::Value in_value_{nullptr};
  Ort::Value out_value_{nullptr};
  Ort::IoBinding binding_{nullptr};
};

}  // namespace

Result<std::unique_ptr<InferenceEngine>> make_onnxruntime_engine(const Network& network,
                                                                 std::string_view bytes,
                                                                 const std::string& name) {
  if (is_tflite(bytes)) return fail(exit_model, name + ": the engine onnxruntime takes ONNX files only");
  try {
    return std::make_unique<OnnxRuntimeEngine>(network, bytes);
  } catch (const Ort::Exception& error) {
    return fail(exit_model, name + ": ONNX Runtime refuses it: " + error.what());
  }
}

}  // namespace loopgate::inspection
