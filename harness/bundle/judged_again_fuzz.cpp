// libFuzzer: whatever a bundle says for its verdict, it is held against ours and differs, or is ours but for
// its form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "bundle/judged_again.h"
#include "record/seal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using loopgate::hold_against;
  using loopgate::Packer;
  const std::string ours = loopgate::with_seal(
      "{\n  \"verdict\": \"PASS\",\n  \"checks\": [\n    {\n      \"seen\": 1,\n      \"unit\": null\n    "
      "}\n  ],\n  \"next_step\": null\n}");
  const std::string theirs(reinterpret_cast<const char*>(data), size);
  const auto another = hold_against(theirs, ours, Packer::another_build);
  if (another.difference.empty() && theirs.find("\"PASS\"") == std::string::npos) std::abort();
  const auto same = hold_against(theirs, ours, Packer::this_build);
  if (same.difference.empty() != (theirs == ours)) std::abort();
  return 0;
}
