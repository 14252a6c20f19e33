// Loading a model file, and replacing one while the loop runs.
#include "inspection/model.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "inspection/decision.h"
#include "inspection/digest.h"
#include "inspection/file.h"
#include "inspection/model_swapper.h"
#include "tests/fakes.h"
#include "tests/model_fixture.h"
#include "tests/temporary_folder.h"

namespace loopgate::inspection {
namespace {

// The shipped model, which knows good parts from bad ones.
std::string shipped_model() {
  const Result<std::string> bytes = read_file(INSPECT_MODEL, 64U << 20U, exit_model);
  return bytes ? *bytes : std::string();
}

ModelOptions default_options() { return {built_engines().front(), {}, {}}; }

class ModelFiles : public testing::Test {
 protected:
  std::string refusal(const std::string& file, DigestFile digest = DigestFile::if_there) const {
    const auto model = load_model(file, default_options(), digest);
    if (model) return "not refused";
    EXPECT_EQ(model.error().exit_status, exit_model);
    return model.error().what;
  }

  TemporaryFolder folder_;
  std::string bytes_ = bytes_of(brightness_model());
};

TEST_F(ModelFiles, IsLoadedWithItsNameAndDigest) {
  const std::string file = folder_.write_with_digest("m.onnx", bytes_);
  const auto model = load_model(file, default_options(), DigestFile::required);
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ((*model)->name, "made");
  EXPECT_EQ((*model)->version, "7");
  EXPECT_EQ((*model)->sha256, sha256_of(bytes_));
}

TEST_F(ModelFiles, MissingAndEmptyOnesAreRefused) {
  const std::string missing = folder_ / "missing.onnx";
  EXPECT_EQ(refusal(missing), missing + ": no such file");
  EXPECT_EQ(refusal(folder_.path()), folder_.path().string() + ": not a regular file");
  const std::string empty = folder_.write("empty.onnx", "");
  EXPECT_EQ(refusal(empty), empty + ": empty file");
}

TEST_F(ModelFiles, ADigestThatIsThereMustBeRight) {
  const std::string file = folder_.write_with_digest("m.onnx", bytes_);
  bytes_[bytes_.size() / 2] = static_cast<char>(bytes_[bytes_.size() / 2] ^ 1);
  folder_.write("m.onnx", bytes_);
  EXPECT_TRUE(refusal(file).ends_with("the file is damaged or was changed")) << refusal(file);
  folder_.write("m.onnx.sha256", sha256_of(bytes_) + "  other.onnx\n");
  EXPECT_EQ(refusal(file), file + ".sha256 does not name m.onnx");
  folder_.write("m.onnx.sha256", "");
  EXPECT_EQ(refusal(file), file + ".sha256 does not name m.onnx");
}

TEST_F(ModelFiles, ADigestCanBeRequired) {
  const std::string file = folder_.write("m.onnx", bytes_);
  EXPECT_EQ(refusal(file), "not refused");
  EXPECT_EQ(refusal(file, DigestFile::required), file + ".sha256: no such file");
}

TEST_F(ModelFiles, TheFileSaysHowItWantsItsPictures) {
  const std::string file = folder_.write("m.onnx", bytes_of(brightness_model(0.5F, 64)));
  const auto model = load_model(file, default_options(), DigestFile::if_there);
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ((*model)->format.width, 64);
  EXPECT_EQ((*model)->format.height, 64);
  EXPECT_EQ((*model)->format.channels, 1);
}

TEST_F(ModelFiles, TheFileSaysWhichClassIsOk) {
  onnx::ModelProto model = brightness_model();
  model.mutable_metadata_props(2)->set_value("OK,NG");
  const std::string file = folder_.write("m.onnx", bytes_of(model));
  const auto turned = load_model(file, default_options(), DigestFile::if_there);
  ASSERT_TRUE(turned) << turned.error().what;
  EXPECT_EQ(decide((*turned)->task.judge(std::vector<std::int8_t>{5, -5})), Decision::ok);
  model.clear_metadata_props();
  folder_.write("m.onnx", bytes_of(model));
  EXPECT_TRUE(
      refusal(file).starts_with(file + ": its output has 2 values, and nothing says which of them mean OK"))
      << refusal(file);
}

TEST_F(ModelFiles, OneThatTakesGreyPicturesRefusesColours) {
  const std::string file = folder_.write("m.onnx", bytes_);
  const auto model = load_model(file, default_options(), DigestFile::if_there);
  ASSERT_TRUE(model) << model.error().what;
  const Status fits = look_at(model->get(), {160, 160, 3});
  ASSERT_FALSE(fits);
  EXPECT_EQ(fits.error().what, file + ": takes grey pictures, and the frames are in colours");
}

TEST(Digest, IsSha256) {
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const TemporaryFolder folder;
  const std::string file = folder.write("a b.onnx", "abc");
  folder.write("a b.onnx.sha256", "# comment\n" + sha256_of("abc") + " *folder/a b.onnx\n");
  EXPECT_TRUE(check_digest(file, sha256_of("abc")));
  EXPECT_FALSE(check_digest(file, sha256_of("abd")));
}

TEST(Canary, RefusesAModelThatKnowsNoParts) {
  const std::unique_ptr<Model> model = brightness();
  const Status tried = try_canary(model.get());
  ASSERT_FALSE(tried);
  EXPECT_EQ(tried.error().exit_status, exit_model);
  EXPECT_TRUE(tried.error().what.starts_with("m: decides ")) << tried.error().what;
}

// Every built engine says of the synthetic camera's parts what the default says.
TEST(Engines, AgreeOnTheParts) {
  if (shipped_model().empty()) GTEST_SKIP() << "there is no " << INSPECT_MODEL;
  if (built_engines().size() < 2) GTEST_SKIP() << "only " << built_engines().front() << " was built";
  TemporaryFolder folder;
  const std::string file = folder.write("m.onnx", shipped_model());
  const auto reference = load_model(file, default_options(), DigestFile::if_there);
  ASSERT_TRUE(reference) << reference.error().what;
  ASSERT_TRUE(look_at(reference->get(), camera_frame));
  std::unique_ptr<FrameSource> camera = *open_camera({});
  std::vector<std::uint8_t> frame(static_cast<std::size_t>(camera->size().pixels()));
  for (const std::string& name : built_engines()) {
    const auto other = load_model(file, {name, {}, {}}, DigestFile::if_there);
    ASSERT_TRUE(other) << other.error().what;
    for (std::uint64_t number = 1; number <= 200; ++number) {
      camera->capture(number, 0, frame.data());
      for (Model* model : {reference->get(), other->get()}) {
        (*reference)->preprocess->run(frame.data(), model->engine->picture().data());
        ASSERT_TRUE(model->engine->run());
      }
      EXPECT_EQ(decide((*other)->task.judge((*other)->engine->output())),
                decide((*reference)->task.judge((*reference)->engine->output())))
          << name << ", frame " << number;
    }
  }
}

// A loop, as far as the swapper sees one: it handles a frame whenever it is told to.
class Swapping : public testing::Test {
 protected:
  void start(std::vector<SwapRequest> requests) {
    std::vector<std::uint64_t> wake_at;
    for (const SwapRequest& request : requests) wake_at.push_back(request.after_frames);
    models_.emplace(brightness(), wake_at);
    swapper_.emplace(SwapperOptions{good_, default_options(), camera_frame, std::move(requests)}, &*models_);
    ASSERT_TRUE(swapper_->start());
  }

