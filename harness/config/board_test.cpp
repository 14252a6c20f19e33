#include "config/board.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "config/testing/refusal.h"

namespace loopgate::board_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* whole = R"(title = "A board"
architecture = "arm64"
provides = ["irq-to-gpio", "jumper"]
cpus = 1
memory_mib = 256
gpio_chip = "9030000.pl061"
[lines]
stimulus = 7
response = 6
storm = 5
control_in = 4
control_out = 3
jumper_out = 2
jumper_in = 1
[qemu]
binary = "qemu-system-aarch64"
min_version = "10.0"
machine = "virt"
cpu = "cortex-a72"
icount_shift = 2
controller = "pl061"
console = "ttyAMA0"
arguments = "quiet"
)";

std::string refusal(const std::string& text) { return refusal_of(read_board, text); }

TEST(Board, ReadsEveryKey) {
  const TempFolder folder;
  const auto board = read_board(folder.write("my-board.toml", whole));
  ASSERT_TRUE(board) << board.error().what;
  EXPECT_EQ(board->name, "my-board");
  EXPECT_EQ(board->title, "A board");
  EXPECT_EQ(board->architecture, Architecture::arm64);
  EXPECT_EQ(board->time_base(), TimeBase::virtual_time);
  EXPECT_THAT(board->provides, ElementsAre("irq-to-gpio", "jumper"));
  EXPECT_EQ(board->cpus, 1);
  EXPECT_EQ(board->memory_mib, 256);
  EXPECT_EQ(board->gpio_chip, "9030000.pl061");
  const PinLines& lines = board->lines;
  EXPECT_THAT((std::vector<int>{lines.stimulus, lines.response, lines.storm, lines.control_in,
                                lines.control_out, lines.jumper_out, lines.jumper_in}),
              ElementsAre(7, 6, 5, 4, 3, 2, 1));
  EXPECT_EQ(board->qemu().binary, "qemu-system-aarch64");
  EXPECT_EQ(board->qemu().icount_shift, 2);
  EXPECT_EQ(board->qemu().arguments, "quiet");
  EXPECT_EQ(board->sha256, sha256_of(whole));
}

TEST(Board, TheLoopbackProgramMayHaveTheWiresLines) {
  const TempFolder folder;
  const auto board = read_board(folder.write(
      "b.toml", altered(whole, "jumper_in = 1\n", "jumper_in = 1\nstimulus_out = 2\nresponse_in = 1\n")));
  ASSERT_TRUE(board) << board.error().what;
  EXPECT_EQ(board->lines.stimulus_out, 2);
  EXPECT_EQ(board->lines.response_in, 1);
  EXPECT_EQ(read_board(folder.write("none.toml", whole))->lines.stimulus_out, -1);
  EXPECT_THAT(refusal(altered(whole, "jumper_in = 1\n", "jumper_in = 1\nstimulus_out = 0\n")),
              HasSubstr("lines.stimulus_out and response_in go together"));
  EXPECT_THAT(
      refusal(altered(whole, "jumper_in = 1\n", "jumper_in = 1\nstimulus_out = 0\nresponse_in = 6\n")),
      HasSubstr("lines.response_in is the line of response too"));
  EXPECT_THAT(
      refusal(altered(whole, "jumper_in = 1\n", "jumper_in = 1\nstimulus_out = 1\nresponse_in = 0\n")),
      HasSubstr("lines.stimulus_out is the line of jumper_in too"));
}

TEST(Board, SaysWhatAnOldKeyIsCalledNow) {
  for (const auto& [was, now] :
       {std::pair{"wire_out", "jumper_out"}, {"wire_in", "jumper_in"}, {"minimum_version", "min_version"}}) {
    EXPECT_THAT(refusal(altered(whole, std::string(now) + " = ", std::string(was) + " = ")),
                HasSubstr(std::string(was) + " is now called " + now));
  }
}

