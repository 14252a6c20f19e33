// libFuzzer: what is read holds each latency once, in whatever portions it comes; all else is refused in one
// sentence.
#include "programs/result/rteval_xml.h"
#include "programs/result/testing/fuzz_result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return loopgate::fuzz_result(data, size, loopgate::read_rteval_xml);
}
