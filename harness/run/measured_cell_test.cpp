#include "run/measured_cell.h"

#include <gmock/gmock.h>

namespace loopgate::measured_cell_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SampleFile samples_of(std::initializer_list<std::int64_t> latencies_ns) {
  SampleFile file;
  file.samples.push_back({0, 0, 1, sample_sent | sample_answered | sample_self_check, 0});
  for (const std::int64_t ns : latencies_ns) {
    const auto index = static_cast<std::uint32_t>(file.samples.size());
    file.samples.push_back(ns < 0 ? Sample{0, 0, -1, sample_sent | sample_unanswered, index}
                                  : Sample{0, 0, ns, sample_sent | sample_answered, index});
  }
  return file;
}

TEST(MeasuredCell, TheWorstAreChosenByLatencyThenByIndex) {
  const SampleFile file = samples_of({10, 30, -1, 20, 30});
  EXPECT_THAT(worst_samples(file, 3), ElementsAre(5, 2, 4));
  EXPECT_EQ(worst_samples(file, 100).size(), 4U);
  EXPECT_EQ(median_sample(file), 4U);  // 10, 20, 30, 30: the second by nearest rank
}

TEST(MeasuredCell, ASampleWithoutLatencyIsRefusedByName) {
  const SampleFile file = samples_of({10, -1});
  EXPECT_TRUE(check_explainable(file, 1));
  EXPECT_THAT(check_explainable(file, 0).error().what, HasSubstr("self-check"));
  EXPECT_THAT(check_explainable(file, 2).error().what, HasSubstr("never answered"));
  EXPECT_THAT(check_explainable(file, 3).error().what, HasSubstr("samples 0 to 2"));
}

RunRecord run_of_one_cell() {
  RunRecord run;
  run.machine = QemuMachineRecord{"10.0.2", "a", 0, "p"};
  run.suite.sha256 = "s";
  run.board.sha256 = "b";
  KernelInput kernel;
  kernel.name = "k";
  kernel.version = "6.12";
  kernel.image_sha256 = "i";
  kernel.command_line = "c";
  run.kernels = {kernel};
  InputFile load;
  load.name = "l";
  load.sha256 = "x";
  run.loads = {load};
  run.target = TargetRecord{"t", "p", {}};
  return run;
}

TEST(Repeatable, WhatDiffersIsNamedWithBothValues) {
  const RunRecord run = run_of_one_cell();
  EXPECT_TRUE(check_repeatable(run, run));
  RunRecord now = run;
  now.kernels[0].version = "6.13";
  const auto refused = check_repeatable(run, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("kernel version is 6.13 here, and was 6.12"));
  now = run;
  std::get<QemuMachineRecord>(now.machine).binary_sha256 = "another";
  EXPECT_FALSE(check_repeatable(run, now));
}

TEST(Repeatable, ARunOfSeveralCpusIsNotFollowedThroughTheKernel) {
  RunRecord run = run_of_one_cell();
  EXPECT_TRUE(check_one_cpu(run));
  run.board.name = "smp";
  std::get<QemuMachineRecord>(run.machine).cpus = 2;
  const auto refused = check_one_cpu(run);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("board smp has 2 CPUs"));
}

// Debian 12 and 13 have other binaries of one QEMU: compared, the samples' digests decide.
TEST(Repeatable, AnotherQemuMayBeComparedAndAnotherKernelNever) {
  const RunRecord run = run_of_one_cell();
  RunRecord now = run;
  std::get<QemuMachineRecord>(now.machine).binary_sha256 = "another";
  std::get<QemuMachineRecord>(now.machine).version = "99";
  EXPECT_TRUE(check_repeatable(run, now, Again::to_compare));
  EXPECT_FALSE(check_repeatable(run, now, Again::to_explain));
  now.kernels[0].image_sha256 = "another";
  const auto refused = check_repeatable(run, now, Again::to_compare);
  EXPECT_THAT(refused.error().what, HasSubstr("kernel image_sha256"));
  EXPECT_THAT(refused.error().next_step, HasSubstr("repeat it where it was measured"));
}

TEST(Repeatable, AKernelOfOtherTuningOrModulesIsAnother) {
  const RunRecord run = run_of_one_cell();
  RunRecord now = run;
  now.kernels[0].sha256 = "of another text";
  EXPECT_THAT(check_repeatable(run, now).error().what, HasSubstr("kernel sha256 is of another text here"));
  now = run;
  now.kernels[0].initrd_sha256 = "with other modules";
  EXPECT_THAT(check_repeatable(run, now).error().what, HasSubstr("kernel initrd_sha256"));
}

TEST(Repeatable, AFileOfTheUsersOwnThatChangedIsNamedByItsPath) {
  RunRecord run = run_of_one_cell();
  run.circumstances.files["loads"]["l"] = "/home/me/l.toml";
  RunRecord now = run;
  now.loads[0].sha256 = "y";
  const auto refused = check_repeatable(run, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_EQ(refused.error().what,
            "the run can't be made again: it was made from /home/me/l.toml, which has changed since");
  EXPECT_THAT(refused.error().next_step, HasSubstr("run.json holds"));
}

// The file is kept under the kernel's own name, whatever it is measured with.
TEST(Repeatable, AKernelsFileIsFoundWhateverTheContender) {
  RunRecord run = run_of_one_cell();
  run.kernels[0].name = "k+go";
  run.kernels[0].contender = {"go", {"/bin/responder_go"}};
  run.circumstances.files["kernels"]["k"] = "/home/me/k.toml";
  RunRecord now = run;
  EXPECT_TRUE(check_repeatable(run, now));
  now.kernels[0].sha256 = "y";
  EXPECT_THAT(check_repeatable(run, now).error().what,
              HasSubstr("made from /home/me/k.toml, which has changed"));
}

TEST(Repeatable, ARunThatDoesNotNameTheCellsKernelIsDamaged) {
  RunRecord run = run_of_one_cell();
  const RunRecord now = run;
  run.kernels[0].name = "another";
  EXPECT_EQ(check_repeatable(run, now).error().kind, ErrorKind::data);
}

}  // namespace
}  // namespace loopgate::measured_cell_test
