#include "target/agent/program_run.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <utility>

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

// ---- What it left ----

ProgramReport left_by(const std::string& script) {
  ProgramSpec order;
  order.name = "program";
  order.argv = {"sh", "-c", script};
  auto program = Child::start(order.name, order.argv);
  EXPECT_TRUE(program) << program.error().what;
  Child* const known[] = {&*program};
  for (int i = 0; i < 2000 && !program->ended(); ++i) {  // at most 10 s, for a slow machine
    reap(known);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ProgramReport report;
  note_what_it_left(order, *program, &report);
  return report;
}

// Adapters look for words in each: one of which only the end is kept may lack them.
TEST(WhatItLeft, IsCutOffWhereAStreamIsLongerThanIsKept) {
  const auto zeros = [](int bytes) { return "head -c " + std::to_string(bytes) + " /dev/zero | tr '\\0' x"; };
  for (const auto& [stream, kept] : {std::pair{"", 256 << 10}, {" >&2", 16 << 10}}) {
    const ProgramReport whole = left_by(zeros(kept) + stream);
    EXPECT_FALSE(whole.cut_off) << stream;
    const ProgramReport cut = left_by("(printf first; " + zeros(kept) + ")" + stream);
    EXPECT_TRUE(cut.cut_off) << stream;
    EXPECT_EQ(cut.output.size() + cut.errors.size(), static_cast<std::size_t>(kept)) << "its end";
  }
}

}  // namespace
}  // namespace loopgate::program_run_test
