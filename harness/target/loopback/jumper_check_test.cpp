#include "target/loopback/jumper_check.h"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/testing/temp_folder.h"
#include "schedule/pulse_train.h"

namespace loopgate::jumper_check_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::array all_jumpers = {Jumper::stimulus, Jumper::response, Jumper::verdict};

// Six pins, or four, and jumpers between them as the test says.
class FakeJumpers : public JumperPins {
 public:
  // leads[from][to]: 0 stimulus, 1 response, 2 verdict.
  std::array<std::array<bool, 3>, 3> leads = {
      {{true, false, false}, {false, true, false}, {false, false, true}}};
  bool verdict = false;
  std::int64_t edge_after_ns = 1'200;
  // Inputs that something else than a jumper holds high: from so many calls of set() on.
  std::array<std::uint32_t, 3> held_after = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
  int bounces = 0;
  // Of the edges of each output every so-many-th is lost; 0: none.
  std::array<std::uint32_t, 3> loses_each = {};
  std::uint32_t fails_at = UINT32_MAX;  // the number of the call of set()

  bool has_verdict() const override { return verdict; }
  std::int64_t now_ns() override { return now_ns_ += 50; }
  bool set(Jumper jumper, bool high) override {
    if (++sets_ > fails_at) return false;
    const std::uint32_t each = loses_each[at(jumper)];
    const bool lost = high && each != 0 && ++rises_[at(jumper)] % each == 0;
    for (const Jumper to : all_jumpers) {
      if (lost || !high || high_[at(jumper)] || !leads[at(jumper)][at(to)] || is_held(to)) continue;
      for (int i = 0; i <= bounces; ++i) edges_[at(to)].push_back(now_ns_ + edge_after_ns + i);
    }
    high_[at(jumper)] = high;
    now_ns_ += 600;
    return true;
  }
  bool take(Jumper jumper, std::vector<std::int64_t>* stamps_ns) override {
    stamps_ns->insert(stamps_ns->end(), edges_[at(jumper)].begin(), edges_[at(jumper)].end());
    edges_[at(jumper)].clear();
    return true;
  }
  bool wait_for(Jumper jumper, std::int64_t until_ns) override {
    if (edges_[at(jumper)].empty()) now_ns_ = std::max(now_ns_, until_ns);
    return true;
  }
  bool read(Jumper jumper, bool* high) override {
    *high = is_held(jumper);
    for (const Jumper from : all_jumpers) *high |= high_[at(from)] && leads[at(from)][at(jumper)];
    return true;
  }
  std::string problem() const override { return "the line failed"; }
  std::string output_of(Jumper jumper) const override {
    return std::array{"out A", "out D", "out V"}[at(jumper)];
  }
  std::string input_of(Jumper jumper) const override {
    return std::array{"in B", "in E", "in W"}[at(jumper)];
  }

 private:
  static std::size_t at(Jumper jumper) { return static_cast<std::size_t>(jumper); }
  bool is_held(Jumper jumper) const { return sets_ > held_after[at(jumper)]; }
  std::int64_t now_ns_ = 1'000'000;
  std::array<bool, 3> high_{};
  std::array<std::vector<std::int64_t>, 3> edges_;
  std::array<std::uint32_t, 3> rises_{};
  std::uint32_t sets_ = 0;
};

