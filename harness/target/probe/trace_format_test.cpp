#include "target/probe/trace_format.h"

#include <gmock/gmock.h>

#include <string>

namespace loopgate::trace_format_test {
namespace {

// As a kernel 6.12 has it.
constexpr const char* sched_switch =
    "name: sched_switch\nID: 322\nformat:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
    "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
    "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
    "\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n"
    "\nprint fmt: \"prev_comm=%s\", REC->prev_comm\n";

TEST(TraceFormat, HasItsNumberAndItsFields) {
  const auto format = TraceFormat::parse(sched_switch);
  ASSERT_TRUE(format);
  EXPECT_EQ(format->id(), 322);
  const TraceField* name = format->find("prev_comm");
  ASSERT_TRUE(name != nullptr);
  EXPECT_EQ(name->offset, 8U);
  EXPECT_EQ(name->size, 16U);
  EXPECT_EQ(format->find("next_pid"), nullptr);
}

TEST(TraceFormat, OfAPageHasNoNumber) {
  const auto format = TraceFormat::parse("\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n");
  ASSERT_TRUE(format);
  EXPECT_EQ(format->id(), -1);
  EXPECT_EQ(format->find("commit")->offset, 8U);
}

TEST(TraceFormat, OfDamagedTextIsNone) {
  EXPECT_FALSE(TraceFormat::parse(""));
  EXPECT_FALSE(TraceFormat::parse("name: x\nID: 1\nformat:\n"));
  const std::string line = "\tfield:int irq;\toffset:8;\tsize:4;\tsigned:1;\n";
  ASSERT_TRUE(TraceFormat::parse(line));
  for (const auto& [from, to] : {std::pair{"offset:8;", ""},
                                 {"size:4;", "size:x;"},
                                 {"signed:1;", "signed:"},
                                 {"offset:8;", "offset:99999999999;"},
                                 {"int irq", ""}}) {
    std::string damaged = line;
    damaged.replace(damaged.find(from), std::string(from).size(), to);
    EXPECT_FALSE(TraceFormat::parse(damaged)) << damaged;
  }
  EXPECT_FALSE(TraceFormat::parse("ID: many\n" + line));
}

TEST(TraceField, IsReadWithItsSignOrNotAtAll) {
  const std::string event("\xff\xff\xff\xff\x02\0\0\0", 8);
  EXPECT_EQ((TraceField{0, 4, true}.number_in(event)), -1);
  EXPECT_EQ((TraceField{0, 2, false}.number_in(event)), 65'535);
  EXPECT_EQ((TraceField{4, 4, true}.number_in(event)), 2);
  EXPECT_FALSE((TraceField{5, 4, true}.number_in(event)));
  EXPECT_FALSE((TraceField{9, 1, true}.number_in(event)));
  EXPECT_FALSE((TraceField{0, 3, true}.number_in(event)));
}

}  // namespace
}  // namespace loopgate::trace_format_test
