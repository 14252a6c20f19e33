#include "board/console_log.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/process.h"
#include "base/testing/temp_folder.h"
#include "board/console_port.h"
#include "board/testing/local_sshd.h"

namespace loopgate::console_log_test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// A board's console on a TCP port, which comes and goes with its power.
class Port {
 public:
  explicit Port(int number = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(number));
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    number_ = ntohs(address.sin_port);
  }
  ~Port() {
    if (client_ >= 0) ::close(client_);
    ::close(fd_);
  }
  int number() const { return number_; }
  std::string place(const std::string& scheme = "tcp") const {
    return scheme + ":127.0.0.1:" + std::to_string(number_);
  }
  // What the other side has sent; waits for it.
  std::string heard(std::size_t size) {
    std::string text(size, 0);
    EXPECT_EQ(::recv(client_, text.data(), size, MSG_WAITALL), static_cast<ssize_t>(size));
    return text;
  }
  void say(const std::string& text) {
    if (client_ < 0) client_ = ::accept(fd_, nullptr, nullptr);
    ASSERT_EQ(::send(client_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }

 private:
  int fd_ = -1;
  int client_ = -1;
  int number_ = 0;
};

// The log is another thread's: what it has heard is there soon. An end that never comes is a failure of its
// own.
std::string text_with(const ConsoleLog& log, const std::string& end) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::string text = log.text();
  while (!text.ends_with(end) && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    text = log.text();
  }
  EXPECT_TRUE(text.ends_with(end)) << "the log does not end with '" << end << "' after 10 s";
  return text;
}

std::unique_ptr<ConsoleLog> opened(const std::string& place) {
  auto log = ConsoleLog::open(place, 115200);
  EXPECT_TRUE(log) << log.error().what;
  return log ? std::move(*log) : nullptr;
}

TEST(ConsoleLog, KeepsWhatAPortSays) {
  const TempFolder folder;
  Port port;
  const auto log = opened(port.place());
  ASSERT_TRUE(log->begin(folder.path() / "console.log"));
  port.say("[    0.0] Booting Linux\n");
  EXPECT_EQ(text_with(*log, "Linux\n"), "[    0.0] Booting Linux\n");
}

// As labgrid's exporters that stand alone in their network: what listens there is reached from the exporter.
TEST(ConsoleLog, IsHeardThroughAProxy) {
  if (const std::string missing = LocalSshd::missing(); !missing.empty()) GTEST_SKIP() << missing;
  const TempFolder folder;
  const LocalSshd sshd;
  Port port;
  const SshProxy proxy{"board", sshd.lab().ssh_config};
  const auto log = ConsoleLog::open(port.place("rfc2217"), 115200, proxy);
  ASSERT_TRUE(log) << log.error().what;
  ASSERT_TRUE((*log)->begin(folder.path() / "console.log"));
  port.say("\xff\xfb\x03[    0.0] Booting Linux\n");
  EXPECT_EQ(text_with(**log, "Linux\n"), "[    0.0] Booting Linux\n");
  EXPECT_EQ(port.heard(3), "\xff\xfd\x03") << "the server hears the answers, too";
}

TEST(ConsolePort, ThatItsProxyDoesNotReachIsAnError) {
  if (const std::string missing = LocalSshd::missing(); !missing.empty()) GTEST_SKIP() << missing;
  const LocalSshd sshd;
  auto port = parse_console_port("tcp:127.0.0.1:" + std::to_string(Port().number()), 115200);
  ASSERT_TRUE(port);
  port->proxy = SshProxy{"board", sshd.lab().ssh_config};
  const auto nobody_listens = open_console_port(*port, 8000);
  ASSERT_FALSE(nobody_listens);
  EXPECT_THAT(nobody_listens.error().what, HasSubstr("is not reached through board"));
  EXPECT_THAT(nobody_listens.error().next_step, HasSubstr("ssh -F"));
  port->proxy->host = "nobody.invalid";
  EXPECT_EQ(open_console_port(*port, 8000).error().kind, ErrorKind::infrastructure);
}

