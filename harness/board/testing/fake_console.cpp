#include "board/testing/fake_console.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace loopgate {

FakeConsole::FakeConsole(const std::filesystem::path& fifo) : stop_(::eventfd(0, EFD_CLOEXEC)) {
  EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // Open for both, so that no writer waits for a reader or is the last one.
  fifo_ = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  std::array<char, 64> name{};
  int device = -1;
  EXPECT_EQ(::openpty(&end_, &device, name.data(), nullptr, nullptr), 0);
  device_ = name.data();
  ::fcntl(end_, F_SETFD, FD_CLOEXEC);
  ::close(device);
  thread_ = std::thread([this] { forward(); });
}

FakeConsole::~FakeConsole() {
  const std::uint64_t one = 1;
  EXPECT_EQ(::write(stop_, &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
  thread_.join();
  for (const int fd : {fifo_, end_, stop_}) ::close(fd);
}

void FakeConsole::forward() const {
  std::array<char, 4096> chunk{};
  for (;;) {
    std::array<pollfd, 2> watched{{{fifo_, POLLIN, 0}, {stop_, POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return;
    const ssize_t size = ::read(fifo_, chunk.data(), chunk.size());
    if (size <= 0 || ::write(end_, chunk.data(), static_cast<std::size_t>(size)) != size) return;
  }
}

}  // namespace loopgate