TEST(Board, RefusesUnknownKeysAndTypes) {
  EXPECT_THAT(refusal("colour = 1\n" + std::string(whole)),
              HasSubstr("file.toml:1: colour is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "storm = 5", "strom = 5")), HasSubstr("lines.strom is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "cpu = \"cortex-a72\"", "cpu = 72")),
              HasSubstr("qemu.cpu must be a string"));
  EXPECT_THAT(refusal(altered(whole, "[\"irq-to-gpio\", \"jumper\"]", "\"jumper\"")),
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
  EXPECT_THAT(refusal(text.substr(0, text.find("[qemu]"))), HasSubstr("file.toml: qemu or boot is missing"));
  EXPECT_THAT(refusal(altered(whole, "stimulus = 7\n", "stimulus = 7\nstimulus_out = 8\n")),
              HasSubstr("lines.stimulus_out and response_in go together"));
  EXPECT_THAT(refusal(altered(whole, "jumper_in = 1\n", "")),
              HasSubstr("lines.jumper_out and jumper_in go together"));
}

std::string with_two_cpus(const std::string& roles, const std::string& slice) {
  return altered(altered(whole, "cpus = 1\n", "cpus = 2\n" + roles), "icount_shift = 2\n",
                 "icount_shift = 2\n" + slice);
}

TEST(VirtualBoard, OfSeveralCpusTakesTurnsAndSaysWhichAreMeasured) {
  const auto board = parse_board(
      with_two_cpus("measured_cpus = [1]\nhousekeeping_cpus = [0]\n", "slice_ns = 200\n"), "smp.toml");
  ASSERT_TRUE(board) << board.error().what;
  EXPECT_EQ(board->cpus, 2);
  EXPECT_EQ(board->qemu().slice_ns, 200);
  EXPECT_THAT(board->measured_cpus, ElementsAre(1));
  EXPECT_THAT(board->housekeeping_cpus, ElementsAre(0));
  EXPECT_FALSE(board->ns_per_instruction()) << "the other CPU's instructions take time as well";
  EXPECT_EQ(parse_board(whole, "one.toml")->ns_per_instruction(), 4);
}

TEST(VirtualBoard, RefusesTurnsThatCannotBe) {
  EXPECT_THAT(refusal(with_two_cpus("", "")), HasSubstr("qemu.slice_ns is missing"));
  EXPECT_THAT(refusal(with_two_cpus("", "slice_ns = 99\n")), HasSubstr("qemu.slice_ns must be from 100"));
  EXPECT_THAT(refusal(with_two_cpus("", "slice_ns = 202\n")),
              HasSubstr("qemu.slice_ns must be a multiple of what an instruction takes"));
  EXPECT_THAT(refusal(altered(whole, "icount_shift = 2\n", "slice_ns = 200\n")),
              HasSubstr("qemu.slice_ns is for boards with several CPUs"));
  EXPECT_THAT(refusal(with_two_cpus("measured_cpus = [2]\n", "slice_ns = 200\n")),
              HasSubstr("measured_cpus names CPU 2, and the board has 2 (from 0)"));
  EXPECT_THAT(refusal(with_two_cpus("emulator = true\n", "slice_ns = 200\n")),
              HasSubstr("emulator is an unknown key"));
}

// A kernel would say so only to a screen, or not at all.
TEST(Board, RefusesACpuOfTheOtherWidth) {
  for (const char* cpu :
       {"pentium3-v1", "486", "qemu32", "coreduo-v1", "EPYC-v1,-lm", "EPYC-v1,-x2apic,lm=off"}) {
    const std::string text = altered(whole, "\"cortex-a72\"", "\"" + std::string(cpu) + "\"");
    EXPECT_THAT(refusal(altered(text, "\"arm64\"", "\"amd64\"")),
                HasSubstr("qemu.cpu is a model without 64 bits, and a kernel for amd64 needs one with them"))
        << cpu;
  }
  for (const char* cpu : {"cortex-a7", "cortex-a15,cfgend=on", "arm1176", "cortex-r52"})
    EXPECT_THAT(refusal(altered(whole, "\"cortex-a72\"", "\"" + std::string(cpu) + "\"")),
                HasSubstr("qemu.cpu is a model without 64 bits, and a kernel for arm64 needs one with them"))
        << cpu;
  EXPECT_THAT(refusal(altered(whole, "\"arm64\"", "\"armhf\"")),
              HasSubstr("qemu.cpu is a model with 64 bits, and a kernel for armhf needs one of 32"));
  EXPECT_THAT(refusal(altered(altered(whole, "\"qemu-system-aarch64\"", "\"qemu-system-arm\""),
                              "\"cortex-a72\"", "\"max\"")),
              HasSubstr("qemu.cpu is a model without 64 bits"))
      << "that emulator has none with them";
}