TEST(ConsoleLog, GoesOnAfterThePowerWasCut) {
  const TempFolder folder;
  auto port = std::make_unique<Port>();
  const int number = port->number();
  const auto log = opened(port->place());
  ASSERT_TRUE(log->begin(folder.path() / "console.log"));
  port->say("before\n");
  EXPECT_EQ(text_with(*log, "before\n"), "before\n");
  EXPECT_EQ(log->disconnects(), 0U);
  port.reset();
  Port again(number);
  again.say("after\n");
  EXPECT_EQ(text_with(*log, "after\n"), "before\nafter\n");
  EXPECT_EQ(log->disconnects(), 1U);
}

TEST(ConsoleLog, WaitsForAPortThatIsNotThereYet) {
  const TempFolder folder;
  const int number = Port().number();
  const auto log = opened("tcp:127.0.0.1:" + std::to_string(number));
  ASSERT_TRUE(log->begin(folder.path() / "console.log"));
  Port port(number);
  port.say("here\n");
  EXPECT_EQ(text_with(*log, "here\n"), "here\n");
}

TEST(ConsoleLog, BetweenTwoCellsBelongsToTheNext) {
  const TempFolder folder;
  Port port;
  const auto log = opened(port.place());
  ASSERT_TRUE(log->begin(folder.path() / "first.log"));
  port.say("first\n");
  EXPECT_EQ(text_with(*log, "first\n"), "first\n");
  log->end();
  port.say(std::string(300'000, 'x') + "Kernel panic\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  ASSERT_TRUE(log->begin(folder.path() / "second.log"));
  EXPECT_THAT(text_with(*log, "Kernel panic\n"), HasSubstr("xKernel panic\n"));
  EXPECT_EQ(text_of_file(folder.path() / "first.log"), "first\n");
}

TEST(ConsoleLog, OfABoardThatPrintsWithoutEndIsCutOff) {
  const TempFolder folder;
  Port port;
  const auto log = opened(port.place());
  ASSERT_TRUE(log->begin(folder.path() / "console.log"));
  std::thread([&] {
    const std::string much(1 << 20, 'y');
    for (int i = 0; i < 20; ++i) port.say(much);
  }).join();
  EXPECT_THAT(text_with(*log, "output is omitted]\n"), StartsWith("yyyy"));
  EXPECT_LT(std::filesystem::file_size(folder.path() / "console.log"), 17U << 20U);
}

TEST(ConsoleLog, EndsAtOnceWhetherThePortIsThereOrNot) {
  const auto start = std::chrono::steady_clock::now();
  {
    Port port;
    const auto there = opened(port.place());
    const auto away = opened("tcp:127.0.0.1:1");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(ConsoleLog, ReadsAPortThatSpeaksTelnet) {
  const TempFolder folder;
  Port port;
  const auto log = opened(port.place("rfc2217"));
  ASSERT_TRUE(log->begin(folder.path() / "console.log"));
  port.say("\xff\xfb\x03\xff\xfd");
  port.say("\x2cKernel panic \xff\xff\n");
  EXPECT_EQ(text_with(*log, "\n"), "Kernel panic \xff\n");
  EXPECT_EQ(port.heard(6), "\xff\xfd\x03\xff\xfc\x2c")
      << "go-aheads are not wanted, the port is not controlled";
  EXPECT_EQ(log->disconnects(), 0U);
}

// The server that labgrid's exporters start for a serial port, and most others who forward one.
class Ser2net {
 public:
  Ser2net(const std::filesystem::path& folder, const std::string& device, int port) {
    const std::filesystem::path settings = folder / "ser2net.yaml";
    std::ofstream(settings) << "connection: &board\n  accepter: telnet(rfc2217),tcp,127.0.0.1," << port
                            << "\n  connector: serialdev(nouucplock=true)," << device << ",115200n81,local\n";
    const std::string program = find_program("ser2net");
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ != 0) return;
    end_with(parent);
    ::execl(program.c_str(), program.c_str(), "-n", "-u", "-c", settings.c_str(), nullptr);
    ::_exit(127);
  }
  ~Ser2net() { end_child(child_); }

 private:
  pid_t child_ = -1;
};

TEST(ConsoleLog, ReadsAPortThatSer2netServes) {
  if (find_program("ser2net").empty()) GTEST_SKIP() << "ser2net is not installed";
  const TempFolder folder;
  const int board = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(board, 0);
  ASSERT_EQ(::grantpt(board), 0);
  ASSERT_EQ(::unlockpt(board), 0);
  int number = 0;
  {
    const Port free;
    number = free.number();
  }
  const Ser2net server(folder.path(), ::ptsname(board), number);
  const auto log = opened("rfc2217:127.0.0.1:" + std::to_string(number));
  ASSERT_TRUE(log->begin(folder.path() / "console.log"));
  // What was said before the server listened, and this reader had come, is lost: it is said again.
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (log->text().empty() && std::chrono::steady_clock::now() < limit) {
    ASSERT_GT(::write(board, "booting\n", 8), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const std::string panic("\xff\r100 %\r\nKernel panic - not syncing\n");
  ASSERT_EQ(::write(board, panic.data(), panic.size()), static_cast<ssize_t>(panic.size()));
  std::string text = text_with(*log, "not syncing\n");
  EXPECT_THAT(text, EndsWith(panic));
  text.resize(text.size() - std::min(text.size(), panic.size()));
  EXPECT_THAT(text, MatchesRegex("(booting\n)+")) << "nothing of telnet's is in it";
  EXPECT_EQ(log->disconnects(), 0U);
  ::close(board);
}

// A pseudo-terminal is a serial device, as far as termios goes.
TEST(ConsoleLog, ReadsASerialDeviceRaw) {
  const TempFolder folder;
  const int board = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(board, 0);
  ASSERT_EQ(::grantpt(board), 0);
  ASSERT_EQ(::unlockpt(board), 0);
  const auto log = opened(::ptsname(board));
  ASSERT_TRUE(log->begin(folder.path() / "console.log"));
  const std::string text("a\rb\n\x03\x04\xffz\n", 9);
  ASSERT_EQ(::write(board, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  EXPECT_EQ(text_with(*log, "z\n"), text) << "no byte is taken for a command, none is echoed";
  ::close(board);
}

TEST(ConsoleLog, OfADeviceThatIsNotThereIsAnError) {
  const auto missing = ConsoleLog::open("/dev/loopgate-no-such-port", 115200);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(missing.error().what, HasSubstr("/dev/loopgate-no-such-port: No such file"));
  EXPECT_THAT(ConsoleLog::open("/dev/null", 115200).error().next_step, HasSubstr("serial port"));
}

TEST(ConsolePort, IsADeviceOrATcpPort) {
  EXPECT_EQ(parse_console_port("/dev/ttyUSB0", 1500000)->device, "/dev/ttyUSB0");
  const auto tcp = parse_console_port("tcp:bench-2:4001", 0);
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->host, "bench-2");
  EXPECT_EQ(tcp->port, "4001");
  EXPECT_FALSE(tcp->is_telnet);
  EXPECT_EQ(parse_console_port("tcp:[::1]:7", 0)->host, "::1");
  const auto telnet = parse_console_port("rfc2217:[::1]:4001", 0);
  ASSERT_TRUE(telnet);
  EXPECT_TRUE(telnet->is_telnet);
  EXPECT_EQ(telnet->host, "::1");
  EXPECT_EQ(telnet->port, "4001");
  for (const char* bad :
       {"", "ttyUSB0", "tcp:", "tcp:host", "tcp:host:", "tcp::1", "tcp:host:0", "tcp:host:65536",
        "tcp:host:x", "udp:host:1", "rfc2217:", "rfc2217:host", "rfc2217::1"}) {
    const auto refused = parse_console_port(bad, 115200);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  }
  EXPECT_FALSE(parse_console_port("/dev/ttyUSB0", 12345));
}

}  // namespace
}  // namespace loopgate::console_log_test
