// A model that is ready to run: its engine, how it wants its pictures, and what its output means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "camera/preprocess.h"
#include "engine/inference_engine.h"
#include "inspection/error.h"
#include "task/task.h"

namespace loopgate::inspection {

// How model files are taken.
struct ModelOptions {
  std::string engine;
  TaskOptions task;
  std::optional<Normalisation> normalisation;  // empty: the file's, or its format's (ModelFile)
};

struct Model {
  std::string file;
  std::string name;     // from the file's metadata
  std::string version;  // from the file's metadata
  std::string sha256;
  std::uint32_t number = 0;  // FrameRecord::model
  std::unique_ptr<InferenceEngine> engine;
  PictureFormat format;
  Task task;
  std::uint64_t network_bytes = 0;            // bytes_moved()
  std::optional<Preprocess> preprocess = {};  // from look_at() on
  std::vector<std::int8_t> waiting = {};      // likewise: a picture that was prepared on another thread
};

enum class DigestFile {
  if_there,  // checked only if it exists
  required,
};

// Of the bytes of a file; failures refer to it as `name`. Fails with exit_model.
Result<std::unique_ptr<Model>> model_of(std::string_view bytes, const std::string& name,
                                        const ModelOptions& options);

// Reads, checks and warms the model. Fails with exit_model.
Result<std::unique_ptr<Model>> load_model(const std::filesystem::path& file, const ModelOptions& options,
                                          DigestFile digest);

// Takes frames of this size from now on. Fails with exit_model.
Status look_at(Model* model, FrameSize frame);

// Checks that it decides some good and bad parts of the synthetic camera correctly. Fails with exit_model.
Status try_canary(Model* model);

}  // namespace loopgate::inspection
