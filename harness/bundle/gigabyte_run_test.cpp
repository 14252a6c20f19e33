// One run of a gigabyte, some 33 million stimuli, is packed and judged again in a third of its size: a
// stimulus takes four bytes in the order of time and one or two in that of size. It takes minutes in a debug
// build: a long test.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "base/testing/peak_memory.h"
#include "bundle/verify.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::gigabyte_run_test {
namespace {

namespace fs = std::filesystem;

constexpr int repetitions = 16;
constexpr std::size_t stimuli_of_cell = 1'050'000;  // of 32 bytes, in 2 kernels x 16 repetitions
constexpr std::size_t least_bytes = 1'000'000'000;
constexpr std::size_t most_kb = 300'000;

// Prints what a step took, since a debug build's seconds are no promise of the program's.
void expect_bounded_run(const char* step, std::chrono::steady_clock::time_point begun) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const std::size_t kb = testing::peak_kb();
  std::cout << step << ": " << took.count() << " s, " << kb / 1000 << " MB at most\n";
  EXPECT_GT(kb, 0U);
  EXPECT_LE(kb, most_kb) << step;
}

// Of what it judged it keeps nothing.
VerdictKind verdict_of_pack(const PackRequest& request) {
  const auto packed = pack(request);
  EXPECT_TRUE(packed) << to_text(packed.error());
  return packed ? packed->verdict.verdict : VerdictKind::not_gated;
}

TEST(ARunOfAGigabyte, IsVerifiedInBoundedMemory) {
  const char* wanted = std::getenv("LOOPGATE_LONG_TESTS");
  if (wanted == nullptr || std::string_view(wanted) != "1")
    GTEST_SKIP() << "takes minutes: set LOOPGATE_LONG_TESTS=1";
  const testing::ScratchFolder folder;
  const fs::path scratch = folder.path() / "scratch";
  fs::create_directory(scratch);
  testing::write_run(folder.path() / "run", testing::large_run(repetitions, stimuli_of_cell));
  testing::write_text(
      folder.path() / "policy.toml",
      std::string(testing::policy_head) +
          "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 1000\np50_us = 300\np99_9_us = 600\n");
  const fs::path bundle = folder.path() / "run.lgb";
  if (!testing::forget_peak()) GTEST_SKIP() << "/proc/self/clear_refs can't be written: no peak can be told";
  auto begun = std::chrono::steady_clock::now();
  ASSERT_EQ(verdict_of_pack({folder.path() / "run", folder.path() / "policy.toml", bundle, {"0", "abc"}}),
            VerdictKind::pass);
  expect_bounded_run("packed", begun);
  EXPECT_GE(fs::file_size(bundle), least_bytes);

  ASSERT_TRUE(testing::forget_peak());
  begun = std::chrono::steady_clock::now();
  const auto verified = verify(bundle, scratch, {"0", "abc"});
  ASSERT_TRUE(verified) << to_text(verified.error());
  expect_bounded_run("verified", begun);
  EXPECT_EQ(verified->judged.verdict.verdict, VerdictKind::pass);
}

}  // namespace
}  // namespace loopgate::gigabyte_run_test
