#include "config/lab.h"

#include <gmock/gmock.h>

#include "config/testing/refusal.h"

namespace loopgate::lab_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* whole = R"([pi]
ssh = "root@192.0.2.7"
ssh_config = "ours/ssh_config"
console = "tcp:192.0.2.9:4001"
console_baud = 9600
power_off = ["relay", "off", "3"]
power_on = ["tools/relay", "on", "3"]
gpio_chip = "a chip"
check_edges = 20000
root = "/dev/sda2"
[pi.lines]
stimulus = 4
response = 5
stimulus_out = 6
response_in = 7
[pi.machine]
via = "labgrid"
coordinator = "192.0.2.1:20408"
tags = { board = "pi", site = "north" }
[other]
nonsense = true
)";

std::string refusal(const std::string& text) {
  return refusal_of([](const std::filesystem::path& path) { return read_lab(path, "pi"); }, text);
}

TEST(Lab, ReadsEveryKeyOfTheBoardsTable) {
  const TempFolder folder;
  const auto lab = read_lab(folder.write("bench/lab.toml", whole), "pi");
  ASSERT_TRUE(lab) << lab.error().what;
  EXPECT_EQ(lab->name, "pi");
  EXPECT_EQ(lab->ssh, "root@192.0.2.7");
  EXPECT_EQ(lab->ssh_config, folder.path() / "bench" / "ours" / "ssh_config") << "relative to the file";
  EXPECT_EQ(lab->console, "tcp:192.0.2.9:4001");
  EXPECT_EQ(lab->console_baud, 9600);
  EXPECT_THAT(lab->power_off, ElementsAre("relay", "off", "3")) << "looked up in PATH";
  EXPECT_THAT(lab->power_on, ElementsAre((folder.path() / "bench" / "tools" / "relay").string(), "on", "3"));
  EXPECT_TRUE(lab->has_power());
  EXPECT_EQ(lab->gpio_chip, "a chip");
  EXPECT_EQ(lab->root, "/dev/sda2");
  EXPECT_EQ(lab->check_edges, 20'000U);
  ASSERT_TRUE(lab->lines);
  EXPECT_EQ(lab->lines->response_in, 7);
  EXPECT_EQ(lab->lines->storm, -1);
  ASSERT_TRUE(lab->labgrid);
  EXPECT_EQ(lab->labgrid->coordinator, "192.0.2.1:20408");
  EXPECT_EQ(lab->labgrid->place, "");
  EXPECT_THAT(lab->labgrid->tags, ElementsAre(Pair("board", "pi"), Pair("site", "north")));
}

TEST(Lab, NeedsLittle) {
  const auto lab = parse_lab("[pi]\nssh = \"pi\"\n", "lab.toml", "/", "pi");
  ASSERT_TRUE(lab) << lab.error().what;
  EXPECT_EQ(lab->ssh, "pi");
  EXPECT_EQ(lab->ssh_config, "");
  EXPECT_EQ(lab->console, "");
  EXPECT_EQ(lab->console_baud, 115200);
  EXPECT_FALSE(lab->has_power());
  EXPECT_FALSE(lab->lines || lab->labgrid);
}

TEST(Lab, LeavesTheAddressToLabgrid) {
  EXPECT_EQ(refusal("[pi.machine]\nvia = \"labgrid\"\nplace = \"pi-1\"\n"), "accepted");
  EXPECT_THAT(refusal("[pi]\nconsole_baud = 9600\n"), HasSubstr("pi.ssh is missing"));
}

TEST(Lab, ThatIsNotThereSaysWhatToCopy) {
  const TempFolder folder;
  const auto lab = read_lab(folder.path() / "lab.toml", "pi");
  ASSERT_FALSE(lab);
  EXPECT_EQ(lab.error().kind, ErrorKind::usage);
  EXPECT_THAT(lab.error().what, AllOf(HasSubstr("lab.toml: there is no such file"), HasSubstr("board pi")));
  EXPECT_THAT(lab.error().next_step, HasSubstr("copy boards/lab.example.toml to lab.toml"));
  const auto none = read_lab(folder.write("lab.toml", whole), "nano");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().what, HasSubstr("lab.toml: there is no [nano]"));
  EXPECT_THAT(none.error().next_step, HasSubstr("boards/lab.example.toml"));
}

