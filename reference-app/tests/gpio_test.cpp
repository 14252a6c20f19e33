// The program on lines of a real GPIO chip, which the kernel simulates: gpio-sim, configured through
// configfs. Needs root, and modprobe gpio-sim.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "inspection/gpio_pins.h"
#include "protocol/records.h"
#include "tests/model_fixture.h"
#include "tests/program_run.h"
#include "tests/temporary_folder.h"

namespace loopgate::inspection {
namespace {

namespace fs = std::filesystem;

constexpr const char* configuration = "/sys/kernel/config/gpio-sim";

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// A chip with eight lines, which is gone after the test.
class SimulatedChip {
 public:
  SimulatedChip() {
    fs::create_directories(folder_ / "bank");
    std::ofstream(folder_ / "bank" / "num_lines") << 8;
    std::ofstream(folder_ / "bank" / "label") << label();
    std::ofstream(folder_ / "live") << 1;
    lines_ = fs::path("/sys/devices/platform") / first_line(folder_ / "dev_name") /
             first_line(folder_ / "bank" / "chip_name");
  }
  ~SimulatedChip() {
    std::ofstream(folder_ / "live") << 0;
    ::rmdir((folder_ / "bank").c_str());
    ::rmdir(folder_.c_str());
  }
  SimulatedChip(const SimulatedChip&) = delete;
  SimulatedChip& operator=(const SimulatedChip&) = delete;

  static std::string label() { return "loopgate-test"; }
  void pull(unsigned line, bool up) const {
    std::ofstream(file(line, "pull")) << (up ? "pull-up" : "pull-down");
  }
  bool value(unsigned line) const { return first_line(file(line, "value")) == "1"; }

 private:
  fs::path file(unsigned line, const char* name) const {
    return lines_ / ("sim_gpio" + std::to_string(line)) / name;
  }

  fs::path folder_ = fs::path(configuration) / ("loopgate-" + std::to_string(::getpid()));
  fs::path lines_;
};

// Where a program says READY=1.
class ReadySocket {
 public:
  explicit ReadySocket(const std::string& path)
      : path_(path), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~ReadySocket() { ::close(socket_); }
  ReadySocket(const ReadySocket&) = delete;
  ReadySocket& operator=(const ReadySocket&) = delete;

  std::string variable() const { return "NOTIFY_SOCKET=" + path_; }
  bool wait() const {
    char text[16] = {};
    return ::recv(socket_, text, sizeof(text), 0) == 7 && std::string(text, 7) == "READY=1";
  }

 private:
  std::string path_;
  int socket_;
};

template <class Happened>
bool within_seconds(int seconds, Happened happened) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!happened() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return happened();
}

class Gpio : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(configuration))
      GTEST_SKIP() << "there is no " << configuration << " (modprobe gpio-sim, as root)";
    chip_.emplace();
  }

  RecordsHeader header() const {
    RecordsHeader header{};
    std::ifstream(records_, std::ios::binary).read(reinterpret_cast<char*>(&header), sizeof(header));
    return header;
  }

  std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--chip", SimulatedChip::label(), "--arrival", "0", "--valid", "1",
                               "--verdict", "2", "--model", model_, "--records", records_, "--records-size",
                               "4096", "--camera", pictures_, "--allow-degraded"});
    return more;
  }

  // One part; false if its record is not complete within 10 s.
  bool part(std::uint64_t number) const {
    chip_->pull(0, true);
    const bool handled = within_seconds(10, [&] { return header().written == number; });
    chip_->pull(0, false);
    return handled;
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.write("m.onnx", bytes_of(brightness_model()));
  std::string records_ = folder_.write("records", std::string(4096, '\0'));
  std::string pictures_ = [this] {
    fs::create_directory(folder_ / "pictures");
    folder_.write("pictures/1.pgm", "P5 160 160 255\n" + std::string(160 * 160, '\xe0'));
    folder_.write("pictures/2.pgm", "P5 160 160 255\n" + std::string(160 * 160, '\x10'));
    return folder_ / "pictures";
  }();
  std::optional<SimulatedChip> chip_;
};

TEST_F(Gpio, TheProgramDecidesEachPart) {
  const ReadySocket ready(folder_ / "ready");
  ProgramRun program(arguments(), {ready.variable()});
  ASSERT_TRUE(ready.wait()) << program.end(0).error;
  EXPECT_EQ(header().magic, records_magic);
  for (std::uint64_t number = 1; number <= 6; ++number) {
    ASSERT_TRUE(part(number)) << number;
    EXPECT_EQ(chip_->value(2), number % 2 == 1) << "the verdict of part " << number;
    EXPECT_FALSE(chip_->value(1)) << "valid has been lowered";
  }
  program.send(SIGTERM);
  const ProgramEnd end = program.end();
  EXPECT_EQ(end.exit_status, 0) << end.error;
  const auto json = nlohmann::json::parse(end.out);
  EXPECT_EQ(json["events"], 6);
  EXPECT_EQ(json["ok"], 3);
  EXPECT_EQ(json["ng"], 3);
  EXPECT_EQ(json["overruns"], 0);
  if (json["degraded"] == false) {
    EXPECT_EQ(json["policy_read_back"], "fifo");
    EXPECT_EQ(json["priority_read_back"], 80);
    EXPECT_EQ(json["minor_faults"], 0);
    EXPECT_EQ(json["major_faults"], 0);
  }
}

TEST_F(Gpio, LinesThatCannotBeHadAreNamed) {
  PinOptions options{.chip = SimulatedChip::label(), .arrival = 0, .valid = 1, .verdict = 9};
  EXPECT_EQ(open_pins(options).error().what, "line 9 of loopgate-test is not there: it has 8 lines");
  options.verdict = 1;
  EXPECT_EQ(open_pins(options).error().what, "arrival, valid and verdict must be three different lines");
  options.verdict = 2;
  const Result<GpioPins> pins = open_pins(options);
  ASSERT_TRUE(pins) << pins.error().what;
  EXPECT_EQ(open_pins(options).error().what, "line 0 of loopgate-test is in use by \"arrival\"");
  EXPECT_EQ(open_pins(options).error().exit_status, target::exit_no_line);
}

}  // namespace
}  // namespace loopgate::inspection