TEST(Board, RefusesWhatIsOutOfRange) {
  EXPECT_THAT(refusal(altered(whole, "cpus = 1", "cpus = 5")), HasSubstr("cpus must be from 1 to 4"));
  EXPECT_THAT(refusal(altered(whole, "memory_mib = 256", "memory_mib = 255")),
              HasSubstr("memory_mib must be from 256"));
  EXPECT_THAT(refusal(altered(whole, "storm = 5", "storm = -1")), HasSubstr("lines.storm must be from 0"));
  EXPECT_THAT(refusal(altered(whole, "storm = 5", "storm = 4294967296")),
              HasSubstr("lines.storm must be from 0"));
  EXPECT_THAT(refusal(altered(whole, "icount_shift = 2", "icount_shift = 11")),
              HasSubstr("qemu.icount_shift must be from 0 to 10"));
}

TEST(Board, RefusesALineWithTwoRoles) {
  EXPECT_THAT(refusal(altered(whole, "response = 6", "response = 7")),
              HasSubstr("lines.response is the line of stimulus too"));
}

TEST(Board, LetsTheVerdictHaveTheWiresLine) {
  EXPECT_EQ(refusal(altered(whole, "jumper_in = 1", "jumper_in = 1\nverdict = 2")), "accepted");
}

// A board that is reached over SSH.
constexpr const char* wall = R"(title = "A board"
architecture = "arm64"
provides = ["irq-to-gpio", "loopback"]
cpus = 4
emulator = true
measured_cpus = [3, 2]
housekeeping_cpus = [0]
gpio_chip = "pinctrl-bcm2711"
power_needs = "5.1 V, 3 A"
[lines]
stimulus = 17
response = 23
stimulus_out = 27
response_in = 24
[boot]
method = "tryboot"
folder = "/boot/firmware"
root = "/dev/mmcblk0p2"
console = "ttyS1,115200"
modules = ["sdhci-iproc", "ext4"]
boot_timeout_s = 60
[thermal]
max_temperature_c = 79.5
zone = "cpu-thermal"
throttled = "/sys/devices/platform/soc/soc:firmware/get_throttled"
throttled_counter = "/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count"
optional = ["throttled"]
)";

TEST(WallBoard, ReadsEveryKey) {
  const TempFolder folder;
  const auto board = read_board(folder.write("my-board.toml", wall));
  ASSERT_TRUE(board) << board.error().what;
  EXPECT_EQ(board->name, "my-board");
  EXPECT_EQ(board->sha256, sha256_of(wall));
  EXPECT_EQ(board->time_base(), TimeBase::wall_clock);
  EXPECT_TRUE(board->emulator);
  EXPECT_EQ(board->cpus, 4);
  EXPECT_THAT(board->measured_cpus, ElementsAre(3, 2));
  EXPECT_THAT(board->housekeeping_cpus, ElementsAre(0));
  EXPECT_EQ(board->power_needs, "5.1 V, 3 A");
  const PinLines& lines = board->lines;
  EXPECT_THAT((std::vector<int>{lines.stimulus, lines.response, lines.stimulus_out, lines.response_in}),
              ElementsAre(17, 23, 27, 24));
  EXPECT_THAT((std::vector<int>{lines.storm, lines.control_in, lines.control_out, lines.jumper_out,
                                lines.jumper_in, lines.verdict}),
              ElementsAre(-1, -1, -1, -1, -1, -1))
      << "a line that is not named is not there";
  ASSERT_FALSE(board->is_virtual());
  EXPECT_EQ(board->ssh().method, BootMethod::tryboot);
  EXPECT_STREQ(name_of(board->ssh().method), "tryboot");
  EXPECT_EQ(board->ssh().folder, "/boot/firmware");
  EXPECT_EQ(board->ssh().root, "/dev/mmcblk0p2");
  EXPECT_EQ(board->ssh().console, "ttyS1,115200");
  EXPECT_THAT(board->ssh().modules, ElementsAre("sdhci-iproc", "ext4"));
  EXPECT_EQ(board->ssh().boot_timeout_s, 60);
  EXPECT_EQ(board->thermal.max_temperature_c, 79.5);
  EXPECT_EQ(board->thermal.zone, "cpu-thermal");
  EXPECT_EQ(board->thermal.throttled, "/sys/devices/platform/soc/soc:firmware/get_throttled");
  EXPECT_EQ(board->thermal.throttled_counter,
            "/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count");
  EXPECT_TRUE(is_optional(board->thermal, "throttled"));
  EXPECT_FALSE(is_optional(board->thermal, "zone"));
}