TEST(Lab, RefusesUnknownKeysAndTypes) {
  EXPECT_THAT(refusal(altered(whole, "root =", "password = \"x\"\nroot =")),
              HasSubstr("pi.password is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "[\"relay\", \"off\", \"3\"]", "\"relay off 3\"")),
              HasSubstr("file.toml:6: pi.power_off must be an array"));
  EXPECT_THAT(refusal("pi = 3\n"), HasSubstr("file.toml:1: pi must be a table"));
  EXPECT_THAT(refusal("[pi\n"), HasSubstr("is no valid TOML"));
}

TEST(Lab, RefusesAnAddressThatSshWouldTakeForSomethingElse) {
  for (const char* ssh : {"", "-oProxyCommand=x", "root@host -p 22"})
    EXPECT_THAT(refusal(altered(whole, "root@192.0.2.7", ssh)), HasSubstr("pi.ssh must be a host")) << ssh;
}

TEST(Lab, AConsoleOfATcpPortMayHaveAProxy) {
  const std::string text =
      "[pi]\nssh = \"pi\"\nconsole = \"tcp:exporter:4001\"\nconsole_proxy = \"ann@exporter\"\n";
  EXPECT_EQ(refusal(text), "accepted");
  EXPECT_THAT(refusal(altered(text, "ann@exporter", "-oProxyCommand=x")),
              HasSubstr("pi.console_proxy must be a host as ssh(1) takes it"));
  EXPECT_THAT(refusal(altered(text, "tcp:exporter:4001", "/dev/ttyUSB0")),
              HasSubstr("pi.console_proxy is for a console of a TCP port"));
}

TEST(Lab, RefusesAConsoleThatIsNone) {
  for (const char* console : {"ttyUSB0", "tcp:4001", "tcp:host:0", "tcp:host:65536", "tcp:host:40x",
                              "tcp::4001", "rfc2217:host", "udp:host:1"})
    EXPECT_THAT(refusal(altered(whole, "tcp:192.0.2.9:4001", console)), HasSubstr("pi.console must be"))
        << console;
  EXPECT_THAT(refusal(altered(whole, "= 9600", "= 9601")),
              HasSubstr("pi.console_baud must be a serial line's speed: 9600, 19200"));
  for (const char* speed : {"= 500000", "= 4000000"})
    EXPECT_EQ(refusal(altered(whole, "= 9600", speed)), "accepted") << "console_port.cpp takes it";
}

TEST(Lab, AConsoleMayBeServedByTelnet) {
  EXPECT_EQ(refusal(altered(whole, "tcp:192.0.2.9:4001", "rfc2217:[2001:db8::9]:4001")), "accepted");
}

TEST(Lab, RefusesHalfAPowerSwitch) {
  EXPECT_THAT(refusal(altered(whole, "power_off = [\"relay\", \"off\", \"3\"]\n", "")),
              HasSubstr("pi.power_on and its counterpart go together"));
  EXPECT_THAT(refusal(altered(whole, "[\"relay\", \"off\", \"3\"]", "[]")),
              HasSubstr("pi.power_off must be a program"));
  EXPECT_THAT(refusal(altered(whole, "check_edges = 20000", "check_edges = 0")),
              HasSubstr("pi.check_edges must be from 1 to 10000000"));
  EXPECT_THAT(refusal(altered(whole, "root =", "power_cycle = [\"x\"]\nroot =")),
              HasSubstr("pi.power_cycle stands instead"));
}

