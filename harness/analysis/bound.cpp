#include "analysis/bound.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "analysis/bound_parts.h"
#include "analysis/section_places.h"
#include "base/units.h"

namespace loopgate {
namespace {

// Each makes the latency longer, by the payload's own time at least, or is the last.
constexpr int steps_at_most = 10'000;

// A part that is read off the samples: the longest of all.
struct SamplePart {
  const char* name;
  std::int64_t (*ns_of)(const BoundParts&, const SampleMoments&);
};

std::int64_t end_of(const SectionRecord& window) { return window.begin_ns + window.length_ns; }

// Nothing of it belongs to the window that the stimulus met.
std::int64_t hardirq_ns(const BoundParts& parts, const SampleMoments& sample) {
  const std::int64_t taken_ns = sample.stimulus_ns + sample.taken_ns;
  const SectionRecord* window = window_at(parts.irqs_off, sample.stimulus_ns);
  const std::int64_t from_ns = window == nullptr ? sample.stimulus_ns : std::min(end_of(*window), taken_ns);
  return parts.own_ns(from_ns, taken_ns) + sample.woken_ns - sample.taken_ns;
}

// What is neither an interrupt's nor another real-time task's.
std::int64_t without_any_ns(const BoundParts& parts, std::int64_t begin_ns, std::int64_t end_ns) {
  return end_ns <= begin_ns ? 0
                            : end_ns - begin_ns - parts.interrupts.within(begin_ns, end_ns) -
                                  parts.real_time.within(begin_ns, end_ns);
}

// Behind the window with preemption off that the wake-up met, which the handler itself is no part of.
std::int64_t scheduling_ns(const BoundParts& parts, const SampleMoments& sample) {
  const std::int64_t woken_ns = sample.stimulus_ns + sample.woken_ns;
  const std::int64_t runs_ns = sample.stimulus_ns + sample.thread_ns;
  const SectionRecord* window = window_at(parts.preempt_off, woken_ns);
  const std::int64_t window_ns =
      window == nullptr ? 0 : without_any_ns(parts, woken_ns, std::min(end_of(*window), runs_ns));
  return parts.own_ns(woken_ns, runs_ns) - window_ns;
}

template <std::int64_t SampleMoments::* from, std::int64_t SampleMoments::* to>
std::int64_t between_ns(const BoundParts& parts, const SampleMoments& sample) {
  return parts.own_ns(sample.stimulus_ns + sample.*from, sample.stimulus_ns + sample.*to);
}

constexpr SamplePart hardirq{"hardirq", hardirq_ns};
constexpr std::array<SamplePart, 4> behind_preemption_off = {{
    {"scheduling of the irq thread", scheduling_ns},
    {"irq thread", between_ns<&SampleMoments::thread_ns, &SampleMoments::payload_woken_ns>},
    {"payload wakeup latency", between_ns<&SampleMoments::payload_woken_ns, &SampleMoments::payload_ns>},
    {"payload and its system calls", between_ns<&SampleMoments::payload_ns, &SampleMoments::latency_ns>},
}};

class Composing {
 public:
  Composing(const RecordedSections& sections, const std::vector<SampleMoments>& samples, BoundParts parts,
            Symbols* symbols)
      : sections_(sections), samples_(samples), parts_(std::move(parts)), symbols_(symbols) {}

  Result<Bound> compose() {
    add_window(interrupts_off_term, parts_.irqs_off,
               [](const SectionRecord& window) { return static_cast<std::int64_t>(window.length_ns); });
    add_sample(hardirq);
    add_window(preemption_off_term, parts_.preempt_off, [&](const SectionRecord& window) {
      return without_any_ns(parts_, window.begin_ns, end_of(window));
    });
    for (const SamplePart& part : behind_preemption_off) add_sample(part);
    TRY_STATUS(add_others());
    return std::move(bound_);
  }

 private:
  void add(BoundTerm term) {
    bound_.bound_ns += term.ns;
    bound_.terms.push_back(std::move(term));
  }

  template <class Length>
  void add_window(std::string_view name, const std::vector<SectionRecord>& windows, const Length& length_of) {
    BoundTerm term{std::string(name), 0, "there was none"};
    const SectionRecord* longest = nullptr;
    for (const SectionRecord& window : windows) {
      const std::int64_t ns = length_of(window);
      if (ns <= term.ns) continue;
      term.ns = ns;
      longest = &window;
    }
    if (longest != nullptr) term.from = window_text(*longest);
    add(std::move(term));
  }

  std::string window_text(const SectionRecord& window) const {
    const SectionPlaces& places = sections_.places[window.places];
    const std::string from = place_name(places.opened, symbols_).function;
    const std::string to = place_name(places.closed, symbols_).function;
    return fmt::format("{} of {} at {:.6f} s", from == to ? to : from + " to " + to,
                       task_name(sections_.tasks[window.task]), static_cast<double>(window.begin_ns) / 1e9);
  }

  void add_sample(const SamplePart& part) {
    BoundTerm term{part.name, 0, "no sample"};
    for (const SampleMoments& sample : samples_) {
      const std::int64_t ns = part.ns_of(parts_, sample);
      if (ns <= term.ns) continue;
      term.ns = ns;
      term.from = fmt::format("sample {}", sample.sample);
    }
    add(std::move(term));
  }

  // To a fixed point: what comes meanwhile makes it longer, and more comes.
  Status add_others() {
    const std::int64_t alone_ns = bound_.bound_ns;
    // Of a single stimulus no more is recorded than its latency, and the windows that it met are longer.
    const std::int64_t longest_ns = std::max(sections_.end_ns - sections_.begin_ns, 2 * alone_ns);
    std::int64_t whole_ns = alone_ns;
    for (int step = 0; step < steps_at_most && whole_ns <= longest_ns; ++step) {
      const std::int64_t interrupts_ns = parts_.others.most_within(whole_ns);
      const std::int64_t real_time_ns = parts_.real_time.most_within(whole_ns);
      if (alone_ns + interrupts_ns + real_time_ns > whole_ns) {
        whole_ns = alone_ns + interrupts_ns + real_time_ns;
        continue;
      }
      const std::string from = fmt::format("the most within {}", us_text(whole_ns));
      add({"other interrupts", interrupts_ns, from});
      add({"other real-time tasks", real_time_ns, from + names_text()});
      return {};
    }
    return fail(ErrorKind::data,
                "there is no bound: interrupts and other real-time tasks come as fast as they are served",
                "`loopgate explain --phases` shows what the samples wait for");
  }

  std::string names_text() const {
    constexpr std::size_t told = 3;
    const auto& names = parts_.real_time_names;
    if (names.empty()) return ": there was none";
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(told, names.size()));
    return fmt::format(", mostly of {}", fmt::join(names.begin(), end, ", "));
  }

  const RecordedSections& sections_;
  const std::vector<SampleMoments>& samples_;
  BoundParts parts_;
  Symbols* symbols_;
  Bound bound_;
};

}  // namespace

Result<Bound> compose_bound(const RecordedSections& sections, const std::vector<SampleMoments>& samples,
                            Symbols* symbols) {
  if (samples.empty()) return fail(ErrorKind::usage, "no sample was answered, so there is nothing to bound");
  TRY(parts, bound_parts(sections, samples));
  return Composing(sections, samples, std::move(parts), symbols).compose();
}

}  // namespace loopgate
