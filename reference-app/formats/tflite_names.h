// The names of TensorFlow Lite's operators, by which a model's owner knows them.
#pragma once

#include <cstdint>
#include <string>

namespace loopgate::inspection::tflite {

// "CONV_2D"; "operator 207" beyond those that TensorFlow Lite itself runs.
std::string name_of_operator(std::int32_t code);

}  // namespace loopgate::inspection::tflite
