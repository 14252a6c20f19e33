#include "target/probe/kernel_probe.h"

#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "target/output.h"
#include "target/probe/findings.h"
#include "target/probe/kernel_session.h"
#include "target/probe/relay.h"
#include "target/service.h"

namespace loopgate {
namespace {

// The kernel counts what the functions take over the first stimuli alone, which are the warm-up's: counting
// costs time itself.
constexpr std::uint64_t costed_stimuli = 32;
constexpr int look_often_ms = 10;  // while it counts, and while one copy takes over from another
constexpr int look_ms = 100;

// Outermost first, without what belongs to the switch and to the probe itself.
std::vector<std::string> stack_of(const ProbeHolder& holder, KernelSession* session) {
  std::vector<std::string> names;
  const auto frames = holder.stack_bytes < 0 ? 0 : static_cast<std::size_t>(holder.stack_bytes) / 8;
  for (std::size_t i = 0; i < frames && i < probe_frames; ++i) {
    std::string name = session->name_of(holder.stack[i] - 1);  // in the call, not behind it
    if (name == "__schedule") names.clear();
    names.insert(names.begin(), std::move(name));
  }
  return names;
}

// A copy of the kernel part.
struct Copy {
  bool takes_over = false;  // it waits for the one before it to go
  std::uint64_t unfinished_before =
      0;  // it took over: of stimuli that the one before saw, or that it saw in part
  std::optional<KernelSession> session;

  std::uint64_t unfinished() { return session->shared().unfinished - unfinished_before; }
};

class KernelProbe {
 public:
  explicit KernelProbe(const KernelOrder& order) : order_(order), relay_(order.records) {
    findings_.transport = order.transport;
    findings_.irq = order.irq;
  }

  // All copies are loaded here: to check and compile one holds a CPU up.
  std::optional<Refusal> start();

  // Until told to end. What went wrong; empty when nothing did.
  std::string collect();

  std::string leave();

 private:
  tl::expected<std::unique_ptr<Copy>, Refusal> load();
  std::string look();
  std::string begin_replacement();
  std::string end_replacement();
  void note_costs();
  bool fetch() { return copy_->session->fetch() && (!later_ || later_->session->fetch()); }
  std::uint64_t stimuli() const { return copy_->session->shared().stimuli + relay_.offset(); }
  bool is_due() const {
    return findings_.replacements.size() < order_.replace_after.size() &&
           stimuli() >= order_.replace_after[findings_.replacements.size()];
  }

  const KernelOrder& order_;
  Relay relay_;
  Findings findings_;
  std::deque<std::unique_ptr<Copy>> loaded_;
  std::unique_ptr<Copy> copy_;   // at work
  std::unique_ptr<Copy> later_;  // that takes over
  ProbeReplacement replacement_{};
  bool costed_ = false;
};

tl::expected<std::unique_ptr<Copy>, Refusal> KernelProbe::load() {
  auto made = std::make_unique<Copy>();
  const auto take = [this, copy = made.get()](const void* data, std::size_t size) {
    (copy->takes_over ? relay_.next() : relay_.current()).take(data, size);
  };
  auto session = KernelSession::load({order_.thread, order_.payload, order_.transport}, take);
  if (!session) return tl::unexpected<Refusal>(session.error());
  made->session.emplace(std::move(*session));
  return made;
}

std::optional<Refusal> KernelProbe::start() {
  for (std::size_t i = 0; i <= order_.replace_after.size(); ++i) {
    auto copy = load();
    if (!copy) return copy.error();
    loaded_.push_back(std::move(*copy));
  }
  copy_ = std::move(loaded_.front());
  loaded_.pop_front();
  return copy_->session->attach(true);
}

void KernelProbe::note_costs() {
  findings_.costs = copy_->session->end_costs();
  findings_.costed = findings_.costs.empty() ? 0 : copy_->session->shared().stimuli;
  costed_ = true;
}

// The copy at work goes on until the new one has seen what it sees.
std::string KernelProbe::begin_replacement() {
  replacement_ = {};
  replacement_.began_ns = now_ns();
  later_ = std::move(loaded_.front());
  loaded_.pop_front();
  later_->takes_over = true;
  if (const auto refusal = later_->session->attach(false))
    return "the kernel part cannot be replaced: " + sentence_of(*refusal);
  relay_.begin(now_ns());
  later_->session->shared().slow_ns = relay_.slow_ns();
  return {};
}

std::string KernelProbe::end_replacement() {
  copy_->session->detach();
  if (!copy_->session->fetch()) return "the kernel's events cannot be fetched any more";
  findings_.unfinished += copy_->unfinished();
  findings_.lost += copy_->session->shared().lost;
  const auto handover = relay_.hand_over();
  if (!handover) return "two copies of the kernel part count the same stimuli differently";
  copy_ = std::move(later_);
  copy_->takes_over = false;
  copy_->unfinished_before = copy_->session->shared().unfinished;
  replacement_.ended_ns = now_ns();
  replacement_.number = handover->number;
  replacement_.twice = handover->twice;
  findings_.replacements.push_back(replacement_);
  return {};
}

std::string KernelProbe::look() {
  if (!costed_ && stimuli() >= costed_stimuli) note_costs();
  if (!fetch()) return "the kernel's events cannot be fetched any more";
  copy_->session->shared().slow_ns = relay_.slow_ns();
  if (later_) return relay_.has_met() ? end_replacement() : std::string();
  return costed_ && is_due() ? begin_replacement() : std::string();
}

std::string KernelProbe::collect() {
  while (target::stop_requested == 0) {
    const bool often = !costed_ || later_ || findings_.replacements.size() < order_.replace_after.size();
    ::poll(nullptr, 0, often ? look_often_ms : look_ms);
    if (std::string problem = look(); !problem.empty()) return problem;
  }
  if (!costed_) note_costs();
  if (findings_.replacements.size() < order_.replace_after.size())
    return "the kernel part was replaced " + std::to_string(findings_.replacements.size()) + " of " +
           std::to_string(order_.replace_after.size()) +
           " times before measuring was over -> measure more stimuli: each time takes some 0.2 s";
  copy_->session->detach();
  return copy_->session->fetch() ? "" : "the kernel's events cannot be fetched any more";
}

std::string KernelProbe::leave() {
  findings_.stimuli = stimuli();
  findings_.unfinished += copy_->unfinished();
  findings_.lost += copy_->session->shared().lost + relay_.beyond();
  findings_.events = relay_.events();
  for (const LongWait& wait : relay_.long_waits())
    findings_.waits.push_back({wait, stack_of(wait.holder, &*copy_->session)});
  const ClockPair clocks = read_clock_pair();
  const std::vector<ProbeRecord> records = relay_.take_records();
  findings_.damaged = relay_.damaged();
  if (!target::write_whole(order_.out, file_of(findings_, clocks, records)))
    return order_.out + " cannot be written: " + std::strerror(errno);
  std::printf("%s\n", to_json(findings_).c_str());
  return {};
}

int say(const std::string& what, int exit_status) {
  std::fprintf(stderr, "probe: %s\n", what.c_str());
  return exit_status;
}

}  // namespace

int follow_in_the_kernel(const KernelOrder& order) {
  KernelProbe probe(order);
  if (const auto refusal = probe.start()) return say(sentence_of(*refusal), target::exit_not_applicable);
  target::end_on_signals();
  if (!target::notify_ready()) return say("READY=1 could not be sent", target::exit_broken);
  std::string problem = probe.collect();
  if (problem.empty()) problem = probe.leave();
  return problem.empty() ? target::exit_good : say(problem, target::exit_broken);
}

}  // namespace loopgate
