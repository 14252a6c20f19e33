#include "instrument/loopback_instrument.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using ::testing::HasSubstr;
using Kind = InstrumentEvent::Kind;

TEST(LoopbackInstrumentTest, HandsOnWhatTheAgentPrints) {
  LoopbackInstrument instrument;
  EXPECT_EQ(instrument.time_base(), TimeBase::wall_clock);
  EXPECT_TRUE(instrument.machine_arguments({}).empty());
  EXPECT_TRUE(instrument.prepare({}));
  instrument.feed("{\"event\":\"ready\"}");  // nobody listens yet
  boost::asio::io_context context;
  std::vector<InstrumentEvent> seen;
  ASSERT_TRUE(instrument.listen(&context, [&](const InstrumentEvent& event) { seen.push_back(event); }));
  instrument.feed(R"({"event":"ready"})");
  instrument.feed(R"({"event":"progress","planned":10,"due":3,"answered":3})");
  instrument.feed(R"({"event":"failed","what":"instrument: no wire"})");
  instrument.feed("Killed");
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].kind, Kind::ready);
  EXPECT_EQ(seen[1].counts.due, 3U);
  EXPECT_EQ(seen[2].what, "instrument: no wire");
  EXPECT_EQ(seen[3].kind, Kind::error);
  EXPECT_THAT(seen[3].what, HasSubstr("Killed"));
}

TEST(LoopbackInstrumentTest, ChecksAsManyPulsesAsThereAreSelfChecks) {
  Board board;
  PulseSettings pulses;
  pulses.self_checks = 250;
  const LoopbackOrder order = loopback_order(board, pulses);
  EXPECT_THAT(order.check_argv, ::testing::Contains("250"));
  EXPECT_GT(order.within_ms * 1'000'000, pulses.counted * pulses.interval_max_ns + pulses.abandon_ns);
}

}  // namespace
}  // namespace loopgate
