#include "inspection/model.h"

#include <array>
#include <system_error>
#include <utility>
#include <vector>

#include "camera/part_painter.h"
#include "engine/engines.h"
#include "formats/model_file.h"
#include "formats/model_limits.h"
#include "formats/picture_of.h"
#include "inspection/decision.h"
#include "inspection/digest.h"
#include "inspection/file.h"

namespace loopgate::inspection {

namespace fs = std::filesystem;

namespace {

// A value of the model file's metadata; empty when missing.
std::string metadata(const ModelFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

Status check_digest_file(const fs::path& file, const std::string& digest, DigestFile wanted) {
  std::error_code error;
  if (wanted == DigestFile::if_there && !fs::exists(digest_file(file), error)) return {};
  return check_digest(file, digest);
}

}  // namespace

Result<std::unique_ptr<Model>> model_of(std::string_view bytes, const std::string& name,
                                        const ModelOptions& options) {
  const Result<ModelFile> read = read_model_file(bytes, name);
  if (!read) return tl::unexpected(read.error());
  const Network& network = read->network;
  Result<PictureFormat> format = picture_format_of(*read, options.normalisation, name);
  if (!format) return tl::unexpected(format.error());
  Result<Task> task = Task::of(options.task, network.activations[network.output], read->metadata, name);
  if (!task) return tl::unexpected(task.error());
  Result<std::unique_ptr<InferenceEngine>> made = make_engine(options.engine, network, bytes, name);
  if (!made) return tl::unexpected(made.error());
  return std::make_unique<Model>(Model{name, metadata(*read, "name"), metadata(*read, "version"), "", 0,
                                       std::move(*made), *format, std::move(*task), bytes_moved(network)});
}

Result<std::unique_ptr<Model>> load_model(const fs::path& file, const ModelOptions& options,
                                          DigestFile digest) {
  const Result<std::string> bytes = read_file(file, largest_model_bytes, exit_model);
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string sha256 = sha256_of(*bytes);
  if (Status same = check_digest_file(file, sha256, digest); !same) return tl::unexpected(same.error());
  Result<std::unique_ptr<Model>> model = model_of(*bytes, file.string(), options);
  if (model) (*model)->sha256 = sha256;
  return model;
}

Status look_at(Model* model, FrameSize frame) {
  if (frame.channels == 3 && model->format.channels == 1)
    return fail(exit_model, model->file + ": takes grey pictures, and the frames are in colours");
  model->preprocess.emplace(frame, model->format);
  model->waiting.assign(model->format.size(), 0);
  return {};
}

Status try_canary(Model* model) {
  // Parts that never occur in a run, whose seeds (entry_seed()) have 64 random bits.
  constexpr std::array<std::uint64_t, 3> seeds = {1, 2, 3};
  const Preprocess preprocess(camera_frame, model->format);
  std::vector<std::uint8_t> frame(static_cast<std::size_t>(camera_frame.pixels()));
  for (const std::uint64_t seed : seeds)
    for (const bool good : {true, false}) {
      paint_part(seed, good, frame.data());
      preprocess.run(frame.data(), model->engine->picture().data());
      if (!model->engine->run()) return fail(exit_model, model->file + ": the engine failed");
      if ((decide(model->task.judge(model->engine->output())) == Decision::ok) != good)
        return fail(exit_model, model->file + ": decides " + (good ? "NG" : "OK") + " for " +
                                    (good ? "a good" : "a bad") +
                                    " part that every model must recognise (canary " + std::to_string(seed) +
                                    ")");
    }
  return {};
}

}  // namespace loopgate::inspection
