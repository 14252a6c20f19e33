// Models of others against what TensorFlow Lite computes with them: LOOPGATE_MODELS, or ../shared/models
// beside the tree, has six .tflite files and golden.json, whose README says how it was made.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engines.h"
#include "formats/model_file.h"
#include "formats/model_limits.h"
#include "inspection/allocation_count.h"
#include "inspection/digest.h"
#include "inspection/file.h"

namespace loopgate::inspection {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

fs::path folder() {
  if (const char* named = std::getenv("LOOPGATE_MODELS")) return named;
  return fs::path(INSPECT_SOURCE) / "../../shared/models";
}

// golden.json's generator: xorshift32.
std::vector<std::int8_t> noise(std::uint32_t number, std::size_t size) {
  std::uint32_t x = 2654435761U * number;
  std::vector<std::int8_t> values(size);
  for (std::int8_t& value : values) {
    x ^= x << 13U;
    x ^= x >> 17U;
    x ^= x << 5U;
    value = static_cast<std::int8_t>(x >> 24U);
  }
  return values;
}

// An uncompressed BMP of 96x96 greys, whose last row comes first; as int8, less `less`.
std::vector<std::int8_t> picture(const std::string& file, int less) {
  constexpr std::size_t side = 96, header = 1078;
  const Result<std::string> bytes = read_file(folder() / file, 1U << 20U, exit_camera);
  if (!bytes || bytes->size() != header + side * side) return {};
  std::vector<std::int8_t> values;
  for (std::size_t row = side; row-- > 0;)
    for (std::size_t column = 0; column < side; ++column)
      values.push_back(static_cast<std::int8_t>((*bytes)[header + row * side + column] - less));
  return values;
}

std::vector<std::int8_t> input_of(const Json& golden, std::size_t size) {
  const auto id = golden["id"].get<std::string>();
  if (id == "zero") return std::vector<std::int8_t>(size);
  if (id[0] == 'r') return noise(static_cast<std::uint32_t>(std::stoul(id.substr(1))), size);
  return picture(id.substr(0, id.find('.')) + ".bmp", id.ends_with("sub128") ? 128 : 0);
}

int largest_difference(const std::vector<int>& some, const std::vector<int>& others) {
  int largest = some.size() == others.size() ? 0 : 256;
  for (std::size_t i = 0; i < std::min(some.size(), others.size()); ++i)
    largest = std::max(largest, std::abs(some[i] - others[i]));
  return largest;
}

std::size_t argmax(const std::vector<int>& values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

// How far the default engine may be from TensorFlow Lite's reference kernels, in steps of the output, and of
// what goes into the last softmax: what was measured (ENGINES.md).
struct Expected {
  const char* model;
  int output;
  int before_softmax;

  friend void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.model; }
};

// One model, its golden values, and an engine that runs it.
class Golden : public testing::TestWithParam<Expected> {
 protected:
  void SetUp() override {
    if (!fs::exists(folder() / "golden.json"))
      GTEST_SKIP() << "there is no " << (folder() / "golden.json").string()
                   << "; LOOPGATE_MODELS names another folder";
    const std::string file = std::string(GetParam().model) + ".tflite";
    const Result<std::string> text = read_file(folder() / "golden.json", 64U << 20U, exit_model);
    ASSERT_TRUE(text) << text.error().what;
    const Json all = Json::parse(*text);
    for (const Json& one : all["models"])
      if (one["file"] == file) golden_ = one;
    ASSERT_TRUE(golden_.is_object()) << file;
    const Result<std::string> bytes = read_file(folder() / file, largest_model_bytes, exit_model);
    ASSERT_TRUE(bytes) << bytes.error().what;
    ASSERT_EQ(sha256_of(*bytes), golden_["sha256"].get<std::string>());
    Result<ModelFile> read = read_model_file(*bytes, file);
    ASSERT_TRUE(read) << read.error().what;
    network_ = std::move(read->network);
  }

