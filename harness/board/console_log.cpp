#include "board/console_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/cannot_write.h"
#include "base/file.h"
#include "board/console_port.h"
#include "board/telnet_reader.h"
#include "record/console.h"

namespace loopgate {
namespace {

constexpr std::size_t pending_max = 256U << 10U;
constexpr std::size_t file_max = 16U << 20U;
constexpr std::string_view left_out = "\n[the rest of the console output is omitted]\n";
constexpr int connect_limit_ms = 1000;
constexpr int again_after_ms = 500;  // retry for a port whose board has no power yet

}  // namespace

// The reading thread, and the state that it shares with its owner.
struct ConsoleLog::Reader {
  explicit Reader(ConsolePort where) : port(std::move(where)), stop_fd(::eventfd(0, EFD_CLOEXEC)) {}
  ~Reader() {
    stopping = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t woken = ::write(stop_fd, &one, sizeof(one));
    if (thread.joinable()) thread.join();
    for (const int fd : {stop_fd, file})
      if (fd >= 0) ::close(fd);
  }

  void run() {
    std::array<char, 4096> chunk{};
    while (!stopping) {
      if (!line.is_open() && !reopen()) continue;
      std::array<pollfd, 2> watched{{{line.fd(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
      ::poll(watched.data(), watched.size(), -1);
      if (watched[0].revents == 0) continue;
      const ssize_t size = ::read(line.fd(), chunk.data(), chunk.size());
      if (size > 0) {
        heard = true;
        take(of_console({chunk.data(), static_cast<std::size_t>(size)}));
      } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        lose();
      }
    }
  }
  // The port was closed, or the device unplugged. A port that closes each connection at once is in use by
  // another reader; that tells nothing about the board.
  void lose() {
    line.close();
    if (heard) ++disconnects;
    heard = false;
    pause();
  }
  bool reopen() {
    auto opened = open_console_port(port, connect_limit_ms);
    if (!opened) {
      pause();
      return false;
    }
    line = std::move(*opened);
    telnet = {};
    return true;
  }
  // Waits until the next try is due, or the log is closed.
  void pause() const {
    pollfd watched{stop_fd, POLLIN, 0};
    ::poll(&watched, 1, again_after_ms);
  }
  // What is the console's of the bytes that came. An answer that the server does not take is no loss: it
  // sends the console's output all the same.
  std::string of_console(std::string_view bytes) {
    if (!port.is_telnet) return std::string(bytes);
    auto [text, answer] = telnet.take(bytes);
    if (!answer.empty()) ::send(line.fd(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return std::move(text);
  }
  void take(std::string_view text) {
    const std::lock_guard guard(mutex);
    if (file >= 0) {
      write(text);
      return;
    }
    pending += text;
    if (pending.size() > pending_max) pending.erase(0, pending.size() - pending_max);
  }
  void write(std::string_view text) {
    if (written >= file_max) return;
    written += text.size();
    append(text);
    if (written >= file_max) append(left_out);
  }
  // A full disk loses console output but does not stop the run.
  void append(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t size = ::write(file, text.data(), text.size());
      if (size <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  const ConsolePort port;
  const int stop_fd;
  std::atomic<bool> stopping{false};
  std::atomic<unsigned> disconnects{0};
  ConsoleLine line;     // the thread's own
  bool heard = false;   // the thread's own: data has arrived since the port was opened
  TelnetReader telnet;  // the thread's own
  mutable std::mutex mutex;
  std::string pending;
  int file = -1;
  std::size_t written = 0;
  std::filesystem::path path;
  std::thread thread;
};

ConsoleLog::ConsoleLog(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
ConsoleLog::~ConsoleLog() = default;

Result<std::unique_ptr<ConsoleLog>> ConsoleLog::open(const std::string& place, int baud,
                                                     std::optional<SshProxy> proxy) {
  auto port = parse_console_port(place, baud);
  if (!port) return tl::unexpected(port.error());
  port->proxy = std::move(proxy);
  auto reader = std::make_unique<Reader>(*port);
  if (reader->stop_fd < 0)
    return fail(ErrorKind::infrastructure,
                fmt::format("cannot create an eventfd for the console: {}", std::strerror(errno)));
  if (!port->device.empty()) {  // a missing device is a mistake; a TCP port may appear with the power
    auto opened = open_console_port(*port, connect_limit_ms);
    if (!opened) return tl::unexpected(opened.error());
    reader->line = std::move(*opened);
  }
  reader->thread = std::thread([raw = reader.get()] { raw->run(); });
  return std::unique_ptr<ConsoleLog>(new ConsoleLog(std::move(reader)));
}

Status ConsoleLog::begin(const std::filesystem::path& file) {
  const std::lock_guard guard(reader_->mutex);
  if (reader_->file >= 0) ::close(reader_->file);
  reader_->file = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (reader_->file < 0) return cannot_write(file, errno);
  reader_->path = file;
  reader_->written = 0;
  reader_->write(reader_->pending);
  reader_->pending.clear();
  return {};
}

void ConsoleLog::mark() {
  const std::lock_guard guard(reader_->mutex);
  if (reader_->file >= 0) reader_->append("\n" + std::string(console_mark) + "\n");
}

void ConsoleLog::end() {
  const std::lock_guard guard(reader_->mutex);
  if (reader_->file >= 0) ::close(reader_->file);
  reader_->file = -1;
}

std::string ConsoleLog::text() const {
  const std::lock_guard guard(reader_->mutex);
  return reader_->path.empty() ? "" : read_file(reader_->path).value_or("");
}

unsigned ConsoleLog::disconnects() const { return reader_->disconnects; }

}  // namespace loopgate
