#include "gate/lost_edges.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "gate/confidence.h"

namespace loopgate {
namespace {

// Another tail, without so many of its censored stimuli.
class WithoutCensored : public Tail {
 public:
  WithoutCensored(std::shared_ptr<const Tail> of, std::uint64_t without)
      : of_(std::move(of)), without_(without) {}

  std::uint64_t count() const override { return of_->count(); }
  CountRange censored() const override { return less(of_->censored()); }
  CountRange count_above(std::int64_t limit_ns) const override { return less(of_->count_above(limit_ns)); }
  LatencyRange min() const override { return of_->min(); }
  LatencyRange max() const override { return of_->max(); }
  bool exact() const override { return of_->exact(); }
  std::uint64_t not_sent_above(std::int64_t limit_ns) const override { return of_->not_sent_above(limit_ns); }
  std::optional<std::int64_t> open_beyond(std::int64_t limit_ns) const override {
    return of_->open_beyond(limit_ns);
  }

 private:
  CountRange less(const CountRange& range) const {
    return {range.least - std::min(range.least, without_), range.most - std::min(range.most, without_)};
  }

  std::shared_ptr<const Tail> of_;
  std::uint64_t without_;
};

void leave_out(std::uint64_t stimuli, SampleCounts* counts) {
  counts->unanswered -= std::min(counts->unanswered, stimuli);
  counts->scheduled -= std::min(counts->scheduled, stimuli);
}

// Behind so many stimuli without an answer others waited in vain: how many at most.
std::uint64_t waited_behind(std::uint64_t stimuli, std::vector<std::uint64_t> waits) {
  std::ranges::sort(waits, std::ranges::greater());
  if (waits.size() > stimuli) waits.resize(stimuli);
  return std::accumulate(waits.begin(), waits.end(), std::uint64_t{0});
}

// What a replicate's lost edges may explain: as many unanswered stimuli, and what fell due meanwhile.
std::uint64_t explained(const Replicate& replicate) {
  if (!replicate.lost_edges || replicate.lost_edges->lost() == 0 || !replicate.tail) return 0;
  const std::uint64_t lost = replicate.lost_edges->lost();
  return std::min(replicate.tail->censored().least, lost + waited_behind(lost, replicate.waited_in_vain));
}

std::uint64_t unanswered(const Replicate& replicate) {
  return replicate.tail ? replicate.tail->censored().least : 0;
}

// How slow ones cluster is told without them, too: so many of the unanswered pass for fast ones.
std::shared_ptr<const Course> without(std::uint64_t stimuli, const std::shared_ptr<const Course>& course) {
  if (!course || stimuli == 0) return course;
  auto rest = std::make_shared<Course>(*course);
  for (std::size_t i = 0; i < rest->latency_ns.size() && stimuli > 0; ++i) {
    if (rest->latency_ns[i] != no_answer_ns) continue;
    rest->latency_ns.set(i, 0);
    --stimuli;
  }
  return rest;
}

GroupEvidence without(std::uint64_t (*left_out)(const Replicate&), const GroupEvidence& group) {
  GroupEvidence rest = group;
  std::vector<std::shared_ptr<const Tail>> tails;
  for (Replicate& replicate : rest.replicates) {
    const std::uint64_t stimuli = left_out(replicate);
    leave_out(stimuli, &replicate.counts);
    leave_out(stimuli, &rest.summary.counts);
    replicate.course = without(stimuli, replicate.course);
    replicate.tail = std::make_shared<WithoutCensored>(std::move(replicate.tail), stimuli);
    tails.push_back(replicate.tail);
  }
  rest.pooled = std::make_shared<PooledTail>(std::move(tails));
  return rest;
}

// The most that the bare wire may lose, by what it lost before the payload ran; 0 on a virtual bench, whose
// wire loses none.
double wires_share(const LostEdges& edges, const Criteria& criteria) {
  return edges.bare_wire_sent == 0
             ? 0
             : share_upper_bound(edges.bare_wire_lost, edges.bare_wire_sent, criteria.confidence.fail);
}

bool may_be_the_wires(const LostEdges& edges, const Criteria& criteria) {
  if (edges.sent == 0 || edges.lost() == 0) return false;
  return static_cast<double>(edges.lost()) / static_cast<double>(edges.sent) <= wires_share(edges, criteria);
}

std::string waited_text(const GroupEvidence& group) {
  std::uint64_t waited = 0;
  for (const Replicate& replicate : group.replicates)
    if (explained(replicate) > 0)
      waited += waited_behind(replicate.lost_edges->lost(), replicate.waited_in_vain);
  return waited == 0 ? "" : fmt::format(", {} fell due while one was waited for", with_thousands(waited));
}

std::string unheard_text(const LostEdges& edges) {
  return edges.unheard == 0 ? ""
                            : fmt::format(", {} had an answer that never came to the instrument",
                                          with_thousands(edges.unheard));
}

bool breaks_it_all_the_same(VerdictKind verdict) {
  return verdict == VerdictKind::fail || verdict == VerdictKind::invalid;
}

// On a bench that lost answers of the known-good kernel, too, or that nobody looked at again.
Check judge_on_a_broken_bench(Check check, const GroupEvidence& group, const JudgeGroup& judge) {
  if (group.replicates.empty() || breaks_it_all_the_same(judge(without(unanswered, group)).verdict))
    return check;
  std::uint64_t stimuli = 0;
  for (const Replicate& replicate : group.replicates) stimuli += unanswered(replicate);
  check.verdict = VerdictKind::inconclusive;
  check.why += fmt::format(
      "; the bench was not found sound after the last cell, and {} had no answer -> `loopgate run` with "
      "--resume looks at it again",
      with_thousands(stimuli));
  return check;
}

}  // namespace

Check judge_beside_lost_edges(const GroupEvidence& group, const Criteria& criteria, const JudgeGroup& judge) {
  Check check = judge(group);
  if (check.verdict != VerdictKind::fail) return check;
  if (!criteria.bench_trusted) return judge_on_a_broken_bench(std::move(check), group, judge);
  if (!group.lost_edges) return check;
  const LostEdges& edges = *group.lost_edges;
  if (!may_be_the_wires(edges, criteria)) return check;
  if (breaks_it_all_the_same(judge(without(explained, group)).verdict)) return check;
  check.verdict = VerdictKind::inconclusive;
  check.why += fmt::format(
      "; {} of them never came to the payload{}{}, and the bare wire may lose as many: {} of {} edges "
      "there and back before, so at most {} at {} confidence -> check_edges in lab.toml counts more",
      with_thousands(edges.lost() - edges.unheard), unheard_text(edges), waited_text(group),
      with_thousands(edges.bare_wire_lost), with_thousands(edges.bare_wire_sent),
      percent_text(wires_share(edges, criteria)), percent_text(criteria.confidence.fail));
  return check;
}

}  // namespace loopgate
