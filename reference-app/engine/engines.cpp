#include "engine/engines.h"

#include <algorithm>

#include "engine/integer_engine.h"
#include "engine/xnnpack_engine.h"
#ifdef INSPECT_HAS_ONNXRUNTIME
#include "engine/onnxruntime_engine.h"
#endif

namespace loopgate::inspection {

namespace {

Result<std::unique_ptr<InferenceEngine>> make(const std::string& engine, const Network& network,
                                              [[maybe_unused]] std::string_view bytes,
                                              const std::string& name) {
#ifdef INSPECT_HAS_ONNXRUNTIME
  if (engine == "onnxruntime") return make_onnxruntime_engine(network, bytes, name);
#endif
  if (engine == "xnnpack") return make_xnnpack_engine(network, name);
  if (engine == "integer") return make_integer_engine(network, name);
  return fail(target::exit_usage, "this program was built without the engine " + engine);
}

}  // namespace

std::vector<std::string> built_engines() {
  return {
      "xnnpack",
      "integer",
#ifdef INSPECT_HAS_ONNXRUNTIME
      "onnxruntime",
#endif
  };
}

Result<std::unique_ptr<InferenceEngine>> make_engine(const std::string& engine, const Network& network,
                                                     std::string_view bytes, const std::string& name) {
  Result<std::unique_ptr<InferenceEngine>> made = make(engine, network, bytes, name);
  if (!made) return made;
  // Engines may allocate in their first run.
  std::ranges::fill((*made)->picture(), std::int8_t{0});
  if (!(*made)->run()) return fail(exit_model, name + ": " + engine + " failed to run it");
  return made;
}

}  // namespace loopgate::inspection
