#include "board/testing/local_sshd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "base/process.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
constexpr const char* sshd = "/usr/sbin/sshd";  // it wants to be called by its whole path
constexpr std::chrono::seconds ample{20};

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

bool listens(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool there = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  ::close(fd);
  return there;
}

void make_key(const fs::path& file) {
  fs::remove(file);
  fs::remove(file.string() + ".pub");
  const auto made =
      run_program({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file.string()}, ample);
  EXPECT_TRUE(made && made->exit_status == 0);
}

std::vector<int> children_of(int pid) {
  std::vector<int> all;
  const std::string task = std::to_string(pid);
  std::istringstream children(text_of_file("/proc/" + task + "/task/" + task + "/children"));
  for (int child = 0; children >> child;) {
    all.push_back(child);
    for (const int grandchild : children_of(child)) all.push_back(grandchild);
  }
  return all;
}

}  // namespace

std::string LocalSshd::missing() {
  if (::access(sshd, X_OK) != 0) return "there is no sshd here: openssh-server";
  if (find_program("ssh").empty() || find_program("ssh-keygen").empty()) return "there is no ssh here";
  // As root it insists on its folder, which the service makes.
  if (::getuid() == 0 && ::mkdir("/run/sshd", 0755) != 0 && errno != EEXIST) return "/run/sshd can't be made";
  return {};
}

LocalSshd::LocalSshd() : port_(free_port()) {
  make_key(folder_.path() / "user_key");
  fs::copy_file(folder_.path() / "user_key.pub", folder_.path() / "authorized_keys");
  make_key(folder_.path() / "host_key");
  const std::string at = folder_.path().string();
  folder_.write("sshd_config", "Port " + std::to_string(port_) + "\nListenAddress 127.0.0.1\nHostKey " + at +
                                   "/host_key\nAuthorizedKeysFile " + at +
                                   "/authorized_keys\nStrictModes no\nUsePAM no\nPidFile none\n"
                                   "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                                   "PermitRootLogin yes\nPrintMotd no\n");
  const passwd* user = ::getpwuid(::getuid());
  folder_.write("ssh_config", "Host board\n  HostName 127.0.0.1\n  Port " + std::to_string(port_) +
                                  "\n  User " + (user != nullptr ? user->pw_name : "root") +
                                  "\n  IdentityFile " + at +
                                  "/user_key\n  IdentitiesOnly yes\n  UserKnownHostsFile " + at +
                                  "/known_hosts\n  GlobalKnownHostsFile /dev/null\n");
  folder_.write("known_hosts",
                "[127.0.0.1]:" + std::to_string(port_) + " " + text_of_file(folder_.path() / "host_key.pub"));
  start();
}

LocalSshd::~LocalSshd() { stop(); }

LabBoard LocalSshd::lab() const {
  LabBoard lab;
  lab.name = "local";
  lab.ssh = "board";
  lab.ssh_config = folder_.path() / "ssh_config";
  return lab;
}

void LocalSshd::start() {
  const std::string config = (folder_.path() / "sshd_config").string();
  const std::string log = (folder_.path() / "sshd.log").string();
  std::vector<std::string> words = {sshd, "-D", "-f", config, "-E", log};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ASSERT_EQ(::posix_spawn(&pid_, sshd, nullptr, nullptr, argv.data(), environ), 0);
  for (int i = 0; i < 500 && !listens(port_); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_TRUE(listens(port_)) << text_of_file(log);
}

void LocalSshd::stop() {
  if (pid_ < 0) return;
  const std::vector<int> sessions = children_of(pid_);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  for (const int session : sessions) ::kill(session, SIGKILL);
  pid_ = -1;
}

void LocalSshd::signal_sessions(int signal) const {
  for (const int session : children_of(pid_)) ::kill(session, signal);
}

void LocalSshd::change_host_key() {
  stop();
  make_key(folder_.path() / "host_key");
  start();
}

}  // namespace loopgate
