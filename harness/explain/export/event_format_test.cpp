#include "explain/export/event_format.h"

#include <gmock/gmock.h>

namespace loopgate::event_format_test {
namespace {

const EventFormat made_up = {"irq",
                             "made_up",
                             0x1234,
                             {{"char comm[3]", 3, false},
                              {"int irq", 4, true},
                              {"__data_loc char[] name", 4, false},
                              {"long ret", 8, true}},
                             R"("irq=%d", REC->irq)"};

TEST(EventFormat, IsTheKernelsText) {
  EXPECT_EQ(text_of(made_up),
            "name: made_up\nID: 4660\nformat:\n"
            "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
            "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
            "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
            "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
            "\tfield:char comm[3];\toffset:8;\tsize:3;\tsigned:0;\n"
            "\tfield:int irq;\toffset:12;\tsize:4;\tsigned:1;\n"
            "\tfield:__data_loc char[] name;\toffset:16;\tsize:4;\tsigned:0;\n"
            "\tfield:long ret;\toffset:24;\tsize:8;\tsigned:1;\n\n"
            "print fmt: \"irq=%d\", REC->irq\n");
}

TEST(EventFormat, ARecordHasEachFieldAtItsPlace) {
  const std::string record =
      EventRecord(made_up, 9, 99).text("ab\nd").number(-2).text("pl061").number(-1).take();
  EXPECT_EQ(record, std::string("\x34\x12\x09\x00\x63\x00\x00\x00"
                                "ab\0\0"
                                "\xfe\xff\xff\xff"
                                "\x20\x00\x06\x00"
                                "\0\0\0\0"
                                "\xff\xff\xff\xff\xff\xff\xff\xff"
                                "pl061\0",
                                38));
}

TEST(EventFormat, AStringOfAnyLengthIsCut) {
  const std::string record =
      EventRecord(made_up, 0, 0).text("").number(0).text(std::string(5'000, 'x')).number(0).take();
  EXPECT_EQ(record.size(), 32U + 256U);
  EXPECT_EQ(record.back(), '\0');
}

}  // namespace
}  // namespace loopgate::event_format_test