TEST(WallBoard, SaysWhatAnOldKeyIsCalledNow) {
  for (const auto& [was, now] : {std::pair{"within_s", "boot_timeout_s"}, {"limit_c", "max_temperature_c"}}) {
    EXPECT_THAT(refusal(altered(wall, std::string(now) + " = ", std::string(was) + " = ")),
                HasSubstr(std::string(was) + " is now called " + now));
  }
}

TEST(WallBoard, IsNoVirtualOneAtOnce) {
  const std::string text = whole;
  EXPECT_THAT(refusal(wall + text.substr(text.find("[qemu]"))),
              HasSubstr("boot and qemu exclude each other"));
  for (const char* key :
       {"emulator = true\n", "measured_cpus = [0]\n", "housekeeping_cpus = [0]\n", "power_needs = \"\"\n"})
    EXPECT_THAT(refusal(key + text), HasSubstr("is an unknown key")) << key << "says nothing in virtual time";
  EXPECT_THAT(refusal(text + "[thermal]\nzone = \"x\"\n"), HasSubstr("thermal is an unknown key"));
}

TEST(WallBoard, RefusesCpusThatItDoesNotHaveOrThatDoBoth) {
  EXPECT_THAT(refusal(altered(wall, "[3, 2]", "[3, 4]")),
              HasSubstr("measured_cpus names CPU 4, and the board has 4 (from 0)"));
  EXPECT_THAT(refusal(altered(wall, "[3, 2]", "[-1]")), HasSubstr("measured_cpus names CPU -1"));
  EXPECT_THAT(refusal(altered(wall, "[3, 2]", "[3, 3]")), HasSubstr("measured_cpus names CPU 3 twice"));
  EXPECT_THAT(refusal(altered(wall, "[3, 2]", "[3, 0]")),
              HasSubstr("housekeeping_cpus names CPU 0, which is measured"));
  EXPECT_THAT(refusal(altered(wall, "cpus = 4", "cpus = 257")), HasSubstr("cpus must be from 1 to 256"));
}

TEST(WallBoard, RefusesABootThatCannotBe) {
  EXPECT_THAT(refusal(altered(wall, "\"tryboot\"", "\"luck\"")),
              HasSubstr("boot.method must be tryboot, extlinux, grub or kexec"));
  EXPECT_THAT(refusal(altered(wall, "\"/boot/firmware\"", "\"boot\"")),
              HasSubstr("boot.folder must be an absolute path on the board"));
  EXPECT_THAT(refusal(altered(wall, "\"/boot/firmware\"", "\"/boot/../etc\"")),
              HasSubstr("boot.folder must be an absolute path on the board"));
  EXPECT_THAT(refusal(altered(wall, "\"/boot/firmware\"", "\"/boot; rm x\"")),
              HasSubstr("boot.folder must be a path of letters"));
  EXPECT_THAT(refusal(altered(wall, "\"ttyS1,115200\"", "\"ttyS1 init=/bin/sh\"")),
              HasSubstr("boot.console must be as on the kernel's command line"));
  EXPECT_THAT(refusal(altered(wall, "\"ext4\"]", "\"../ext4\"]")), HasSubstr("boot.modules must be names"));
  for (const char* seconds : {"9", "3601"})
    EXPECT_THAT(refusal(altered(wall, "boot_timeout_s = 60", std::string("boot_timeout_s = ") + seconds)),
                HasSubstr("boot.boot_timeout_s must be from 10 to 3600"));
  EXPECT_THAT(refusal(altered(wall, "method = \"tryboot\"\n", "")), HasSubstr("boot.method is missing"));
}

