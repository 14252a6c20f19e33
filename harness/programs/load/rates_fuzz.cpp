// libFuzzer: whatever stress-ng or a load program leaves, it is refused in one sentence, or gives rates that
// can be.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "programs/load/own_program.h"
#include "programs/load/stress_ng.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto check = [](const auto& rates) {
    for (const auto& [metric, rate] : rates)
      if (metric.empty() || !std::isfinite(rate) || rate < 0) std::abort();
  };
  const auto of_stress_ng = stress_ng_rates(std::string(text), 1.0);
  if (of_stress_ng) check(*of_stress_ng);
  if (!of_stress_ng && of_stress_ng.error().what.empty()) std::abort();
  const auto of_program =
      own_program().parse({.printed = std::string(text), .window_s = 1, .measured_s = 1, .lived_s = 1});
  if (of_program) check(of_program->rates);
  if (!of_program && of_program.error().what.empty()) std::abort();
  return 0;
}
