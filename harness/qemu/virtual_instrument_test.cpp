#include "qemu/virtual_instrument.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "machine/loopback_request.h"
#include "protocol/instrument_settings.h"

namespace loopgate::virtual_instrument_test {
namespace {

InstrumentSettings settings_for(bool bench_monitors) {
  const TempFolder folder;
  Measurement measurement;
  measurement.folder = folder.path();
  measurement.bench_monitors = bench_monitors;
  VirtualInstrument instrument{Board()};
  EXPECT_TRUE(instrument.prepare(measurement));
  return parse_instrument_settings(text_of_file(folder.path() / "instrument.json")).value();
}

// A program that hangs is the agent's to tell; the guest is blamed only when the agent, too, is silent.
TEST(VirtualInstrument, WhileTheBoardMeasuresItWaitsLongerThanTheAgentDoes) {
  const InstrumentSettings settings = settings_for(true);
  const std::int64_t agent_waits_ns = loopback_request(Board(), settings.pulses).timeout_ms * 1'000'000;
  EXPECT_GE(settings.loopback_timeout_ns, agent_waits_ns + settings.report_timeout_ns);
  EXPECT_EQ(settings_for(false).loopback_timeout_ns, 0);
}

}  // namespace
}  // namespace loopgate::virtual_instrument_test