TEST(WallBoard, RefusesThermalLimitsThatProtectNothing) {
  EXPECT_THAT(refusal(altered(wall, "max_temperature_c = 79.5", "max_temperature_c = 800")),
              HasSubstr("thermal.max_temperature_c must be from 20 to 150"));
  EXPECT_THAT(refusal(altered(wall, "max_temperature_c = 79.5", "max_temperature_c = nan")),
              HasSubstr("thermal.max_temperature_c must be from 20 to 150"));
  EXPECT_THAT(
      refusal(altered(wall, "\"/sys/devices/platform/soc/soc:firmware/get_throttled\"", "\"throttled\"")),
      HasSubstr("thermal.throttled must be an absolute path"));
  EXPECT_THAT(refusal(altered(wall, "\"/sys/devices/system/cpu/", "\"cpu/")),
              HasSubstr("thermal.throttled_counter must be an absolute path"));
  EXPECT_THAT(refusal(altered(wall, "[\"throttled\"]", "[\"max_temperature_c\"]")),
              HasSubstr("thermal.optional names max_temperature_c, which is not asked for"));
  EXPECT_THAT(refusal(altered(wall, "zone = \"cpu-thermal\"\n", "")), "accepted");
  EXPECT_THAT(
      refusal(altered(altered(wall, "zone = \"cpu-thermal\"\n", ""), "[\"throttled\"]", "[\"zone\"]")),
      HasSubstr("thermal.optional names zone, which is not asked for"));
  const std::string text = wall;
  EXPECT_THAT(refusal(text.substr(0, text.find("zone"))), HasSubstr("nothing would be looked at"));
  EXPECT_EQ(refusal(text.substr(0, text.find("[thermal]"))), "accepted");
}

TEST(WallBoard, ThatProvidesLoopbackHasItsJumpers) {
  EXPECT_THAT(refusal(altered(altered(wall, "stimulus_out = 27\n", ""), "response_in = 24\n", "")),
              HasSubstr("lines.stimulus_out is missing"));
  EXPECT_THAT(refusal(altered(wall, "response_in = 24", "response_in = 27")),
              HasSubstr("lines.response_in is the line of stimulus_out too"));
}

TEST(WallBoard, ThatProvidesDecisionsHasTheVerdictsJumper) {
  const std::string deciding = altered(wall, "provides = [", "provides = [\"decisions\", ");
  EXPECT_THAT(refusal(deciding), HasSubstr("lines.verdict_in is missing"));
  EXPECT_EQ(
      refusal(altered(deciding, "response_in = 24\n", "response_in = 24\nverdict = 5\nverdict_in = 6\n")),
      "accepted");
  EXPECT_THAT(refusal(altered(wall, "response_in = 24\n", "response_in = 24\nverdict_in = 6\n")),
              HasSubstr("lines.verdict_in goes with verdict and response_in"));
  EXPECT_THAT(
      refusal(altered(wall, "response_in = 24\n", "response_in = 24\nverdict = 24\nverdict_in = 6\n")),
      HasSubstr("is the line of"));
}

TEST(WallBoard, MayLeaveItsPinsToTheBenchButNotHalfOfThem) {
  const std::string text = wall;
  const std::string bare = altered(text.substr(0, text.find("[lines]")) + text.substr(text.find("[boot]")),
                                   "gpio_chip = \"pinctrl-bcm2711\"\n", "");
  const auto board = parse_board(bare, "x");
  ASSERT_TRUE(board) << board.error().what;
  EXPECT_EQ(board->gpio_chip, "");
  EXPECT_EQ(board->lines.stimulus, -1);
  EXPECT_THAT(refusal(altered(wall, "gpio_chip = \"pinctrl-bcm2711\"\n", "")),
              HasSubstr("gpio_chip is missing"));
  EXPECT_THAT(refusal("gpio_chip = \"x\"\n" + bare), HasSubstr("lines is missing"));
}

}  // namespace
}  // namespace loopgate::board_test
