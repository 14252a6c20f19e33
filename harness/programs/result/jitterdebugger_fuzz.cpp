// libFuzzer: what is read holds each latency once, in whatever portions it comes; all else is refused in one
// sentence.
#include "programs/result/jitterdebugger.h"
#include "programs/result/result_file.h"
#include "programs/result/testing/fuzz_result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  for (const char* program : result_programs) {  // whatever it begins with, somebody says what it is
    const auto opened = open_result(program, {reinterpret_cast<const char*>(data), size}, {});
    if (!opened && opened.error().what.empty()) std::abort();
  }
  for (const auto read : {read_jitterdebugger_json, read_jitterdebugger_csv, read_jitterdebugger_raw})
    fuzz_result(data, size, read);
  return 0;
}