TEST(JumperCheckTest, TwoJumpersAreMeasuredWithKnownDelays) {
  FakeJumpers jumpers;
  const JumperCheck check = check_jumpers(&jumpers, 16);
  EXPECT_EQ(check.problem, "");
  ASSERT_EQ(check.pulses.size(), 16U);
  for (std::uint32_t i = 0; i < 16; ++i) {
    const JumperPulse& pulse = check.pulses[i];
    EXPECT_EQ(pulse.known_ns, PulseTrain::known_delay_ns(i));
    EXPECT_GE(pulse.answer_ns - pulse.before_ns, pulse.known_ns);
    EXPECT_EQ(pulse.response_edge_ns - pulse.answer_ns, 1'200);
    EXPECT_LE(pulse.before_ns, pulse.after_ns);
  }
}

TEST(JumperCheckTest, AMissingJumperIsNamed) {
  FakeJumpers jumpers;
  jumpers.leads[0] = {};
  EXPECT_EQ(check_jumpers(&jumpers, 8).problem,
            "nothing arrives at in B when out A rises: the jumper between them is missing");
  jumpers.leads[0] = {true, false, false};
  jumpers.leads[1] = {};
  EXPECT_EQ(check_jumpers(&jumpers, 8).problem,
            "nothing arrives at in E when out D rises: the jumper between them is missing");
}

TEST(JumperCheckTest, SwappedJumpersAreNamed) {
  FakeJumpers jumpers;
  std::swap(jumpers.leads[0], jumpers.leads[1]);
  EXPECT_THAT(check_jumpers(&jumpers, 8).problem, HasSubstr("leads to in E and not to in B"));
}

TEST(JumperCheckTest, JoinedJumpersAreNamed) {
  FakeJumpers jumpers;
  jumpers.leads[0][1] = jumpers.leads[1][0] = true;
  EXPECT_THAT(check_jumpers(&jumpers, 8).problem, HasSubstr("must not be joined"));
}

TEST(JumperCheckTest, ALooseContactIsNamed) {
  FakeJumpers jumpers;
  jumpers.bounces = 2;
  EXPECT_THAT(check_jumpers(&jumpers, 8).problem, HasSubstr("in B rose 3 times"));
}

// As of a chip that loses edges now and then.
TEST(JumperCheckTest, LostEdgesAreCountedOnEachJumper) {
  FakeJumpers jumpers;
  jumpers.loses_each = {10'000, 0, 0};
  const JumperCheck check = check_jumpers(&jumpers, 100, 20'000);
  EXPECT_EQ(check.problem, "");
  EXPECT_EQ(check.pulses.size(), 100U);
  EXPECT_EQ(check.edges.sent, 20'100U);
  EXPECT_EQ(check.edges.stimulus_lost, 2U);
  EXPECT_EQ(check.edges.response_lost, 0U);
  EXPECT_THAT(to_json(check, false),
              AllOf(HasSubstr("\"edges_sent\":20100"), HasSubstr("\"stimulus_edges_lost\":2")));
}

TEST(JumperCheckTest, APulseWhoseEdgeWasLostIsSentAgain) {
  FakeJumpers jumpers;
  jumpers.loses_each = {0, 50, 0};
  const JumperCheck check = check_jumpers(&jumpers, 100);
  EXPECT_EQ(check.problem, "");
  ASSERT_EQ(check.pulses.size(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(check.pulses[i].known_ns, PulseTrain::known_delay_ns(i));
  EXPECT_EQ(check.edges.sent, 102U);
  EXPECT_EQ(check.edges.response_lost, 2U);
}

TEST(JumperCheckTest, AJumperThatLosesManyIsALooseContact) {
  FakeJumpers jumpers;
  jumpers.loses_each = {3, 0, 0};
  EXPECT_EQ(check_jumpers(&jumpers, 100).problem,
            "6 of 17 edges from out A never came to in B: a loose contact?");
  jumpers.loses_each = {0, 200, 0};
  const JumperCheck counted = check_jumpers(&jumpers, 100, 1'000'000);
  EXPECT_EQ(counted.problem, "");
  EXPECT_EQ(counted.edges.response_lost, 30U);
  EXPECT_LT(counted.edges.sent, 7'000U) << "more of them would take a second each";
}

TEST(JumperCheckTest, StampsOfAnotherClockAreFound) {
  FakeJumpers jumpers;
  jumpers.edge_after_ns = -5'000;
  EXPECT_THAT(check_jumpers(&jumpers, 8).problem, HasSubstr("its stamps are of another clock"));
}

TEST(JumperCheckTest, AFailingLineIsTold) {
  FakeJumpers jumpers;
  jumpers.fails_at = 20;
  const JumperCheck check = check_jumpers(&jumpers, 100);
  EXPECT_EQ(check.problem, "the line failed");
}

TEST(JumperCheckTest, TheVerdictsJumperIsDrivenOnlyWhereThereIsOne) {
  FakeJumpers jumpers;
  jumpers.leads[2] = {};
  EXPECT_EQ(check_jumpers(&jumpers, 8).problem, "");
  jumpers.verdict = true;
  EXPECT_EQ(check_jumpers(&jumpers, 8).problem,
            "nothing arrives at in W when out V rises: the jumper between them is missing");
}

TEST(JumperCheckTest, ThreeJumpersAreMeasuredAsTwoAre) {
  FakeJumpers jumpers;
  jumpers.verdict = true;
  const JumperCheck check = check_jumpers(&jumpers, 16);
  EXPECT_EQ(check.problem, "");
  ASSERT_EQ(check.pulses.size(), 16U);
  for (const JumperPulse& pulse : check.pulses) EXPECT_EQ(pulse.response_edge_ns - pulse.answer_ns, 1'200);
}

TEST(JumperCheckTest, AVerdictThatIsSwappedWithAnotherIsNamed) {
  for (const std::size_t with : {0U, 1U}) {
    FakeJumpers jumpers;
    jumpers.verdict = true;
    std::swap(jumpers.leads[2], jumpers.leads[with]);
    EXPECT_THAT(check_jumpers(&jumpers, 8).problem,
                HasSubstr(with == 0 ? "leads to in W and not to in B" : "leads to in W and not to in E"));
  }
}

TEST(JumperCheckTest, AnInputThatIsHeldHighIsNamed) {
  FakeJumpers jumpers;
  jumpers.verdict = true;
  jumpers.held_after[2] = 0;
  EXPECT_THAT(check_jumpers(&jumpers, 8).problem, HasSubstr("in W is high whether out V is low or not"));
}

// It is found when the output falls, or while the pulses are sent.
TEST(JumperCheckTest, AVerdictThatSticksLaterIsNamed) {
  FakeJumpers jumpers;
  jumpers.verdict = true;
  jumpers.held_after[2] = 5;
  EXPECT_THAT(check_jumpers(&jumpers, 8).problem, HasSubstr("in W stays high when out V falls"));
  FakeJumpers later;
  later.verdict = true;
  later.held_after[2] = 20;
  EXPECT_THAT(check_jumpers(&later, 8).problem, HasSubstr("in W is high while out V is low"));
}

class JumperCheckFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    const auto path = folder_.path() / "check.json";
    std::FILE* file = std::fopen(path.c_str(), "we");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
    return path.string();
  }
  TempFolder folder_;
};

TEST_F(JumperCheckFile, IsReadBack) {
  FakeJumpers jumpers;
  const JumperCheck wrote = check_jumpers(&jumpers, 9);
  JumperCheck read;
  EXPECT_EQ(read_jumper_check(write(to_json(wrote, true)), &read), "");
  ASSERT_EQ(read.pulses.size(), 9U);
  EXPECT_EQ(read.pulses[8].response_edge_ns, wrote.pulses[8].response_edge_ns);
  EXPECT_EQ(read.pulses[8].known_ns, 1);
}

TEST_F(JumperCheckFile, ThatDidNotPassIsRefused) {
  JumperCheck read;
  EXPECT_THAT(read_jumper_check(write(to_json({{}, {}, "no jumper"}, true)), &read),
              HasSubstr("did not pass: no jumper"));
}

TEST_F(JumperCheckFile, ThatIsDamagedIsRefused) {
  FakeJumpers jumpers;
  const std::string whole = to_json(check_jumpers(&jumpers, 2), true);
  JumperCheck read;
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), whole.substr(0, whole.size() / 2)})
    EXPECT_THAT(read_jumper_check(write(text), &read), HasSubstr("is no word of loopback check")) << text;
  EXPECT_THAT(read_jumper_check("/no/such/file", &read), HasSubstr("run loopback check first"));
}

TEST_F(JumperCheckFile, ItsLineHasFiguresAndNoPulses) {
  FakeJumpers jumpers;
  const auto line = nlohmann::json::parse(to_json(check_jumpers(&jumpers, 5), false));
  EXPECT_FALSE(line.contains("pulses"));
  EXPECT_EQ(line["pulses_sent"], 5);
  EXPECT_EQ(line["response_to_edge_ns"]["p50"], 1'200);
  EXPECT_EQ(nlohmann::json::parse(to_json({{}, {}, "x"}, false))["stimulus_to_edge_ns"], nullptr);
}

}  // namespace
}  // namespace loopgate::jumper_check_test
