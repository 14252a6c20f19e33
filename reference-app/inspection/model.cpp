#include "inspection/model.h"

#include <array>
#include <system_error>
#include <utility>
#include <vector>

#include "camera/part_painter.h"
#include "engine/engines.h"
#include "engine/network.h"
#include "engine/onnx_file.h"
#include "inspection/decision.h"
#include "inspection/digest.h"
#include "inspection/file.h"

namespace loopgate::inspection {

namespace fs = std::filesystem;

namespace {

// A value of the model file's metadata; empty when missing.
std::string metadata(const OnnxFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

Status check(const OnnxFile& onnx, const Network& network, const std::string& name) {
  // The other order would invert every decision.
  constexpr const char* classes = "NG,OK";
  if (const std::string its = metadata(onnx, "classes"); its != classes)
    return fail(exit_model, name + ": its metadata has classes=\"" + its + "\", not \"" + classes + "\"");
  const std::vector<std::size_t>& shape = network.activations[network.input].shape;
  if (shape[2] != network_picture.height || shape[3] != network_picture.width)
    return fail(exit_model, name + ": its input is 1x1x" + std::to_string(shape[2]) + "x" +
                                std::to_string(shape[3]) + ", not 1x1x" +
                                std::to_string(network_picture.height) + "x" +
                                std::to_string(network_picture.width));
  return {};
}

Status check_digest_file(const fs::path& file, const std::string& digest, DigestFile wanted) {
  std::error_code error;
  if (wanted == DigestFile::if_there && !fs::exists(digest_file(file), error)) return {};
  return check_digest(file, digest);
}

}  // namespace

Result<std::unique_ptr<Model>> load_model(const fs::path& file, const std::string& engine, FrameSize frame,
                                          DigestFile digest) {
  const Result<std::string> bytes = read_file(file, largest_model_bytes, exit_model);
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string sha256 = sha256_of(*bytes);
  if (Status same = check_digest_file(file, sha256, digest); !same) return tl::unexpected(same.error());
  const Result<OnnxFile> onnx = parse_onnx(*bytes, file.string());
  if (!onnx) return tl::unexpected(onnx.error());
  const Result<Network> network = network_of(*onnx, file.string());
  if (!network) return tl::unexpected(network.error());
  if (Status good = check(*onnx, *network, file.string()); !good) return tl::unexpected(good.error());
  Result<std::unique_ptr<InferenceEngine>> made = make_engine(engine, *network, *bytes, file.string());
  if (!made) return tl::unexpected(made.error());
  const NetworkInput input = (*made)->input();
  return std::make_unique<Model>(Model{file.string(), metadata(*onnx, "name"), metadata(*onnx, "version"),
                                       sha256, 0, std::move(*made),
                                       Preprocess(frame, network_picture, input.scale, input.zero_point)});
}

Status try_canary(Model* model) {
  // Parts that never occur in a run, whose seeds (entry_seed()) have 64 random bits.
  constexpr std::array<std::uint64_t, 3> seeds = {1, 2, 3};
  const NetworkInput input = model->engine->input();
  const Preprocess preprocess(camera_frame, network_picture, input.scale, input.zero_point);
  std::vector<std::uint8_t> frame(static_cast<std::size_t>(camera_frame.pixels()));
  std::vector<std::int8_t> picture(input.size());
  for (const std::uint64_t seed : seeds)
    for (const bool good : {true, false}) {
      paint_part(seed, good, frame.data());
      preprocess.run(frame.data(), picture.data());
      Scores scores;
      if (!model->engine->run(picture, &scores)) return fail(exit_model, model->file + ": the engine failed");
      if ((decide(scores) == Decision::ok) != good)
        return fail(exit_model, model->file + ": decides " + (good ? "NG" : "OK") + " for " +
                                    (good ? "a good" : "a bad") +
                                    " part that every model must recognise (canary " + std::to_string(seed) +
                                    ")");
    }
  return {};
}

}  // namespace loopgate::inspection
