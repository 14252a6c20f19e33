#include "target/agent/program_run.h"

#include <gtest/gtest.h>

#include "base/testing/temp_folder.h"

namespace loopgate::program_run_test {
namespace {

TEST(CpuList, IsCounted) {
  EXPECT_EQ(cpus_in_list("0\n"), 1);
  EXPECT_EQ(cpus_in_list("0-3,6\n"), 5);
  EXPECT_EQ(cpus_in_list(""), 0);
  EXPECT_EQ(cpus_in_list("words"), 0);
}

class Needs : public ::testing::Test {
 protected:
  Needs() {
    order_.name = "program";
    order_.argv = {"sh"};
    places_.tracers = folder_.write("tracers", "blk function nop\n");
    places_.online_cpus = folder_.write("online", "0\n");
  }
  std::string lacks() const { return what_target_lacks(order_, places_); }

  TempFolder folder_;
  ProgramSpec order_;
  TargetPlaces places_;
};

TEST_F(Needs, AreMetWhereNothingIsAskedFor) { EXPECT_EQ(lacks(), ""); }

TEST_F(Needs, NameWhatIsMissing) {
  order_.needs.cpus = 2;
  EXPECT_EQ(lacks(), "it needs 2 CPUs, and 1 is online");
  order_.needs = {.tracer = "timerlat"};
  EXPECT_EQ(lacks(), "the kernel has no tracer timerlat");
  order_.needs = {.tracer = "function", .programs = {"no-such-program"}};
  EXPECT_EQ(lacks(), "the program no-such-program is not on the target");
  order_.needs = {.files = {places_.tracers, "/no/such"}};
  EXPECT_EQ(lacks(), "the kernel has no /no/such");
  order_.needs = {.machine = "vax"};
  EXPECT_TRUE(lacks().starts_with("it needs a CPU of vax, and this is "));
  places_.libraries = {"/no/such", folder_.path().string()};
  order_.needs = {.libraries = {"libbenchmark.so"}};
  EXPECT_EQ(lacks(), "the shared library libbenchmark.so is not on the target");
  folder_.write("libbenchmark.so.1.9.1", "");
  EXPECT_EQ(lacks(), "");
  order_.needs = {};
  order_.argv = {"/no/such/program"};
  EXPECT_EQ(lacks(), "the program /no/such/program is not on the target");
}

}  // namespace
}  // namespace loopgate::program_run_test
