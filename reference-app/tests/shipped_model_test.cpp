// The shipped model against its card: the card's test set, painted by the program's own camera and decided by
// the program's own engine. What the card says was found by onnxruntime.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "camera/part_painter.h"
#include "engine/engines.h"
#include "inspection/decision.h"
#include "inspection/file.h"
#include "inspection/model.h"

namespace loopgate::inspection {
namespace {

// Engines and processors differ in single steps of a logit, which turns a decision in five hundred at most:
// ACCURACY_TOLERANCE of model/train.
constexpr double tolerance = 0.002;

nlohmann::json read_card() {
  const auto path = std::filesystem::path(INSPECT_MODEL).parent_path() / "model_card.json";
  const Result<std::string> text = read_file(path, 1U << 20U, exit_model);
  return text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
}

// By "NG as OK" and the like: what was true, then what was decided. Part i of a set is painted from its seed
// + i, and the even ones are good (model/render_parts.cpp).
std::map<std::string, int> confusion_of(Model* model, std::uint64_t first_seed, std::uint64_t count) {
  std::map<std::string, int> confusion;
  std::vector<std::uint8_t> frame(static_cast<std::size_t>(camera_frame.pixels()));
  for (std::uint64_t i = 0; i < count; ++i) {
    const bool good = i % 2 == 0;
    paint_part(first_seed + i, good, frame.data());
    model->preprocess->run(frame.data(), model->engine->picture().data());
    if (!model->engine->run()) return {};
    const Scores scores = model->task.judge(model->engine->output());
    ++confusion[std::string(good ? "OK" : "NG") + (decide(scores) == Decision::ok ? " as OK" : " as NG")];
  }
  return confusion;
}

TEST(ShippedModel, ScoresWhatItsCardSays) {
  if (!std::filesystem::exists(INSPECT_MODEL)) GTEST_SKIP() << "there is no " << INSPECT_MODEL;
  const nlohmann::json card = read_card();
  ASSERT_TRUE(card.is_object()) << "model_card.json cannot be read";
  const auto model = load_model(INSPECT_MODEL, {"xnnpack", {}, {}}, DigestFile::required);
  ASSERT_TRUE(model) << model.error().what;
  ASSERT_TRUE(look_at(model->get(), camera_frame));
  ASSERT_EQ((*model)->sha256, card["sha256"].get<std::string>()) << "the card is of another file";
  const nlohmann::json& test_set = card["sets"]["test"];
  const auto count = test_set["count"].get<std::uint64_t>();
  auto confusion = confusion_of(model->get(), test_set["first_seed"].get<std::uint64_t>(), count);
  int all = 0;
  for (const char* kind : {"NG as NG", "NG as OK", "OK as NG", "OK as OK"}) {
    const int promised = card["int8"]["confusion"][kind].get<int>();
    EXPECT_LE(std::abs(confusion[kind] - promised), tolerance * static_cast<double>(count))
        << kind << ": " << confusion[kind] << ", and the card says " << promised;
    RecordProperty(kind, confusion[kind]);
    all += confusion[kind];
  }
  EXPECT_EQ(all, static_cast<int>(count));
}

}  // namespace
}  // namespace loopgate::inspection