  void make(const std::string& engine) {
    auto made = make_engine(engine, network_, "", GetParam().model);
    ASSERT_TRUE(made) << made.error().what;
    engine_ = std::move(*made);
  }

  // Without its last softmax. False when it has none.
  bool leave_softmax_out() {
    const auto* softmax = std::get_if<Softmax>(&network_.layers.back());
    if (softmax == nullptr) return false;
    network_.output = softmax->input;
    network_.layers.pop_back();
    return true;
  }

  // The output for one of the inputs; empty when something failed.
  std::vector<int> run(const Json& one) {
    const std::vector<std::int8_t> input = input_of(one, engine_->picture().size());
    const std::string_view bytes(reinterpret_cast<const char*>(input.data()), input.size());
    EXPECT_EQ(sha256_of(bytes), one["sha256"].get<std::string>()) << one["id"];
    if (input.size() != engine_->picture().size()) return {};
    std::ranges::copy(input, engine_->picture().begin());
    EXPECT_TRUE(engine_->run());
    return {engine_->output().begin(), engine_->output().end()};
  }

  // The largest difference to what the reference kernels gave (`key`), over all inputs.
  int largest_of_all(const char* key) {
    int largest = 0;
    for (const Json& one : golden_["golden"])
      largest = std::max(largest, largest_difference(run(one), one[key].get<std::vector<int>>()));
    return largest;
  }

  Json golden_;
  Network network_;
  std::unique_ptr<InferenceEngine> engine_;
};

TEST_P(Golden, TheIntegerEngineAgreesToTheBit) {
  make("integer");
  for (const Json& one : golden_["golden"]) {
    EXPECT_EQ(run(one), one["output"].get<std::vector<int>>()) << one["id"];
  }
}

TEST_P(Golden, TheIntegerEngineAgreesBeforeSoftmax) {
  if (!leave_softmax_out()) GTEST_SKIP() << "this model has no softmax";
  make("integer");
  for (const Json& one : golden_["golden"]) {
    EXPECT_EQ(run(one), one["before_softmax"].get<std::vector<int>>()) << one["id"];
  }
}

TEST_P(Golden, TheDefaultEngineIsNear) {
  make(built_engines().front());
  const int largest = largest_of_all("output");
  EXPECT_LE(largest, GetParam().output);
  RecordProperty("steps", largest);
}

TEST_P(Golden, TheDefaultEngineIsNearBeforeSoftmax) {
  if (!leave_softmax_out()) GTEST_SKIP() << "this model has no softmax";
  make(built_engines().front());
  const int largest = largest_of_all("before_softmax");
  EXPECT_LE(largest, GetParam().before_softmax);
  RecordProperty("steps", largest);
}

TEST_P(Golden, NoEngineAllocatesInRun) {
  if (!allocations_so_far()) GTEST_SKIP() << "this build does not count allocations";
  for (const char* engine : {"xnnpack", "integer"}) {
    make(engine);
    const std::uint64_t before = *allocations_so_far();
    EXPECT_TRUE(engine_->run());
    EXPECT_EQ(*allocations_so_far() - before, 0U) << engine;
  }
}

TEST_P(Golden, TheDefaultEngineFindsTheSameClass) {
  make(built_engines().front());
  for (const Json& one : golden_["golden"]) {
    if (!one["agreement"]["argmax_equal"].get<bool>()) continue;  // nor do theirs
    EXPECT_EQ(argmax(run(one)), argmax(one["output"].get<std::vector<int>>())) << one["id"];
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Golden,
                         testing::Values(Expected{"person_detect", 1, 2},
                                         Expected{"mobilenet_v2_quantized_1x3x224x224", 9, 0},
                                         Expected{"vww_96_int8", 1, 2},
                                         Expected{"pretrainedResnet_quant", 21, 4},
                                         Expected{"kws_ref_model", 10, 1}, Expected{"ad01_int8", 2, 0}),
                         [](const auto& one) { return std::string(one.param.model); });

}  // namespace
}  // namespace loopgate::inspection
