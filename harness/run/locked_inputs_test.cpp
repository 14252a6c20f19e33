#include "run/locked_inputs.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "qemu/qemu_machine.h"
#include "run/describe_run.h"

namespace loopgate::locked_inputs_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* image = "1111111111111111111111111111111111111111111111111111111111111111";
constexpr const char* base = "2222222222222222222222222222222222222222222222222222222222222222";
constexpr const char* programs = "3333333333333333333333333333333333333333333333333333333333333333";

Plan plan_of(const std::vector<std::string>& kernels) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  request.kernels = kernels;
  return make_plan(request, Catalog{LOOPGATE_SOURCE_DIR}).value();
}

KernelFiles files_with(const std::string& sha256) {
  KernelFiles files;
  files.image = "/c/vmlinuz";
  files.image_sha256 = sha256;
  files.provenance = {"linux-image-6.12.117-arm64", "6.12.117-1"};
  return files;
}

TargetImage target_with(const std::string& base_sha256, const std::string& programs_sha256) {
  TargetImage target;
  target.base_sha256 = base_sha256;
  target.programs_sha256 = programs_sha256;
  target.packages = {{"libc6", "2.41-12"}, {"stress-ng", "0.19.02-1"}};
  return target;
}

// A run of generic and preempt-rt, in a folder of its own.
class LockedInputsTest : public ::testing::Test {
 protected:
  LockedInputsTest() {
    PlanRequest request;
    request.suite = "irq-to-gpio";
    const Plan plan = plan_of({"generic", "preempt-rt"});
    const QemuMachine machine(plan.board, QemuIdentity{"10.0.2", "qemu", "instrument"}, {},
                              StateStore("/nowhere"));
    const RunRecord run =
        describe_run(plan, request, {files_with(image), files_with(image)}, target_with(base, programs),
                     machine.describe(), 2, {"0.1.0", "abcdef"});
    EXPECT_TRUE(write_run_record(folder_.path(), run));
    locked_ = LockedInputs::read(folder_.path()).value();
  }

  TempFolder folder_;
  LockedInputs locked_;
};

TEST_F(LockedInputsTest, AKernelOfTheArchiveIsThatVersion) {
  Plan plan = plan_of({"preempt-rt"});
  ASSERT_TRUE(locked_.pin(&plan.kernels));
  const auto& source = std::get<PackageSource>(plan.kernels[0].source);
  EXPECT_EQ(source.package, "linux-image-6.12.117-arm64");
  EXPECT_EQ(source.version, "6.12.117-1");
}

TEST_F(LockedInputsTest, AContenderHasItsKernels) {
  Plan plan = plan_of({"generic"});
  plan.kernels[0].name = "generic+go";
  plan.kernels[0].contender = "go";
  EXPECT_TRUE(locked_.pin(&plan.kernels));
}

TEST_F(LockedInputsTest, AKernelThatTheRunHadNotIsTheUsersMistake) {
  Plan plan = plan_of({"rt-irq-threads"});
  const Status pinned = locked_.pin(&plan.kernels);
  ASSERT_FALSE(pinned);
  EXPECT_EQ(pinned.error().kind, ErrorKind::usage);
  EXPECT_THAT(pinned.error().what, HasSubstr("has no kernel rt-irq-threads"));
  EXPECT_THAT(pinned.error().next_step, HasSubstr("generic, preempt-rt"));
}

TEST_F(LockedInputsTest, TheBaseIsOfThoseVersions) {
  const PinnedBase pinned = locked_.base();
  EXPECT_EQ(pinned.sha256, base);
  ASSERT_EQ(pinned.packages.size(), 2U);
  EXPECT_EQ(pinned.packages[1].version, "0.19.02-1");
}

TEST_F(LockedInputsTest, WhatIsEqualPasses) {
  const Plan plan = plan_of({"generic"});
  EXPECT_TRUE(locked_.check(plan.kernels[0], files_with(image)));
  EXPECT_TRUE(locked_.check(target_with(base, programs)));
}

TEST_F(LockedInputsTest, AnotherImageOfTheArchiveIsTheBenchsFault) {
  const Plan plan = plan_of({"generic"});
  const Status checked = locked_.check(plan.kernels[0], files_with(base));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(checked.error().what,
              HasSubstr("the image of kernel generic has sha256 " + std::string(image)));
}

TEST_F(LockedInputsTest, AnotherImageOfTheUsersOwnIsTheUsersMistake) {
  Plan plan = plan_of({"generic"});
  plan.kernels[0].source = ImageSource{"/c/Image", {}, {}};
  ASSERT_TRUE(locked_.pin(&plan.kernels));
  const Status checked = locked_.check(plan.kernels[0], files_with(base));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::usage);
}

TEST_F(LockedInputsTest, AnotherBaseOrOtherProgramsAreNamed) {
  const Status of_base = locked_.check(target_with(image, programs));
  ASSERT_FALSE(of_base);
  EXPECT_THAT(of_base.error().what, HasSubstr("the base image has sha256 " + std::string(base)));
  const Status of_programs = locked_.check(target_with(base, image));
  ASSERT_FALSE(of_programs);
  EXPECT_EQ(of_programs.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(of_programs.error().what, HasSubstr("the target's programs"));
  EXPECT_THAT(of_programs.error().next_step, HasSubstr("abcdef"));
}

TEST_F(LockedInputsTest, OtherModulesAreTheUsersMistake) {
  const Plan plan = plan_of({"generic"});
  TargetImage with_modules = target_with(base, programs);
  with_modules.initrd_sha256 = image;
  const Status checked = locked_.check_modules(plan.kernels[0], with_modules);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::usage);
  EXPECT_THAT(checked.error().what, HasSubstr("kernel generic's modules has sha256 (it has none) there"));
  EXPECT_TRUE(locked_.check_modules(plan.kernels[0], std::nullopt)) << "it had none there, either";
}

TEST_F(LockedInputsTest, ModulesThatWereLoadedThereAreMissedHere) {
  const Plan plan = plan_of({"generic"});
  auto run = read_run_record(folder_.path());
  ASSERT_TRUE(run);
  run->kernels[0].initrd_sha256 = image;
  ASSERT_TRUE(write_run_record(folder_.path(), *run));
  const Status checked = LockedInputs::read(folder_.path())->check_modules(plan.kernels[0], std::nullopt);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::usage);
  EXPECT_THAT(checked.error().what, HasSubstr("(it has none)"));
}

TEST_F(LockedInputsTest, RunJsonByItselfWillDo) {
  const fs::path copy = folder_.path() / "inputs.json";
  fs::copy_file(folder_.path() / "run.json", copy);
  const auto locked = LockedInputs::read(copy);
  ASSERT_TRUE(locked);
  EXPECT_EQ(locked->base().sha256, base);
}

TEST_F(LockedInputsTest, WhatIsNoRunIsRefused) {
  const auto nothing = LockedInputs::read(folder_.path() / "none");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::usage);
  const fs::path text = folder_.path() / "text";
  ASSERT_TRUE(write_file_atomically(text, "no JSON"));
  const auto damaged = LockedInputs::read(text);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, ErrorKind::data);
}

}  // namespace
}  // namespace loopgate::locked_inputs_test
