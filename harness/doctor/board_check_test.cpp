#include "doctor/board_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "config/testing/refusal.h"
#include "run/testing/fake_machine.h"

namespace loopgate::board_check_test {
namespace {

using State = DoctorFinding::State;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* whole =
    "user\t0\nrelease\t6.12.118+deb13-arm64\nmachine\taarch64\ncpus\t2\nslot_writable\t1\nslot_free_"
    "kib\t400000\n"
    "loopgate-look\nclock_source\tarch_sys_counter\ngovernor."
    "0\tperformance\ntemperature\t45000\nthrottled\t0\n";

class BoardCheck : public ::testing::Test {
 protected:
  DoctorFinding finding(const std::string& name, const std::string& answer) const {
    for (const DoctorFinding& each : judge_board(board_, answer))
      if (each.name == name) return each;
    ADD_FAILURE() << "no finding " << name;
    return {};
  }
  Board board_ = made_up_plan_of_a_board().board;
};

TEST_F(BoardCheck, FindsAReadyBoardGood) {
  board_.architecture = Architecture::arm64;
  for (const DoctorFinding& each : judge_board(board_, whole))
    EXPECT_EQ(each.state, State::good) << each.name << each.what;
}

TEST_F(BoardCheck, IsUnknownNotFineWhereTheBoardDoesNotSay) {
  for (const DoctorFinding& each : judge_board(board_, "")) {
    if (each.name == "governor") continue;  // there may be none
    EXPECT_EQ(each.state, State::unknown) << each.name;
  }
}

TEST_F(BoardCheck, FindsWhatIsMissing) {
  board_.architecture = Architecture::arm64;
  const auto missing = [&](const char* name, const char* from, const char* to) {
    const DoctorFinding found = finding(name, altered(whole, from, to));
    EXPECT_EQ(found.state, State::missing) << name;
    EXPECT_NE(found.fix, "") << name;
    return found.what;
  };
  EXPECT_EQ(missing("rights", "user\t0", "user\t1000"), "user 1000 is not root");
  EXPECT_THAT(missing("kernel", "aarch64", "x86_64"), HasSubstr("x86_64"));
  EXPECT_THAT(missing("kernel", "6.12.118", "5.9.1"), HasSubstr("5.9.1"));
  EXPECT_THAT(missing("kernel", "6.12.118", "4.19"), HasSubstr("4.19"));
  EXPECT_THAT(missing("CPUs", "cpus\t2", "cpus\t1"), HasSubstr("1 on line, 2 in"));
  EXPECT_THAT(missing("kernel slot", "slot_writable\t1", "slot_writable\t0"), HasSubstr("can be written"));
  EXPECT_THAT(missing("kernel slot", "400000", "4000"), HasSubstr("3 MiB free"));
  EXPECT_THAT(missing("clock source", "arch_sys_counter", "hpet"), HasSubstr("hpet"));
  EXPECT_THAT(missing("temperature", "45000", "85000"), HasSubstr("85.0 C"));
  EXPECT_THAT(missing("throttling", "throttled\t0", "throttled\t50000"), HasSubstr("50000"));
  EXPECT_THAT(missing("temperature", "temperature\t45000\n", ""), HasSubstr("cpu-thermal can be read"));
  EXPECT_THAT(missing("throttling", "throttled\t0\n", ""), HasSubstr("/sys/throttled can't be read"));
  EXPECT_EQ(finding("governor", altered(whole, "performance", "schedutil")).state, State::optional);
  EXPECT_EQ(finding("kernel", altered(whole, "6.12.118", "5.10.0")).state, State::good);
}

TEST_F(BoardCheck, GoesWithoutWhatTheBoardsFileCallsOptional) {
  board_.thermal.optional = {"zone", "throttled"};
  EXPECT_EQ(finding("temperature", altered(whole, "temperature\t45000\n", "")).state, State::unknown);
  EXPECT_EQ(finding("throttling", altered(whole, "throttled\t0\n", "")).state, State::unknown);
}

TEST_F(BoardCheck, TakesACounterOfThrottlingForACounter) {
  board_.thermal.throttled.clear();
  board_.thermal.throttled_counter = "/sys/count";
  const DoctorFinding counted =
      finding("throttling", altered(whole, "throttled\t0", "throttled_counter\t17"));
  EXPECT_EQ(counted.state, State::good);
  EXPECT_EQ(counted.what, "17 times since boot");
  EXPECT_EQ(finding("throttling", whole).state, State::missing);
}

TEST_F(BoardCheck, AsksInWordsThatThisHostsShellTakes) {
  std::get<SshBoard>(board_.kind).folder = "/tmp";
  const auto ran = run_program({"sh", "-c", board_check_script(board_)}, std::chrono::seconds(20));
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->errors, "");
  for (const char* name : {"rights", "kernel", "CPUs", "kernel slot", "clock source"})
    EXPECT_NE(finding(name, ran->output).state, State::unknown) << name << "\n" << ran->output;
}

// Suites without decisions do not need the third jumper.
TEST_F(BoardCheck, TellsAVerdictsJumperFromTheOthers) {
  board_.lines.verdict = 5;
  board_.lines.verdict_in = 6;
  const ProcessResult sound{0, "", ""};
  const ProcessResult broken{6, "", "loopback: nothing arrives at line 6 (verdict_in)\n"};
  const DoctorFinding third = judge_three_wires(board_, broken, sound);
  EXPECT_EQ(third.state, State::optional);
  EXPECT_EQ(third.what, "loopback: nothing arrives at line 6 (verdict_in)");
  EXPECT_EQ(third.fix, "suites with decisions can't be measured; for them, join line 5 with 6 of chip");
  const ProcessResult loses{0, R"({"edges_sent":100,"stimulus_edges_lost":1,"response_edges_lost":0})", ""};
  EXPECT_EQ(judge_three_wires(board_, broken, loses).what,
            "1 of 100 edges from line 2 to line 0 were lost on the bare wire");
  const DoctorFinding several = judge_three_wires(board_, broken, broken);
  EXPECT_EQ(several.state, State::missing);
  EXPECT_EQ(several.fix, "join line 2 with 0, and 1 with 4, and 5 with 6, of chip");
  const Error lost{ErrorKind::infrastructure, "the connection was lost", ""};
  EXPECT_EQ(judge_three_wires(board_, broken, tl::unexpected(lost)).state, State::missing);
  EXPECT_EQ(judge_three_wires(board_, tl::unexpected(lost), sound).state, State::unknown);
  EXPECT_EQ(judge_wires(board_, sound).what, "all three lead where they should");
}

TEST_F(BoardCheck, PassesOnWhatTheBoardsProgramsComplainOf) {
  EXPECT_EQ(judge_boot_method(board_, ProcessResult{0, "", ""}).state, State::good);
  const DoctorFinding none =
      judge_boot_method(board_, ProcessResult{1, "", "x\nno extlinux.conf in /boot\n"});
  EXPECT_EQ(none.state, State::missing);
  EXPECT_EQ(none.what, "extlinux: no extlinux.conf in /boot");
  EXPECT_EQ(none.fix, "set another method in the board's file");
  const DoctorFinding told = judge_boot_method(
      board_, ProcessResult{1, "", "autoboot.txt: sets tryboot_a_b -> set method = \"kexec\"\n"});
  EXPECT_EQ(told.what, "extlinux: autoboot.txt: sets tryboot_a_b");
  EXPECT_EQ(told.fix, "set method = \"kexec\"") << "one word of what to do, and not two that contradict";
  const DoctorFinding lost = judge_wires(board_, fail(ErrorKind::infrastructure, "the connection was lost"));
  EXPECT_EQ(lost.state, State::unknown);
  const DoctorFinding unwired =
      judge_wires(board_, ProcessResult{6, "", "loopback: no edge came on line 0\n"});
  EXPECT_EQ(unwired.state, State::missing);
  EXPECT_EQ(unwired.what, "loopback: no edge came on line 0");
  EXPECT_EQ(unwired.fix, "join line 2 with 0, and 1 with 4, of chip");
  const DoctorFinding refused =
      judge_wires(board_, ProcessResult{126, "", "sh: 1: /x/loopback: Permission denied\n"});
  EXPECT_EQ(refused.state, State::missing);
  EXPECT_EQ(refused.what, "they could not be tried: sh: 1: /x/loopback: Permission denied");
  EXPECT_THAT(refused.fix, Not(HasSubstr("join"))) << "the wires are not to blame";
  const DoctorFinding wired = judge_wires(
      board_,
      ProcessResult{0, R"({"stimulus_to_edge_ns":{"p50":4200},"response_to_edge_ns":{"p50":3900}})", ""});
  EXPECT_EQ(wired.what, "both lead where they should; an edge takes 4.2 us and 3.9 us in the median");
  EXPECT_EQ(judge_wires(board_, ProcessResult{0, "nonsense", ""}).what, "both lead where they should");
}

// The first look at a jumper is one edge.
TEST_F(BoardCheck, TellsAJumperThatWasMissingOnce) {
  const ProcessResult sound{0, "", ""};
  const ProcessResult unwired{6, "", "loopback: nothing arrives at line 0\n"};
  const auto finding = judge_wires_again(unwired, sound);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->state, State::missing);
  EXPECT_EQ(finding->what, "loopback: nothing arrives at line 0; checked again, all lead where they should");
  EXPECT_THAT(finding->fix, HasSubstr("a chip that loses edges"));
  EXPECT_FALSE(judge_wires_again(unwired, unwired));
  EXPECT_FALSE(judge_wires_again(ProcessResult{126, "", "no rights\n"}, sound));
  EXPECT_FALSE(judge_wires_again(fail(ErrorKind::infrastructure, "lost"), sound));
}