  // For 10 s at most.
  static void wait_until(const std::function<bool()>& happened) {
    for (int i = 0; i < 10'000 && !happened(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(happened());
  }

  void frames_until_model(std::uint32_t number) {
    wait_until([this, number] {
      if (model_ != number) frame();
      return model_ == number;
    });
  }

  Model* take(std::uint64_t frame) {
    Model* const model = models_->offered();
    models_->take(frame, model);
    return model;
  }

  void frame() {
    model_ = take(++frames_)->number;
    models_->handled(frames_);
  }

  const std::vector<SwapResult>& results() {
    swapper_->stop();
    return swapper_->results();
  }

  TemporaryFolder folder_;
  std::string good_ = shipped_model().empty() ? "" : folder_.write_with_digest("good.onnx", shipped_model());
  std::optional<ModelExchange> models_;
  std::optional<ModelSwapper> swapper_;
  std::uint64_t frames_ = 0;
  std::uint32_t model_ = 0;
};

TEST_F(Swapping, AGoodModelComesIntoForce) {
  if (good_.empty()) GTEST_SKIP() << "there is no " << INSPECT_MODEL;
  start({{3, good_}, {3, good_}});
  frames_until_model(2);
  const std::vector<SwapResult>& swaps = results();
  ASSERT_EQ(swaps.size(), 2U);
  EXPECT_TRUE(swaps[0].accepted) << swaps[0].reason;
  EXPECT_EQ(swaps[0].file, good_);
  EXPECT_EQ(swaps[0].after_frames, 3U);
  EXPECT_GT(swaps[0].in_force_from, 3U);
  EXPECT_GT(swaps[1].in_force_from, swaps[0].in_force_from);
  EXPECT_EQ(models_->in_force().sha256, sha256_of(shipped_model()));
}

TEST_F(Swapping, BadModelsAreRefusedAndTheOldOneGoesOn) {
  const std::string bytes = bytes_of(brightness_model());
  const std::string damaged = folder_.write_with_digest("damaged.onnx", bytes);
  folder_.write("damaged.onnx", bytes.substr(0, bytes.size() - 1) + "x");
  const std::string undigested = folder_.write("undigested.onnx", bytes);
  const std::string small = folder_.write_with_digest("small.onnx", bytes_of(brightness_model(0.5F, 64)));
  const std::string foreign = folder_.write_with_digest("foreign.onnx", "something else");
  const std::string ignorant = folder_.write_with_digest("ignorant.onnx", bytes);
  const std::string missing = folder_ / "missing.onnx";
  start({{0, damaged},
         {0, undigested},
         {0, small},
         {1, foreign},
         {1, ignorant},
         {1, missing},
         {1'000'000, ignorant}});
  frame();
  Model* const before = take(1);
  wait_until([this] { return swapper_->finished() == 6; });
  frame();
  EXPECT_EQ(take(3), before);
  const std::vector<SwapResult>& swaps = results();
  ASSERT_EQ(swaps.size(), 7U);
  for (const SwapResult& swap : swaps) {
    EXPECT_FALSE(swap.accepted) << swap.file;
    EXPECT_EQ(swap.in_force_from, 0U);
  }
  EXPECT_TRUE(swaps[0].reason.ends_with("the file is damaged or was changed")) << swaps[0].reason;
  EXPECT_EQ(swaps[1].reason, undigested + ".sha256: no such file");
  EXPECT_TRUE(swaps[2].reason.starts_with(small + ": decides ")) << swaps[2].reason;
  EXPECT_EQ(swaps[3].reason, foreign + ": not an ONNX model, or truncated");
  EXPECT_TRUE(swaps[4].reason.starts_with(ignorant + ": decides ")) << swaps[4].reason;
  EXPECT_EQ(swaps[5].reason, missing + ": no such file");
  EXPECT_EQ(swaps[6].reason, "the program ended first");
}

TEST_F(Swapping, SighupLoadsTheModelAgain) {
  if (good_.empty()) GTEST_SKIP() << "there is no " << INSPECT_MODEL;
  block_reload_signal();
  start({});
  ::kill(::getpid(), SIGHUP);
  frames_until_model(1);
  const std::vector<SwapResult>& swaps = results();
  ASSERT_EQ(swaps.size(), 1U);
  EXPECT_TRUE(swaps[0].accepted) << swaps[0].reason;
  EXPECT_EQ(swaps[0].file, good_);
  EXPECT_FALSE(swaps[0].after_frames);
}

TEST_F(Swapping, EndsAlthoughNoFrameTakesTheNewModel) {
  if (good_.empty()) GTEST_SKIP() << "there is no " << INSPECT_MODEL;
  start({{0, good_}, {0, good_}});
  wait_until([this] { return models_->is_waiting(); });
  const std::vector<SwapResult>& swaps = results();
  ASSERT_EQ(swaps.size(), 2U);
  EXPECT_TRUE(swaps[0].accepted);
  EXPECT_EQ(swaps[0].in_force_from, 0U);
  EXPECT_EQ(swaps[1].reason, "the program ended first");
}

}  // namespace
}  // namespace loopgate::inspection
