#include "config/board.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "config/testing/refusal.h"

namespace loopgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* whole = R"(title = "A board"
architecture = "arm64"
provides = ["irq-to-gpio", "wire"]
cpus = 1
memory_mib = 256
gpio_chip = "9030000.pl061"
[lines]
stimulus = 7
response = 6
storm = 5
control_in = 4
control_out = 3
wire_out = 2
wire_in = 1
[qemu]
binary = "qemu-system-aarch64"
minimum_version = "10.0"
machine = "virt"
cpu = "cortex-a72"
icount_shift = 2
controller = "pl061"
console = "ttyAMA0"
)";

std::string refusal(const std::string& text) { return refusal_of(read_board, text); }

TEST(Board, ReadsEveryKey) {
  const TempFolder folder;
  const auto board = read_board(folder.write("my-board.toml", whole));
  ASSERT_TRUE(board) << board.error().what;
  EXPECT_EQ(board->name, "my-board");
  EXPECT_EQ(board->title, "A board");
  EXPECT_EQ(board->architecture, "arm64");
  EXPECT_EQ(board->time_base, TimeBase::virtual_time);
  EXPECT_THAT(board->provides, ElementsAre("irq-to-gpio", "wire"));
  EXPECT_EQ(board->cpus, 1);
  EXPECT_EQ(board->memory_mib, 256);
  EXPECT_EQ(board->gpio_chip, "9030000.pl061");
  const PinLines& lines = board->lines;
  EXPECT_THAT((std::vector<int>{lines.stimulus, lines.response, lines.storm, lines.control_in,
                                lines.control_out, lines.wire_out, lines.wire_in}),
              ElementsAre(7, 6, 5, 4, 3, 2, 1));
  EXPECT_EQ(board->qemu.binary, "qemu-system-aarch64");
  EXPECT_EQ(board->qemu.icount_shift, 2);
  EXPECT_EQ(board->sha256, sha256_of(whole));
}

TEST(Board, TheLoopbackProgramMayHaveTheWiresLines) {
  const TempFolder folder;
  const auto board = read_board(folder.write(
      "b.toml", altered(whole, "wire_in = 1\n", "wire_in = 1\nstimulus_out = 2\nresponse_in = 1\n")));
  ASSERT_TRUE(board) << board.error().what;
  EXPECT_EQ(board->lines.stimulus_out, 2);
  EXPECT_EQ(board->lines.response_in, 1);
  EXPECT_EQ(read_board(folder.write("none.toml", whole))->lines.stimulus_out, -1);
  EXPECT_THAT(refusal(altered(whole, "wire_in = 1\n", "wire_in = 1\nstimulus_out = 0\n")),
              HasSubstr("lines.stimulus_out and response_in go together"));
  EXPECT_THAT(refusal(altered(whole, "wire_in = 1\n", "wire_in = 1\nstimulus_out = 0\nresponse_in = 6\n")),
              HasSubstr("lines.response_in is the line of response too"));
  EXPECT_THAT(refusal(altered(whole, "wire_in = 1\n", "wire_in = 1\nstimulus_out = 1\nresponse_in = 0\n")),
              HasSubstr("lines.stimulus_out is the line of wire_in too"));
}

TEST(Board, RefusesUnknownKeysAndTypes) {
  EXPECT_THAT(refusal("colour = 1\n" + std::string(whole)),
              HasSubstr("file.toml:1: colour is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "storm = 5", "strom = 5")), HasSubstr("lines.strom is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "cpu = \"cortex-a72\"", "cpu = 72")),
              HasSubstr("qemu.cpu must be a string"));
  EXPECT_THAT(refusal(altered(whole, "[\"irq-to-gpio\", \"wire\"]", "\"wire\"")),
              HasSubstr("file.toml:3: provides must be an array"));
  EXPECT_THAT(refusal(altered(whole, "stimulus = 7", "stimulus = \"7\"")),
              HasSubstr("lines.stimulus must be a whole number"));
}

TEST(Board, RefusesWhatIsMissing) {
  EXPECT_THAT(refusal(""), HasSubstr("title is missing"));
  EXPECT_THAT(refusal(altered(whole, "gpio_chip = \"9030000.pl061\"\n", "")),
              HasSubstr("gpio_chip is missing"));
  EXPECT_THAT(refusal(altered(whole, "binary = \"qemu-system-aarch64\"\n", "")),
              HasSubstr("qemu.binary is missing"));
  const std::string text = whole;
  EXPECT_THAT(refusal(text.substr(0, text.find("[qemu]"))), HasSubstr("qemu is missing"));
  EXPECT_THAT(refusal(altered(whole, "wire_in = 1\n", "")),
              HasSubstr("lines.wire_out and wire_in go together"));
}

TEST(Board, RefusesWhatIsOutOfRange) {
  EXPECT_THAT(refusal(altered(whole, "cpus = 1", "cpus = 2")), HasSubstr("cpus must be from 1 to 1"));
  EXPECT_THAT(refusal(altered(whole, "memory_mib = 256", "memory_mib = 255")),
              HasSubstr("memory_mib must be from 256"));
  EXPECT_THAT(refusal(altered(whole, "storm = 5", "storm = -1")), HasSubstr("lines.storm must be from 0"));
  EXPECT_THAT(refusal(altered(whole, "storm = 5", "storm = 4294967296")),
              HasSubstr("lines.storm must be from 0"));
  EXPECT_THAT(refusal(altered(whole, "icount_shift = 2", "icount_shift = 11")),
              HasSubstr("qemu.icount_shift must be from 0 to 10"));
}

TEST(Board, RefusesALineWithTwoRoles) {
  EXPECT_THAT(refusal(altered(whole, "response = 6", "response = 7")), HasSubstr("lines."));
}

}  // namespace
}  // namespace loopgate