TEST_F(BoardCheck, TellsHowManyEdgesTheBareWireLost) {
  const auto judged = [&](int stimulus, int response) {
    return judge_wires(board_, ProcessResult{0,
                                             fmt::format(R"({{"edges_sent":20100,"stimulus_edges_lost":{},)"
                                                         R"("response_edges_lost":{}}})",
                                                         stimulus, response),
                                             ""});
  };
  EXPECT_EQ(judged(0, 0).state, State::good);
  EXPECT_EQ(judged(0, 0).what, "both lead where they should; 0 of 20,100 edges were lost on each");
  const DoctorFinding lost = judged(2, 1);
  EXPECT_EQ(lost.state, State::missing);
  EXPECT_EQ(
      lost.what,
      "2 of 20,100 edges from line 2 to line 0, and 1 of 20,100 edges from line 1 to line 4 were lost on "
      "the bare wire");
  EXPECT_THAT(lost.fix, HasSubstr("a chip that loses edges"));
}

TEST_F(BoardCheck, SaysWhatALabLeavesOut) {
  LabBoard lab;
  lab.ssh = "board";
  EXPECT_EQ(judge_console(lab).state, State::optional);
  for (const DoctorFinding& each : judge_power(board_, lab))
    EXPECT_EQ(each.state, State::optional) << each.name;
  lab.console = "/dev/ttyUSB0";
  lab.power_cycle = {"/nowhere/pdu"};
  EXPECT_EQ(judge_console(lab).what, "/dev/ttyUSB0 at 115200");
  EXPECT_EQ(judge_power(board_, lab)[0].state, State::missing);
  lab.power_cycle = {"sh", "-c", "secret"};
  EXPECT_EQ(judge_power(board_, lab)[0].what, "sh") << "its arguments may hold secrets";
  lab.labgrid.emplace();
  lab.power_cycle.clear();
  EXPECT_EQ(judge_power(board_, lab)[0].what, "neither lab.toml nor labgrid has any");
}

}  // namespace
}  // namespace loopgate::board_check_test
