#include "target/agent/instrument_part.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "protocol/exit_text.h"
#include "target/agent/load_part.h"
#include "target/agent/text_file.h"

namespace loopgate {
namespace {

constexpr std::size_t check_tail = 64U << 10U;
// One that never ends its line is no event.
constexpr std::size_t line_max = 64U << 10U;

std::string why_not_good(const std::string& what, const Child& child) {
  if (exited_well(child.exit())) return {};
  return how_it_ended(what, child);
}

}  // namespace

Status InstrumentPart::start_program(const std::string& name, const std::vector<std::string>& argv,
                                     int output) {
  auto child = Child::start(name, argv, {}, output);
  if (!child) return tl::unexpected(child.error());
  child_ = std::move(*child);
  if (order_.cpu < 0) return {};
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(order_.cpu), &set);
  if (::sched_setaffinity(child_->pid(), sizeof(set), &set) == 0 || errno == ESRCH) return {};
  return fail(ErrorKind::infrastructure,
              "CPU " + std::to_string(order_.cpu) + " can't be had: " + std::strerror(errno));
}

Status InstrumentPart::start_check() { return start_program("check", order_.check_argv, -1); }

std::string InstrumentPart::end_check() {
  report_.check_exit = child_->exit();
  report_.check = last_line(child_->output(check_tail));
  report_.errors = child_->errors(errors_tail);
  return why_not_good("the check of the jumpers", *child_);
}

Status InstrumentPart::start() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(ErrorKind::infrastructure,
                std::string("no pipe for the instrument: ") + std::strerror(errno));
  output_ = Descriptor(ends[0]);
  const Descriptor write_end(ends[1]);
  // The agent reads what is there; the program waits where there is no room.
  ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  measuring_ = true;
  return start_program("instrument", order_.argv, write_end.get());
}

std::string InstrumentPart::why_it_failed() const { return why_not_good("the instrument", *child_); }

bool InstrumentPart::read_lines(const std::function<void(const std::string&)>& on_line) {
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t n = ::read(output_.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    unfinished_.append(chunk.data(), static_cast<std::size_t>(n));
    for (std::size_t end = unfinished_.find('\n'); end != std::string::npos; end = unfinished_.find('\n')) {
      last_line_ = unfinished_.substr(0, end);
      unfinished_.erase(0, end + 1);
      if (on_line) on_line(last_line_);
    }
    if (unfinished_.size() > line_max) unfinished_.clear();
  }
}

InstrumentReport InstrumentPart::report() const {
  InstrumentReport report = report_;
  if (!measuring_) {
    if (child_ && report.check_exit.empty()) report.check_exit = child_->exit();  // it never ended, or died
    return report;
  }
  if (child_) report.exit = child_->exit();
  report.end = last_line_;
  if (child_) report.errors = child_->errors(errors_tail);
  for (const std::string& path : order_.files) {
    if (auto bytes = read_text(path)) report.files[path] = *std::move(bytes);
  }
  return report;
}

}  // namespace loopgate
