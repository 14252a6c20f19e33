#include "target/loopback/wire_check.h"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/testing/temp_folder.h"
#include "schedule/pulse_train.h"

namespace loopgate {
namespace {

using ::testing::HasSubstr;

// Four pins, and wires between them as the test says.
class FakeWires : public WirePins {
 public:
  // leads[from][to]: 0 stimulus, 1 response.
  std::array<std::array<bool, 2>, 2> leads = {{{true, false}, {false, true}}};
  std::int64_t edge_after_ns = 1'200;
  int bounces = 0;
  std::uint32_t fails_at = UINT32_MAX;  // the number of the call of set()

  std::int64_t now_ns() override { return now_ns_ += 50; }
  bool set(Wire wire, bool high) override {
    if (++sets_ > fails_at) return false;
    for (const Wire to : {Wire::stimulus, Wire::response}) {
      if (!high || high_[at(wire)] || !leads[at(wire)][at(to)]) continue;
      for (int i = 0; i <= bounces; ++i) edges_[at(to)].push_back(now_ns_ + edge_after_ns + i);
    }
    high_[at(wire)] = high;
    now_ns_ += 600;
    return true;
  }
  bool take(Wire wire, std::vector<std::int64_t>* stamps_ns) override {
    stamps_ns->insert(stamps_ns->end(), edges_[at(wire)].begin(), edges_[at(wire)].end());
    edges_[at(wire)].clear();
    return true;
  }
  bool wait_for(Wire wire, std::int64_t until_ns) override {
    if (edges_[at(wire)].empty()) now_ns_ = std::max(now_ns_, until_ns);
    return true;
  }
  std::string problem() const override { return "the line failed"; }
  std::string output_of(Wire wire) const override { return wire == Wire::stimulus ? "out A" : "out D"; }
  std::string input_of(Wire wire) const override { return wire == Wire::stimulus ? "in B" : "in E"; }

 private:
  static std::size_t at(Wire wire) { return wire == Wire::stimulus ? 0 : 1; }
  std::int64_t now_ns_ = 1'000'000;
  std::array<bool, 2> high_{};
  std::array<std::vector<std::int64_t>, 2> edges_;
  std::uint32_t sets_ = 0;
};

TEST(WireCheckTest, TwoWiresAreMeasuredWithKnownDelays) {
  FakeWires wires;
  const WireCheck check = check_wires(&wires, 16);
  EXPECT_EQ(check.problem, "");
  ASSERT_EQ(check.pulses.size(), 16U);
  for (std::uint32_t i = 0; i < 16; ++i) {
    const WirePulse& pulse = check.pulses[i];
    EXPECT_EQ(pulse.known_ns, PulseTrain::known_delay_ns(i));
    EXPECT_GE(pulse.answer_ns - pulse.before_ns, pulse.known_ns);
    EXPECT_EQ(pulse.response_edge_ns - pulse.answer_ns, 1'200);
    EXPECT_LE(pulse.before_ns, pulse.after_ns);
  }
}

TEST(WireCheckTest, AMissingWireIsNamed) {
  FakeWires wires;
  wires.leads = {{{false, false}, {false, true}}};
  EXPECT_EQ(check_wires(&wires, 8).problem,
            "nothing arrives at in B when out A rises: the wire between them is missing");
  wires.leads = {{{true, false}, {false, false}}};
  EXPECT_EQ(check_wires(&wires, 8).problem,
            "nothing arrives at in E when out D rises: the wire between them is missing");
}

TEST(WireCheckTest, SwappedWiresAreNamed) {
  FakeWires wires;
  wires.leads = {{{false, true}, {true, false}}};
  EXPECT_THAT(check_wires(&wires, 8).problem, HasSubstr("leads to in E and not to in B"));
}

TEST(WireCheckTest, JoinedWiresAreNamed) {
  FakeWires wires;
  wires.leads = {{{true, true}, {true, true}}};
  EXPECT_THAT(check_wires(&wires, 8).problem, HasSubstr("must not be joined"));
}

TEST(WireCheckTest, ALooseContactIsNamed) {
  FakeWires wires;
  wires.bounces = 2;
  EXPECT_THAT(check_wires(&wires, 8).problem, HasSubstr("in B rose 3 times"));
}

TEST(WireCheckTest, StampsOfAnotherClockAreFound) {
  FakeWires wires;
  wires.edge_after_ns = -5'000;
  EXPECT_THAT(check_wires(&wires, 8).problem, HasSubstr("its stamps are of another clock"));
}

TEST(WireCheckTest, AFailingLineIsTold) {
  FakeWires wires;
  wires.fails_at = 20;
  const WireCheck check = check_wires(&wires, 100);
  EXPECT_EQ(check.problem, "the line failed");
}

class WireCheckFile : public ::testing::Test {
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

TEST_F(WireCheckFile, IsReadBack) {
  FakeWires wires;
  const WireCheck wrote = check_wires(&wires, 9);
  WireCheck read;
  EXPECT_EQ(read_wire_check(write(to_json(wrote, true)), &read), "");
  ASSERT_EQ(read.pulses.size(), 9U);
  EXPECT_EQ(read.pulses[8].response_edge_ns, wrote.pulses[8].response_edge_ns);
  EXPECT_EQ(read.pulses[8].known_ns, 1);
}

TEST_F(WireCheckFile, ThatDidNotPassIsRefused) {
  WireCheck read;
  EXPECT_THAT(read_wire_check(write(to_json({{}, "no wire"}, true)), &read),
              HasSubstr("did not pass: no wire"));
}

TEST_F(WireCheckFile, ThatIsDamagedIsRefused) {
  FakeWires wires;
  const std::string whole = to_json(check_wires(&wires, 2), true);
  WireCheck read;
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), whole.substr(0, whole.size() / 2)})
    EXPECT_THAT(read_wire_check(write(text), &read), HasSubstr("is no word of loopback check")) << text;
  EXPECT_THAT(read_wire_check("/no/such/file", &read), HasSubstr("run loopback check first"));
}

TEST_F(WireCheckFile, ItsLineHasFiguresAndNoPulses) {
  FakeWires wires;
  const auto line = nlohmann::json::parse(to_json(check_wires(&wires, 5), false));
  EXPECT_FALSE(line.contains("pulses"));
  EXPECT_EQ(line["pulses_sent"], 5);
  EXPECT_EQ(line["response_to_edge_ns"]["p50"], 1'200);
  EXPECT_EQ(nlohmann::json::parse(to_json({{}, "x"}, false))["stimulus_to_edge_ns"], nullptr);
}

}  // namespace
}  // namespace loopgate
