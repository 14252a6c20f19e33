#include "target/probe/trace_stimuli.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "target/output.h"
#include "target/probe/collector.h"
#include "target/probe/findings.h"
#include "target/probe/trace_follower.h"
#include "target/probe/trace_keeper.h"
#include "target/probe/tracefs.h"
#include "target/service.h"

namespace loopgate {
namespace {

constexpr int look_at_trace_ms = 50;  // 4 MB a CPU are 80 MB of events a second then

int tell(const std::string& what, int exit_status) {
  std::fprintf(stderr, "probe: %s\n", what.c_str());
  return exit_status;
}

std::set<std::int32_t> threads_of(pid_t process) {
  std::set<std::int32_t> threads;
  std::error_code ended;
  const std::string folder = "/proc/" + std::to_string(process) + "/task";
  for (std::filesystem::directory_iterator entry(folder, ended), end; !ended && entry != end;
       entry.increment(ended))
    threads.insert(std::atoi(entry->path().filename().c_str()));
  return threads;
}

// From pages to records: events of several CPUs are put in the order of their times.
class Reading {
 public:
  Reading(TraceEvents events, TraceTarget target, const TraceOrder& order)
      : events_(std::move(events)),
        follower_(std::move(target)),
        keeper_(order.pages),
        collector_(order.records),
        warm_up_(order.warm_up) {}

  // False when the trace cannot be read.
  bool read(TraceSession* session) {
    // An event of before is in its CPU's buffer; one that comes while the others are read waits for them.
    const std::int64_t until_ns = now_ns();
    bool whole = true;
    const bool fetched = session->fetch(
        [&](std::size_t cpu, std::string bytes) { whole = take_page(cpu, std::move(bytes)) && whole; });
    follow(until_ns);
    keeper_.forget_before(follower_.pending_since_ns().value_or(until_ns));
    return fetched && whole;
  }

  void finish(const TraceSession& session, Findings* findings) {
    findings->events = seen_;
    findings->damaged = collector_.damaged();
    findings->stimuli = follower_.stimuli();
    findings->unfinished = follower_.unfinished();
    findings->lost = session.lost() + collector_.beyond();
    for (const KeptStimulus& kept : keeper_.kept())
      findings->traced.push_back({kept.record, kept.pages.size(), kept.cut});
  }

  std::vector<ProbeRecord> take_records() { return collector_.take_records(); }
  std::uint64_t damaged() const { return collector_.damaged(); }
  // A pid and its name a line, of the tasks that the trace speaks of. The readers have a name of their own
  // for the idle task.
  std::string command_lines() const {
    std::map<std::int32_t, std::string> names;
    for (const KeptStimulus& kept : keeper_.kept()) {
      for (const auto& page : kept.pages) {
        const auto parsed = parse_page(page->bytes);
        for (const PageEvent& event : parsed->events) events_.add_names(event, &names);
      }
    }
    std::string lines;
    for (auto& [pid, name] : names) {
      std::ranges::replace(name, '\n', '?');
      if (pid != 0) lines += std::to_string(pid) + " " + name + "\n";
    }
    return lines;
  }

  std::vector<std::string> pages() const { return keeper_.pages(); }

 private:
  bool take_page(std::size_t cpu, std::string bytes) {
    const auto page = parse_page(bytes);
    if (!page) return false;
    if (page->follows_loss) waiting_.push_back({TraceEvent::Kind::loss, page->begin_ns, 0, 0, false});
    for (const PageEvent& event : page->events)
      if (const auto said = events_.read(event)) waiting_.push_back(*said);
    seen_ += page->events.size();
    keeper_.add(cpu, *page, std::move(bytes));
    return true;
  }

  void follow(std::int64_t until_ns) {
    std::ranges::stable_sort(waiting_, {}, &TraceEvent::at_ns);
    const auto later = std::ranges::upper_bound(waiting_, until_ns, {}, &TraceEvent::at_ns);
    for (auto event = waiting_.begin(); event != later; ++event) {
      const auto record = follower_.take(*event);
      if (!record) continue;
      collector_.take(&*record, sizeof(*record));
      if (can_be(*record) && record->number > warm_up_) keeper_.offer(*record);
    }
    waiting_.erase(waiting_.begin(), later);
  }

  TraceEvents events_;
  TraceFollower follower_;
  TraceKeeper keeper_;
  Collector collector_;
  std::uint64_t warm_up_;
  std::vector<TraceEvent> waiting_;
  std::uint64_t seen_ = 0;
};

bool read_until_told(TraceSession* session, Reading* reading) {
  while (target::stop_requested == 0) {
    ::poll(nullptr, 0, look_at_trace_ms);
    if (!reading->read(session)) return false;
  }
  session->stop();
  return reading->read(session);
}

int leave(const TraceSession& session, const TraceOrder& order, Reading* reading) {
  Findings findings;
  findings.transport = ProbeTransport::ftrace;
  findings.irq = order.irq;
  reading->finish(session, &findings);
  const ClockPair clocks = read_clock_pair();
  const std::vector<ProbeRecord> records = reading->take_records();
  findings.damaged = reading->damaged();
  TraceDatParts parts = session.parts();
  parts.told_by = "loopgate probe: the longest stimuli of " + std::to_string(findings.stimuli);
  parts.command_lines = reading->command_lines();
  parts.pages = reading->pages();
  for (const auto& [file, bytes] :
       {std::pair{&order.trace, trace_dat_of(parts)}, {&order.out, file_of(findings, clocks, records)}}) {
    if (!target::write_whole(*file, bytes))
      return tell(*file + " cannot be written: " + std::strerror(errno), target::exit_broken);
  }
  std::printf("%s\n", to_json(findings).c_str());
  return target::exit_good;
}

}  // namespace

int trace_stimuli(const TraceOrder& order) {
  auto session = TraceSession::start(order.buffer_kb);
  if (!session) return tell(sentence_of(session.error()), target::exit_not_applicable);
  auto events = TraceEvents::of(session->texts());
  if (!events) {
    const TraceRefusal refusal{TraceRefusal::Kind::other_pages, "the fields of an event"};
    return tell(sentence_of(refusal), target::exit_not_applicable);
  }
  Reading reading(std::move(*events), {order.irq, order.thread, threads_of(order.payload)}, order);
  target::end_on_signals();
  if (!target::notify_ready()) return tell("READY=1 could not be sent", target::exit_broken);
  if (!read_until_told(&*session, &reading))
    return tell("the kernel's trace cannot be read any more", target::exit_broken);
  return leave(*session, order, &reading);
}

}  // namespace loopgate
