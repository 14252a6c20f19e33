#include "run/kernel_in_effect.h"

#include <gmock/gmock.h>

#include "run/testing/fake_machine.h"

namespace loopgate::kernel_in_effect_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

KernelFiles image(const std::string& sha256 = "image") {
  KernelFiles files;
  files.image_sha256 = sha256;
  return files;
}

Kernel kernel(const std::string& arguments) {
  Kernel kernel;
  kernel.name = "named " + arguments;
  kernel.arguments = arguments;
  return kernel;
}

Report unknown(const std::string& argument) {
  Report report = good_report();
  if (!argument.empty())
    report.kernel.answers->log = {"Unknown kernel command line parameters \"" + argument +
                                  "\", will be passed to user space."};
  return report;
}

TEST(KernelInEffect, LeavesOutArgumentsThatTheKernelDidNotKnow) {
  const std::string plain = kernel_in_effect_sha256(kernel(""), image(), unknown(""));
  EXPECT_EQ(kernel_in_effect_sha256(kernel("preempt=full"), image(), unknown("preempt=full")), plain);
  EXPECT_EQ(kernel_in_effect_sha256(kernel("preempt=lazy"), image(), unknown("preempt=lazy")), plain);
  EXPECT_NE(kernel_in_effect_sha256(kernel("preempt=full"), image(), unknown("")), plain);
  EXPECT_NE(kernel_in_effect_sha256(kernel("threadirqs"), image(), unknown("")), plain);
  EXPECT_NE(kernel_in_effect_sha256(kernel(""), image("another"), unknown("")), plain);
  EXPECT_EQ(kernel_in_effect_sha256(kernel(""), image(""), unknown("")), "") << "it is not known";
}

TEST(KernelInEffect, IsAnotherMeasurementWithAnotherContender) {
  const auto with = [](const char* contender) {
    Kernel one = kernel("");
    one.contender = contender;
    return kernel_in_effect_sha256(one, image(), unknown(""));
  };
  EXPECT_EQ(with(""), kernel_in_effect_sha256(kernel(""), image(), unknown("")));
  EXPECT_NE(with("go"), with("cpp"));
  EXPECT_EQ(with("go"), with("go"));
}

TEST(KernelInEffect, LeavesOutRulesForThreadsThatAreNotThere) {
  const std::string plain = kernel_in_effect_sha256(kernel(""), image(), good_report());
  Kernel tuned = kernel("");
  tuned.threads = {{"irq/*-stimulus", "fifo", 85, false}};
  EXPECT_EQ(kernel_in_effect_sha256(tuned, image(), good_report()), plain);
  Report report = good_report();
  report.tuning.push_back({"irq/46-stimulus", "fifo 85", "fifo 85", true, 63});
  const std::string in_effect = kernel_in_effect_sha256(tuned, image(), report);
  EXPECT_NE(in_effect, plain);
  tuned.threads.push_back({"irq/*", "fifo", 40, false});  // the first that matches holds
  EXPECT_EQ(kernel_in_effect_sha256(tuned, image(), report), in_effect);
  tuned.files = {{"/proc/sys/kernel/sched_rt_runtime_us", "-1", ""}};
  EXPECT_NE(kernel_in_effect_sha256(tuned, image(), report), in_effect);
}

TEST(KernelInEffect, IsAnotherWithOtherModules) {
  KernelFiles files = image();
  const std::string plain = kernel_as_asked_sha256(kernel(""), files);
  files.target.emplace().initrd_sha256 = "with modules";
  EXPECT_NE(kernel_as_asked_sha256(kernel(""), files), plain);
  Kernel own = kernel("");
  own.source = ImageSource{"/k/Image", "/k/modules", {"gpio-pl061"}};
  const std::string one = kernel_as_asked_sha256(own, image());
  std::get<ImageSource>(own.source).modules = "/k/others";
  EXPECT_NE(kernel_as_asked_sha256(own, image()), one);
}

TEST(KernelInEffect, IsKnownBeforeTheBootWhereNothingDiffersButTheName) {
  Plan plan = made_up_plan();
  EXPECT_THAT(same_kernels_of(plan, {image(), image()}),
              ElementsAre(StartsWith("kernels generic and preempt-rt are the same: equal image")));
  EXPECT_THAT(same_kernels_of(plan, {image(), image("another")}), IsEmpty());
  plan.kernels[1].arguments = "preempt=full";
  EXPECT_THAT(same_kernels_of(plan, {image(), image()}), IsEmpty()) << "not before the kernel is asked";
}

}  // namespace
}  // namespace loopgate::kernel_in_effect_test
