// A model that is ready to run, with the preprocessing for its input's scale.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "camera/preprocess.h"
#include "engine/inference_engine.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// Every model must take this size, so that one can replace another while the loop runs.
inline constexpr FrameSize network_picture{96, 96};

struct Model {
  std::string file;
  std::string name;     // from the file's metadata
  std::string version;  // from the file's metadata
  std::string sha256;
  std::uint32_t number = 0;  // FrameRecord::model
  std::unique_ptr<InferenceEngine> engine;
  Preprocess preprocess;
};

enum class DigestFile {
  if_there,  // checked only if it exists
  required,
};

// Reads, checks and warms the model; `frame` is the size of the camera's frames. Fails with exit_model.
Result<std::unique_ptr<Model>> load_model(const std::filesystem::path& file, const std::string& engine,
                                          FrameSize frame, DigestFile digest);

// Checks that it decides some good and bad parts of the synthetic camera correctly. Fails with exit_model.
Status try_canary(Model* model);

}  // namespace loopgate::inspection
