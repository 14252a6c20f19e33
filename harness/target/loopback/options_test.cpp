#include "target/loopback/options.h"

#include <gmock/gmock.h>

#include "target/service.h"

namespace loopgate::options_test {
namespace {

struct Parsed {
  bool good = false;
  int exit_status = -1;
  LoopbackOptions options;
};

Parsed parse(std::vector<std::string> words) {
  words.insert(words.begin(), "loopback");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Parsed parsed;
  parsed.good =
      read_options(static_cast<int>(argv.size()), argv.data(), &parsed.options, &parsed.exit_status);
  return parsed;
}

std::vector<std::string> run_words() {
  return {"run",
          "--chip",
          "gpiochip0",
          "--stimulus-out",
          "23",
          "--response-in",
          "24",
          "--seed",
          "18446744073709551615",
          "--interval-us",
          "600",
          "1400",
          "--warm-up",
          "3",
          "--samples",
          "40",
          "--self-checks",
          "8",
          "--check",
          "c.json",
          "--deadline-us",
          "1000.5",
          "--response-timeout-ms",
          "50",
          "--samples-file",
          "s.lgs"};
}

TEST(LoopbackOptionsTest, OfARun) {
  const Parsed parsed = parse(run_words());
  ASSERT_TRUE(parsed.good);
  EXPECT_FALSE(parsed.options.check);
  EXPECT_EQ(parsed.options.train.seed, 18'446'744'073'709'551'615ULL);
  EXPECT_EQ(parsed.options.train.interval_max_ns, 1'400'000);
  EXPECT_EQ(parsed.options.train.deadline_ns, 1'000'500);
  EXPECT_EQ(parsed.options.train.response_timeout_ns, 50'000'000);
  EXPECT_EQ(parsed.options.train.self_checks, 0U);
  EXPECT_EQ(parsed.options.self_checks, 8U);
  EXPECT_EQ(parsed.options.cpu, -1);
}

TEST(LoopbackOptionsTest, OfACheck) {
  const Parsed parsed = parse({"check", "--chip", "c", "--stimulus-out", "1", "--stimulus", "2", "--response",
                               "3", "--response-in", "4", "--out", "o.json", "--cpu", "2"});
  ASSERT_TRUE(parsed.good);
  EXPECT_TRUE(parsed.options.check);
  EXPECT_EQ(parsed.options.response, 3U);
  EXPECT_EQ(parsed.options.pulses, 100U);
  EXPECT_EQ(parsed.options.cpu, 2);
}

TEST(LoopbackOptionsTest, OfDecisions) {
  EXPECT_FALSE(parse(run_words()).options.train.decisions);
  auto words = run_words();
  words.insert(words.end(), {"--verdict-in", "25", "--records", "f.lgf", "--frames", "3",
                             "--frame-interval-us", "33000.5", "--truth=--?+"});
  const Parsed parsed = parse(words);
  ASSERT_TRUE(parsed.good);
  EXPECT_TRUE(parsed.options.train.decisions);
  EXPECT_EQ(parsed.options.verdict_in, 25U);
  EXPECT_EQ(parsed.options.records, "f.lgf");
  EXPECT_EQ(parsed.options.train.frames, 3U);
  EXPECT_EQ(parsed.options.train.truth, "--?+");
  EXPECT_EQ(parsed.options.train.frame_interval_ns, 33'000'500);
  words = run_words();
  words.insert(words.end(), {"--back-to-back"});
  EXPECT_TRUE(parse(words).options.train.back_to_back);
}

TEST(LoopbackOptionsTest, HalfOfADecisionIsRefused) {
  using Words = std::vector<std::string>;
  for (const Words& more :
       {Words{"--verdict-in", "25"}, Words{"--records", "f"}, Words{"--frames", "3"}, Words{"--frames", "0"},
        Words{"--truth=+"}, Words{"--verdict-in", "25", "--records", "f", "--truth=+x"},
        Words{"--frames", "2", "--frame-interval-us", "1", "--back-to-back"}}) {
    auto words = run_words();
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_FALSE(parse(words).good) << more.front();
  }
  const Words check = {"check", "--chip",     "c", "--stimulus-out", "1", "--stimulus",
                       "2",     "--response", "3", "--response-in",  "4", "--out",
                       "o.json"};
  for (const char* half : {"--verdict", "--verdict-in"}) {
    Words words = check;
    words.insert(words.end(), {half, "5"});
    EXPECT_FALSE(parse(words).good) << half;
  }
}

TEST(LoopbackOptionsTest, ThatContradictEachOtherAreRefused) {
  const auto replaced = [](const std::string& key, const std::string& value) {
    auto words = run_words();
    *(std::ranges::find(words, key) + 1) = value;
    return words;
  };
  for (const auto& words :
       {replaced("--interval-us", "1500"), replaced("--response-timeout-ms", "1"), replaced("--samples", "0"),
        replaced("--seed", "x"), std::vector<std::string>{}, std::vector<std::string>{"run"},
        std::vector<std::string>{"check", "--chip", "c"}}) {
    const Parsed parsed = parse(words);
    EXPECT_FALSE(parsed.good);
    EXPECT_EQ(parsed.exit_status, target::exit_usage);
  }
  auto without_check = run_words();
  const auto at = std::ranges::find(without_check, "--check");
  without_check.erase(at, at + 2);
  EXPECT_FALSE(parse(without_check).good);
}

}  // namespace
}  // namespace loopgate::options_test
