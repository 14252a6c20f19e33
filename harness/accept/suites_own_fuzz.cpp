// libFuzzer: whatever stands in a bundle for a suite, it says all that a plan may leave out, or is refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "accept/suites_own.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  loopgate::InputFile suite;
  suite.name = "fuzz";
  suite.toml.assign(reinterpret_cast<const char*>(data), size);
  const auto own = loopgate::suites_own(suite);
  if (!own) return 0;
  if (own->kernels.empty() || own->loads.empty()) std::abort();
  for (const loopgate::Amount asked : {loopgate::Amount{}, loopgate::Amount{100'000'000, 0}}) {
    const loopgate::Amount amount = loopgate::amount_of(asked, own->amount, true);
    if (amount.repeat < 1 || (own->amount.samples > 0) != (amount.samples > 0)) std::abort();
  }
  return 0;
}
