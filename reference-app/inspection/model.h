// A model that is ready to run, with what belongs to it: the preprocessing for its input's scale.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "camera/preprocess.h"
#include "engine/inference_engine.h"
#include "inspection/problem.h"

namespace loopgate::inspection {

// What every model must take, so that one can replace another while the loop runs.
inline constexpr FrameSize network_picture{96, 96};

struct Model {
  std::string file;
  std::string name;     // as the file says
  std::string version;  // likewise
  std::string sha256;
  std::uint32_t number = 0;  // FrameRecord::model
  std::unique_ptr<InferenceEngine> engine;
  Preprocess preprocess;
};

enum class DigestFile {
  if_there,  // checked when it is
  required,
};

// Reads, checks and warms the model; `frame` is the size of the camera's frames. Fails with exit_model.
Result<std::unique_ptr<Model>> load_model(const std::filesystem::path& file, const std::string& engine,
                                          FrameSize frame, DigestFile digest);

// Whether it decides some parts of the synthetic camera, good and bad ones, as they are. Fails with
// exit_model.
Status try_canary(Model* model);

}  // namespace loopgate::inspection
