// Decides at which critical sections a hunt's stimuli are sent. Knows nothing of QEMU, and of chance only a
// seed: the same run of the guest is aimed at alike.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/aim_file.h"
#include "protocol/aim_settings.h"
#include "qemu/plugin/section_windows.h"

namespace loopgate {

// Two things are learned: how long the windows last that open at a place, and what the stimuli came to that
// were sent at a site, which is a place and who called. A site promises one of what was seen lately, drawn
// instead of averaged (Thompson's rule), so that one that is rarely bad is tried, too; and what must be
// promised falls from the best that was ever seen to nothing, in `patience_ns`. Of some stimuli each goes
// elsewhere, for where a task holds a lock that the payload will want no window is long: to a site that had
// none yet, where a site was bad some time after the window opened there, and as often to a moment of chance.
// Where that was one of the worst, what had opened shortly before it is known as bad after so long.
// Of several CPUs, windows with interrupts off promise their length where the interrupt and its thread go,
// those with preemption off where the thread does, and locks everywhere. Another CPU's windows promise no
// more than what the stimuli came to that were sent at them.
class Aim {
 public:
  // `lead_ns`: a stimulus is sent so long after the window opened that asked for it, at the least.
  explicit Aim(const AimSettings& settings, std::int64_t lead_ns = 0);

  // The bench is free for a stimulus from now on, but for the rest that the settings ask for.
  void free_at(std::int64_t now_ns);
  bool is_free() const { return free_; }
  // Whether it wants to know what opens: where it may send, and shortly before a moment of chance.
  bool hears(std::int64_t now_ns) const;
  // Where the next stimulus goes to a moment of chance instead of a window: when.
  std::optional<std::int64_t> chance_at_ns() const { return chance_at_ns_; }
  // Of the stimulus that wants() asked for last: how long after the window opened, beside the lead.
  std::int64_t delay_ns() const;
  // A stimulus's interrupt was taken on this CPU, and its thread had this one first: where most had them,
  // they are expected.
  void taken_on(std::uint32_t cpu) { interrupt_cpu_.add(cpu); }
  void served_on(std::uint32_t cpu) { thread_cpu_.add(cpu); }
  // What the stimulus that was sent last came to.
  void answered(std::int64_t latency_ns);

  // Whether to send one as this window opens.
  bool wants(const OpenedSection& section, std::uint64_t callers);
  // A real-time task on the CPU keeps no stimulus waiting for long: such a window is no section.
  void learn(const ClosedSection& section);
  // So many locks are held that the payload will want: a window promises these as well.
  void set_held(std::size_t locks) { held_ = locks; }

  std::vector<AimRecord> taught() const;
  void remember(const std::vector<AimRecord>& records);

 private:
  // The latest, and the largest of all.
  template <std::uint32_t kept>
  struct Seen {
    std::array<std::int64_t, kept> latest{};
    std::uint64_t count = 0;
    std::int64_t largest = 0;

    void add(std::int64_t value);
    std::int64_t drawn(std::uint64_t chance) const;
  };
  using Lengths = Seen<8>;
  using Latencies = Seen<4>;
  struct CpuOfMost {
    std::vector<std::uint64_t> times;  // by CPU
    std::uint32_t cpu = 0;

    void add(std::uint32_t seen);
  };
  struct Site {
    std::uint64_t kind = 0;
    std::uint64_t address = 0;
    std::uint64_t link = 0;
    std::uint64_t callers = 0;
    std::int64_t delay_ns = 0;  // from there to the stimulus
    bool operator==(const Site&) const = default;
  };
  struct HashSite {
    std::size_t operator()(const Site& site) const;
  };

  bool is_bad(std::int64_t above_ns) const;
  void learn_from_chance(std::int64_t above_ns);
  bool is_promising(const Site& site, const OpenedSection& section);
  std::int64_t promised_by(const OpenedSection& section, const Lengths& lengths, std::uint64_t chance) const;
  bool may_hurt(const OpenedSection& section) const;
  bool is_new(Site* site);
  Site perhaps_later(const Site& site);
  bool holds_back(SectionKind kind, std::uint32_t cpu) const;
  std::size_t held_beside(const OpenedSection& section) const;
  std::int64_t best_ns() const;
  std::int64_t asked_at(std::int64_t now_ns) const;

  const AimSettings settings_;
  const std::int64_t lead_ns_;
  std::mt19937_64 random_;
  std::size_t held_ = 0;
  CpuOfMost interrupt_cpu_;
  CpuOfMost thread_cpu_;
  Lengths holds_;                                        // of locks
  std::unordered_map<Site, Lengths, HashSite> places_;   // of no callers
  std::unordered_map<Site, Latencies, HashSite> sites_;  // that a stimulus was sent at
  Site shot_at_;                                         // of the stimulus that was sent last
  bool shot_ = false;                                    // and whether it was sent at one
  bool free_ = false;
  std::optional<std::int64_t> chance_at_ns_;
  std::vector<std::pair<Site, std::int64_t>> before_chance_;  // what opened shortly before it, and when
  bool explores_ = false;                                     // the next one goes to a new site
  std::int64_t free_since_ns_ = 0;
  std::int64_t longest_ns_ = 0;  // of all windows
  std::int64_t largest_ns_ = 0;  // of all latencies, above the shortest
  std::int64_t shortest_latency_ns_ = INT64_MAX;
};

// None where the file is not there, or is none.
std::vector<AimRecord> read_aim_file(const std::filesystem::path& path);
// Whether it could be written.
bool write_aim_file(const std::filesystem::path& path, const std::vector<AimRecord>& records);

}  // namespace loopgate