TEST(Lab, RefusesAPlaceThatNobodyCouldFind) {
  EXPECT_THAT(refusal(altered(whole, "\"labgrid\"", "\"luck\"")),
              HasSubstr("pi.machine.via must be labgrid"));
  EXPECT_THAT(refusal(altered(whole, "tags =", "place = \"pi-1\"\ntags =")),
              HasSubstr("pi.machine.place or tags must be given, and not both"));
  EXPECT_THAT(refusal(altered(whole, "tags = { board = \"pi\", site = \"north\" }\n", "")),
              HasSubstr("pi.machine.place or tags must be given"));
  EXPECT_THAT(refusal(altered(whole, "{ board = \"pi\", site = \"north\" }", "{}")),
              HasSubstr("pi.machine.tags is empty"));
  EXPECT_THAT(refusal(altered(whole, "192.0.2.1:20408", "192.0.2.1")),
              HasSubstr("pi.machine.coordinator must be HOST:PORT"));
  EXPECT_THAT(refusal(altered(whole, "site = \"north\"", "site = \"a b\"")),
              HasSubstr("pi.machine.tags.site must be a tag"));
  EXPECT_THAT(refusal(altered(whole, "site = \"north\"", "\"-x\" = \"north\"")), HasSubstr("must be a tag"));
  EXPECT_THAT(refusal("[pi.machine]\nvia = \"labgrid\"\nplace = \"-p\"\n"),
              HasSubstr("pi.machine.place must be a place's name"));
  EXPECT_THAT(refusal(altered(whole, "tags = {", "acquire_timeout_s = -1\ntags = {")),
              HasSubstr("pi.machine.acquire_timeout_s must be from 0 to 86400"));
}

TEST(Lab, SaysWhatAnOldKeyIsCalledNow) {
  EXPECT_THAT(refusal(altered(whole, "tags = {", "wait_s = 1\ntags = {")),
              HasSubstr("pi.machine.wait_s is now called acquire_timeout_s"));
}

TEST(Lab, WaitsForAPlaceAsLongAsItSays) {
  EXPECT_EQ(parse_lab(whole, "lab.toml", "/", "pi").value().labgrid->acquire_timeout_s, 600);
  EXPECT_EQ(parse_lab(altered(whole, "tags = {", "acquire_timeout_s = 0\ntags = {"), "lab.toml", "/", "pi")
                .value()
                .labgrid->acquire_timeout_s,
            0);
}

TEST(Lab, RefusesPinsThatCannotBe) {
  EXPECT_THAT(refusal(altered(whole, "response_in = 7", "response_in = 4")),
              HasSubstr("pi.lines.response_in is the line of stimulus too"));
  EXPECT_THAT(refusal(altered(whole, "stimulus = 4\n", "")), HasSubstr("pi.lines.stimulus is missing"));
}

class OnBench : public ::testing::Test {
 protected:
  OnBench() {
    board_.name = "pi";
    board_.gpio_chip = "the board's";
    board_.lines = {1, 2, -1, -1, -1, -1, -1, -1, 3, 4};
    board_.kind.emplace<SshBoard>().root = "/dev/mmcblk0p2";
    board_.provides = {"irq-to-gpio", "loopback"};
  }
  std::string refusal() const {
    const auto board = on_bench(board_, lab_);
    return board ? "accepted" : board.error().what;
  }
  Board board_;
  LabBoard lab_;
};

TEST_F(OnBench, ABoardKeepsWhatTheBenchDoesNotName) {
  const Board board = on_bench(board_, lab_).value();
  EXPECT_EQ(board.gpio_chip, "the board's");
  EXPECT_EQ(board.check_edges, 0U);
  EXPECT_EQ(board.lines.stimulus_out, 3);
  EXPECT_EQ(board.ssh().root, "/dev/mmcblk0p2");
}

TEST_F(OnBench, TheBenchsWordHolds) {
  lab_.gpio_chip = "the bench's";
  lab_.lines = PinLines{11, 12, -1, -1, -1, -1, -1, -1, 13, 14};
  lab_.root = "/dev/sda2";
  const Board board = on_bench(board_, lab_).value();
  EXPECT_EQ(board.gpio_chip, "the bench's");
  EXPECT_EQ(board.lines.response_in, 14);
  EXPECT_EQ(board.ssh().root, "/dev/sda2");
}

TEST_F(OnBench, WhatNeitherNamesIsMissing) {
  std::get<SshBoard>(board_.kind).root.clear();
  EXPECT_EQ(refusal(), "board pi leaves its disk to its bench, and [pi] root is not in lab.toml");
  board_.lines.stimulus_out = -1;
  EXPECT_THAT(refusal(), HasSubstr("[pi.lines] stimulus_out is not in lab.toml"));
  board_.lines.stimulus = -1;
  EXPECT_THAT(refusal(), HasSubstr("[pi.lines] is not in lab.toml"));
  board_.gpio_chip.clear();
  EXPECT_THAT(refusal(), HasSubstr("[pi] gpio_chip is not in lab.toml"));
}

}  // namespace
}  // namespace loopgate::lab_test
