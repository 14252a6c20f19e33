#include "target/probe/tracefs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "target/output.h"
#include "target/probe/trace_format.h"

namespace loopgate {
namespace {

using RefusalKind = TraceRefusal::Kind;
using Done = tl::expected<void, TraceRefusal>;

constexpr const char* lockdown_file = "/sys/kernel/security/lockdown";
constexpr const char* clock_of_records = "mono";  // CLOCK_MONOTONIC, of all CPUs

struct WantedEvent {
  const char* system;
  const char* name;
};

// Those that are followed, and what shows who else took the CPU.
constexpr std::array<WantedEvent, 7> wanted_events = {{{"irq", "irq_handler_entry"},
                                                       {"irq", "irq_handler_exit"},
                                                       {"irq", "softirq_entry"},
                                                       {"irq", "softirq_exit"},
                                                       {"sched", "sched_waking"},
                                                       {"sched", "sched_switch"},
                                                       {"gpio", "gpio_value"}}};

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenFile& operator=(OpenFile&&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string contents_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// 0, or errno. What is there is written over; nothing is made.
int put(const std::string& path, std::string_view text) {
  const OpenFile file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file.get() >= 0 && target::write_all(file.get(), text) ? 0 : errno;
}

tl::unexpected<TraceRefusal> refused(RefusalKind kind, std::string what, int error = 0) {
  TraceRefusal refusal{kind, std::move(what), error, "", ::geteuid() == 0};
  std::getline(std::ifstream(lockdown_file), refusal.lockdown);
  return tl::unexpected<TraceRefusal>(std::move(refusal));
}

// Behind the key, up to the line's end: "overrun: 12".
std::uint64_t number_behind(std::string_view text, std::string_view key) {
  const std::size_t begin = text.find(key);
  if (begin == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  const char* from = text.data() + begin + key.size();
  std::from_chars(from, text.data() + text.size(), number);
  return number;
}

}  // namespace

std::uint64_t lost_events(std::string_view stats) {
  // "commit overrun", which is counted there, too, is of interrupts within interrupts.
  return number_behind(stats, "\noverrun: ") + number_behind(stats, "commit overrun: ") +
         number_behind(stats, "dropped events: ");
}

struct TraceSession::Parts {
  std::string place;
  std::string instance;  // empty until it is made
  std::size_t page_size = 0;
  std::string header_page;
  std::string header_event;
  std::array<std::string, wanted_events.size()> formats;
  TraceTexts texts;
  std::vector<OpenFile> cpus;

  ~Parts() {
    cpus.clear();
    if (!instance.empty()) ::rmdir(instance.c_str());
  }
  Done find_tracefs();
  Done read_formats();
  Done make_instance();
  Done set_up(std::size_t buffer_kb);
  Done open_cpus();
  Done begin();
  std::string cpu_folder(std::size_t cpu) const { return instance + "/per_cpu/cpu" + std::to_string(cpu); }
};

Done TraceSession::Parts::find_tracefs() {
  const std::string events = place + "/events/header_page";
  if (place == tracefs_place && ::access(events.c_str(), F_OK) != 0)
    ::mount("tracefs", place.c_str(), "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  if (::access(events.c_str(), F_OK) != 0)
    return errno == EACCES || errno == EPERM ? refused(RefusalKind::refused, place, errno)
                                             : refused(RefusalKind::no_tracefs, place);
  if (::access(events.c_str(), R_OK) != 0) return refused(RefusalKind::refused, events, errno);
  return {};
}

Done TraceSession::Parts::read_formats() {
  header_page = contents_of(place + "/events/header_page");
  header_event = contents_of(place + "/events/header_event");
  const auto page = TraceFormat::parse(header_page);
  const TraceField* used = page ? page->find("commit") : nullptr;
  const TraceField* data = page ? page->find("data") : nullptr;
  if (used == nullptr || data == nullptr || used->offset != 8 || used->size != 8 ||
      data->offset != trace_page_head)
    return header_page.empty() ? refused(RefusalKind::refused, place + "/events/header_page", EPERM)
                               : refused(RefusalKind::other_pages, "events/header_page");
  page_size = data->offset + data->size;
  for (std::size_t i = 0; i < wanted_events.size(); ++i) {
    const auto& [system, name] = wanted_events[i];
    formats[i] = contents_of(place + "/events/" + system + "/" + name + "/format");
    if (formats[i].empty()) return refused(RefusalKind::no_event, std::string(system) + ":" + name);
  }
  texts = {formats[0], formats[4], formats[5], formats[6]};
  return {};
}

// Names are in the switches: to keep them besides costs each switch and each wake-up some time. An instance
// takes that from the whole of tracefs when it is made, and for that moment alone it is switched off.
class WithoutNames {
 public:
  explicit WithoutNames(const std::string& place) : option_(place + "/options/record-cmd") {
    if (contents_of(option_).starts_with('1')) was_on_ = put(option_, "0") == 0;
  }
  ~WithoutNames() {
    if (was_on_) put(option_, "1");
  }
  WithoutNames(const WithoutNames&) = delete;
  WithoutNames& operator=(const WithoutNames&) = delete;

 private:
  std::string option_;
  bool was_on_ = false;
};

// One that an earlier probe left, which was killed, is removed.
Done TraceSession::Parts::make_instance() {
  const std::string wanted = place + "/instances/loopgate";
  if (::rmdir(wanted.c_str()) != 0 && errno == EBUSY) return refused(RefusalKind::in_use, wanted);
  const WithoutNames names(place);
  if (::mkdir(wanted.c_str(), 0700) != 0)
    return errno == ENOMEM ? refused(RefusalKind::no_room, "an instance")
                           : refused(RefusalKind::refused, wanted, errno);
  instance = wanted;
  return {};
}

Done TraceSession::Parts::set_up(std::size_t buffer_kb) {
  const auto set = [&](const std::string& file, const std::string& value) {
    const int error = put(instance + "/" + file, value);
    if (error == 0) return Done();
    return Done(error == ENOMEM ? refused(RefusalKind::no_room, std::to_string(buffer_kb) + " KB a CPU")
                                : refused(RefusalKind::refused, file, error));
  };
  if (auto done = set("tracing_on", "0"); !done) return done;
  if (auto done = set("trace_clock", clock_of_records); !done) return done;
  if (auto done = set("buffer_size_kb", std::to_string(buffer_kb)); !done) return done;
  for (const auto& [system, name] : wanted_events)
    if (auto done = set(std::string("events/") + system + "/" + name + "/enable", "1"); !done) return done;
  return set("tracing_on", "1");
}

Done TraceSession::Parts::open_cpus() {
  for (std::size_t cpu = 0;; ++cpu) {
    if (::access(cpu_folder(cpu).c_str(), F_OK) != 0) break;
    const std::string pipe = cpu_folder(cpu) + "/trace_pipe_raw";
    cpus.emplace_back(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (cpus.back().get() < 0) return refused(RefusalKind::refused, pipe, errno);
  }
  return cpus.empty() ? Done(refused(RefusalKind::other_pages, "per_cpu")) : Done();
}

// Sleeping makes a switch.
Done TraceSession::Parts::begin() {
  ::poll(nullptr, 0, 20);
  for (std::size_t cpu = 0; cpu < cpus.size(); ++cpu)
    if (number_behind(contents_of(cpu_folder(cpu) + "/stats"), "entries: ") > 0) return {};
  return refused(RefusalKind::nothing_comes, "");
}

TraceSession::TraceSession(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TraceSession::~TraceSession() {
  if (parts_) stop();
}
TraceSession::TraceSession(TraceSession&&) noexcept = default;

tl::expected<TraceSession, TraceRefusal> TraceSession::start(std::size_t buffer_kb,
                                                             const std::string& place) {
  auto parts = std::make_unique<Parts>();
  parts->place = place;
  const Done done = parts->find_tracefs()
                        .and_then([&] { return parts->read_formats(); })
                        .and_then([&] { return parts->make_instance(); })
                        .and_then([&] { return parts->set_up(buffer_kb); })
                        .and_then([&] { return parts->open_cpus(); })
                        .and_then([&] { return parts->begin(); });
  if (!done) return tl::unexpected<TraceRefusal>(done.error());
  return TraceSession(std::move(parts));
}

bool TraceSession::fetch(const OnPage& on_page) {
  std::string page(parts_->page_size, '\0');
  for (std::size_t cpu = 0; cpu < parts_->cpus.size(); ++cpu) {
    while (true) {
      const ssize_t got = ::read(parts_->cpus[cpu].get(), page.data(), page.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno != EAGAIN) return false;
      if (got <= 0) break;
      if (static_cast<std::size_t>(got) != page.size()) return false;
      on_page(cpu, page);
    }
  }
  return true;
}

void TraceSession::stop() { put(parts_->instance + "/tracing_on", "0"); }

std::uint64_t TraceSession::lost() const {
  std::uint64_t lost = 0;
  for (std::size_t cpu = 0; cpu < parts_->cpus.size(); ++cpu)
    lost += lost_events(contents_of(parts_->cpu_folder(cpu) + "/stats"));
  return lost;
}

const TraceTexts& TraceSession::texts() const { return parts_->texts; }

TraceDatParts TraceSession::parts() const {
  TraceDatParts parts;
  parts.page_size = parts_->page_size;
  parts.header_page = parts_->header_page;
  parts.header_event = parts_->header_event;
  for (std::size_t i = 0; i < wanted_events.size(); ++i)
    parts.formats[wanted_events[i].system].push_back(parts_->formats[i]);
  return parts;
}

}  // namespace loopgate
