// An acceptance of a gigabyte in eight runs, some 34 million stimuli, is packed and computed again in the
// memory of its largest run. It takes minutes in a debug build: a long test.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "accept/finish.h"
#include "accept/seed.h"
#include "accept/verify_acceptance.h"
#include "base/testing/peak_memory.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::gigabyte_test {
namespace {

namespace fs = std::filesystem;

constexpr int runs = 8;
constexpr int repetitions = 2;
constexpr std::size_t stimuli_of_cell = 1'050'000;  // of 32 bytes, in 8 runs x 2 kernels x 2 repetitions

std::string large_plan() {
  std::string plan = R"(
title = "Acceptance of a gigabyte"
board = "qemu-virt-arm64"
decision_rule = "No guard band: a limit is a limit."
)";
  for (int i = 1; i <= runs; ++i)
    plan += "[[run]]\nname = \"r" + std::to_string(i) +
            "\"\nsuite = \"irq-to-gpio\"\npolicy = \"release.toml\"\nkernels = [\"generic\", \"rt\"]\n" +
            "loads = [\"mixed\"]\nsamples = " + std::to_string(stimuli_of_cell) +
            "\nrepeat = " + std::to_string(repetitions) + "\n";
  return plan;
}

constexpr const char* large_nonce = "6f1c6f1c6f1c";
constexpr std::size_t least_bytes = 1'000'000'000;
constexpr std::size_t most_kb = 300'000;

void write_runs(const fs::path& out, const AcceptancePlan& plan) {
  testing::RecordedRun run = testing::large_run(repetitions, stimuli_of_cell);
  run.seed = derived_seed(large_nonce, {run.image_sha256});
  for (const PlannedRun& each : plan.runs) {
    testing::write_run(run_folder_of(out, each), run);
    testing::write_text(
        out / folder_of_run(each.name) / "policy.toml",
        std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 1000\n");
  }
}

// Prints what a step took, since a debug build's seconds are no promise of the program's.
void expect_bounded(const char* step, std::chrono::steady_clock::time_point begun) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const std::size_t kb = testing::peak_kb();
  std::cout << step << ": " << took.count() << " s, " << kb / 1000 << " MB at most\n";
  EXPECT_GT(kb, 0U);
  EXPECT_LE(kb, most_kb) << step;
}

TEST(AnAcceptanceOfAGigabyte, IsVerifiedInBoundedMemory) {
  const char* wanted = std::getenv("LOOPGATE_LONG_TESTS");
  if (wanted == nullptr || std::string_view(wanted) != "1")
    GTEST_SKIP() << "takes minutes: set LOOPGATE_LONG_TESTS=1";
  const testing::ScratchFolder folder;
  const fs::path out = folder.path() / "out";
  const std::string plan_toml = large_plan();
  const AcceptancePlan plan = *parse_acceptance_plan(plan_toml, "plan.toml");
  write_runs(out, plan);
  AcceptanceRecord record{"5f0c-id",
                          "2026-01-31T11:59:00Z",
                          "",
                          {"0", "abc"},
                          {"Acme", "Hall 3", "N. N."},
                          large_nonce,
                          {},
                          "plan.toml",
                          plan_toml,
                          "qemu-virt-arm64",
                          {{"2026-01-31T11:59:00Z"}}};
  if (!testing::forget_peak()) GTEST_SKIP() << "/proc/self/clear_refs can't be written: no peak can be told";
  auto begun = std::chrono::steady_clock::now();
  const auto finished = finish_acceptance(out, record, plan);
  ASSERT_TRUE(finished) << to_text(finished.error());
  expect_bounded("packed", begun);

  const fs::path bundle = out / acceptance_bundle_name;
  EXPECT_GE(fs::file_size(bundle), least_bytes);
  const fs::path scratch = folder.path() / "scratch";
  fs::create_directory(scratch);
  ASSERT_TRUE(testing::forget_peak());
  begun = std::chrono::steady_clock::now();
  const auto opened = open_bundle(bundle, scratch, {"0", "abc"}, {});
  ASSERT_TRUE(opened) << to_text(opened.error());
  const auto verified = verify_acceptance(*opened);
  ASSERT_TRUE(verified) << to_text(verified.error());
  expect_bounded("verified", begun);
  EXPECT_EQ(verified->document["verdict"], "PASS");
  EXPECT_EQ(verified->runs.size(), std::size_t{runs});
}

}  // namespace
}  // namespace loopgate::gigabyte_test
