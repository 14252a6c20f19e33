// The operators of TensorFlow Lite that are understood: each reads one node into layers.
#pragma once

#include <map>
#include <string>

#include "formats/tflite_graph.h"

namespace loopgate::inspection {

using TfliteReader = void (*)(const TfliteNode& node);

// By name.
const std::map<std::string, TfliteReader>& tflite_operators();

}  // namespace loopgate::inspection
