#include "qemu/plugin/aim.h"

#include <algorithm>
#include <tuple>

#include "base/file.h"
#include "base/split_mix.h"

namespace loopgate {
namespace {

// A new site is not the first that comes after a rest, but any of those within this time.
constexpr std::uint64_t explored_within_ns = 500'000;
// 0.25, 0.5, 1, ... 16 us.
constexpr std::int64_t shortest_delay_ns = 250;
constexpr std::uint64_t delays = 7;
constexpr std::int64_t longest_delay_ns = shortest_delay_ns << (delays - 1);
// From the begin of rt_spin_lock until the lock is the caller's.
constexpr std::int64_t taking_a_lock_ns = 40;

}  // namespace

template <std::uint32_t kept>
void Aim::Seen<kept>::add(std::int64_t value) {
  latest[count++ % kept] = value;
  largest = std::max(largest, value);
}

template <std::uint32_t kept>
std::int64_t Aim::Seen<kept>::drawn(std::uint64_t chance) const {
  const std::uint64_t of = std::min<std::uint64_t>(count, kept);
  const std::uint64_t at = chance % (of + 1);
  return at == of ? largest : latest[at];
}

std::size_t Aim::HashSite::operator()(const Site& site) const {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;  // Fibonacci hashing: spreads addresses that are alike
  std::uint64_t hash = site.kind;
  for (const std::uint64_t word :
       {site.address, site.link, site.callers, static_cast<std::uint64_t>(site.delay_ns)})
    hash = (hash ^ word) * golden;
  return static_cast<std::size_t>(hash ^ hash >> 32U);
}

Aim::Aim(const AimSettings& settings, std::int64_t lead_ns)
    : settings_(settings), lead_ns_(lead_ns), random_(settings.seed) {}

void Aim::free_at(std::int64_t now_ns) {
  free_ = true;
  free_since_ns_ = now_ns + settings_.rest_ns;
  explores_ = settings_.explored_of > 0 && random_() % static_cast<std::uint64_t>(settings_.explored_of) == 0;
  chance_at_ns_.reset();
  before_chance_.clear();
  if (!explores_) return;
  free_since_ns_ += static_cast<std::int64_t>(random_() % explored_within_ns);
  if (!settings_.at_chance || random_() % 2 == 0) return;
  chance_at_ns_ = free_since_ns_;
  free_ = false;
}

void Aim::CpuOfMost::add(std::uint32_t seen) {
  if (times.size() <= seen) times.resize(seen + 1);
  ++times[seen];
  cpu = static_cast<std::uint32_t>(std::ranges::max_element(times) - times.begin());
}

// As long as it lasts.
bool Aim::holds_back(SectionKind kind, std::uint32_t cpu) const {
  if (kind == SectionKind::lock_held || cpu == thread_cpu_.cpu) return true;
  return kind == SectionKind::interrupts_off && cpu == interrupt_cpu_.cpu;
}

void Aim::answered(std::int64_t latency_ns) {
  shortest_latency_ns_ = std::min(shortest_latency_ns_, latency_ns);
  const std::int64_t above_ns = latency_ns - shortest_latency_ns_;
  if (shot_) sites_[shot_at_].add(above_ns);
  if (chance_at_ns_) learn_from_chance(above_ns);
  if (shot_ || chance_at_ns_) largest_ns_ = std::max(largest_ns_, above_ns);
  shot_ = false;
}

bool Aim::is_bad(std::int64_t above_ns) const { return above_ns >= largest_ns_ - largest_ns_ / 4; }

bool Aim::hears(std::int64_t now_ns) const {
  return free_ || (chance_at_ns_ && now_ns <= *chance_at_ns_ &&
                   now_ns >= *chance_at_ns_ - lead_ns_ - longest_delay_ns);
}

// Which of what had opened was to blame is not known: those that were not come to less when they are tried.
void Aim::learn_from_chance(std::int64_t above_ns) {
  if (!is_bad(above_ns)) return;
  for (auto& [site, at_ns] : before_chance_) {
    const std::int64_t since_ns = *chance_at_ns_ - lead_ns_ - at_ns;
    if (since_ns < 0 || since_ns > longest_delay_ns) continue;
    site.delay_ns = shortest_delay_ns;
    while (site.delay_ns * 3 / 2 < since_ns) site.delay_ns *= 2;
    sites_[site].add(above_ns);
  }
}

std::int64_t Aim::best_ns() const { return std::max(longest_ns_, largest_ns_); }

std::int64_t Aim::asked_at(std::int64_t now_ns) const {
  const std::int64_t best_ns = this->best_ns();
  const std::int64_t waited_ns = std::min(now_ns - free_since_ns_, settings_.patience_ns);
  return best_ns - best_ns * waited_ns / settings_.patience_ns;
}

std::int64_t Aim::delay_ns() const {
  const bool at_lock = shot_at_.kind == static_cast<std::uint64_t>(SectionKind::lock_held);
  return shot_at_.delay_ns + (at_lock ? taking_a_lock_ns : 0);
}

std::size_t Aim::held_beside(const OpenedSection& section) const {
  const bool is_lock = section.kind == SectionKind::lock_held;
  return is_lock && held_ > 0 ? held_ - 1 : held_;
}

// Two locks that two tasks hold are waited for one after the other: nothing that was seen is worse. In a
// window while one is held, or within another lock, the payload waits for both.
std::int64_t Aim::promised_by(const OpenedSection& section, const Lengths& lengths,
                              std::uint64_t chance) const {
  const std::int64_t own_ns = lengths.drawn(chance);
  if (section.beside > 0) return own_ns + best_ns();
  return held_beside(section) > 0 ? own_ns + holds_.drawn(chance) : own_ns;
}

bool Aim::is_promising(const Site& site, const OpenedSection& section) {
  const std::int64_t now_ns = section.at_ns;
  const std::uint64_t chance = random_();
  const auto known = sites_.find(site);
  const bool by_latency = known != sites_.end() && (chance >> 63U) != 0;
  if (by_latency) return known->second.drawn(chance) >= asked_at(now_ns);
  if (site.delay_ns > 0 || !holds_back(section.kind, section.cpu)) return false;
  const auto place = places_.find({site.kind, site.address, site.link, 0, 0});
  return place != places_.end() && promised_by(section, place->second, chance) >= asked_at(now_ns);
}

// Where a kernel's locks are followed, its windows are short, and only those in which one is held are tried.
bool Aim::may_hurt(const OpenedSection& section) const {
  return holds_.count == 0 || section.kind == SectionKind::lock_held || held_ > 0;
}

// None was sent there; or the site is one of the worst, and none was sent so long after.
bool Aim::is_new(Site* site) {
  const auto known = sites_.find(*site);
  if (known == sites_.end()) return true;
  if (!is_bad(known->second.largest)) return false;
  site->delay_ns = shortest_delay_ns << (random_() % delays);
  return !sites_.contains(*site);
}

// Some time after the window opened, where a stimulus was sent then before: in half of the cases.
Aim::Site Aim::perhaps_later(const Site& site) {
  if (settings_.explored_of == 0) return site;
  Site later = site;
  later.delay_ns = shortest_delay_ns << (random_() % delays);
  return random_() % 2 == 0 && sites_.contains(later) ? later : site;
}

bool Aim::wants(const OpenedSection& section, std::uint64_t callers) {
  if (section.kind == SectionKind::real_time_task) return false;
  Site site{static_cast<std::uint64_t>(section.kind), section.place.address, section.place.link, callers};
  // Another site with each lock that is held, and on each CPU.
  site.callers = split_mix(site.callers + held_beside(section) + (std::uint64_t{section.cpu} << 32U));
  if (chance_at_ns_) before_chance_.emplace_back(site, section.at_ns);
  if (!free_ || section.at_ns < free_since_ns_) return false;
  const bool late = section.at_ns - free_since_ns_ > settings_.patience_ns;  // nothing new comes any more
  if (explores_ && !late) {
    if (!may_hurt(section) || !is_new(&site)) return false;
  } else {
    site = perhaps_later(site);
    if (!is_promising(site, section)) return false;
  }
  shot_at_ = site;
  shot_ = true;
  free_ = false;
  return true;
}

void Aim::learn(const ClosedSection& section) {
  if (section.kind == SectionKind::real_time_task || !holds_back(section.kind, section.cpu)) return;
  const std::int64_t length_ns = section.end_ns - section.begin_ns;
  places_[{static_cast<std::uint64_t>(section.kind), section.opened.address, section.opened.link, 0}].add(
      length_ns);
  longest_ns_ = std::max(longest_ns_, length_ns);
  if (section.kind == SectionKind::lock_held) holds_.add(length_ns);
}

std::vector<AimRecord> Aim::taught() const {
  std::vector<AimRecord> records;
  for (const auto& [site, seen] : sites_) {
    AimRecord record{site.kind,     site.address, site.link,    site.callers,
                     site.delay_ns, {},           seen.largest, seen.count};
    std::ranges::copy(seen.latest, record.above_ns);
    records.push_back(record);
  }
  // The order of a hash table is the library's own.
  std::ranges::sort(records, {}, [](const AimRecord& each) {
    return std::tuple(each.kind, each.address, each.link, each.callers, each.delay_ns);
  });
  return records;
}

void Aim::remember(const std::vector<AimRecord>& records) {
  for (const AimRecord& record : records) {
    Latencies& seen = sites_[{record.kind, record.address, record.link, record.callers, record.delay_ns}];
    std::ranges::copy(record.above_ns, seen.latest.begin());
    seen.largest = record.largest_ns;
    seen.count = record.stimuli;
    largest_ns_ = std::max(largest_ns_, record.largest_ns);
  }
}

std::vector<AimRecord> read_aim_file(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  if (!bytes || bytes->size() % sizeof(AimRecord) != 0) return {};
  std::vector<AimRecord> records(bytes->size() / sizeof(AimRecord));
  if (!records.empty()) std::copy_n(bytes->data(), bytes->size(), reinterpret_cast<char*>(records.data()));
  return records;
}

bool write_aim_file(const std::filesystem::path& path, const std::vector<AimRecord>& records) {
  const auto* bytes = reinterpret_cast<const char*>(records.data());
  return write_file_atomically(path, {bytes, records.size() * sizeof(AimRecord)}).has_value();
}

}  // namespace loopgate
