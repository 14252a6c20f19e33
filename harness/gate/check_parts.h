// What checks are made of. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "gate/checks.h"

namespace loopgate {

// Of a latency's limit that a histogram does not decide, and what would: it lies inside of a bin, or beyond
// the last one.
std::string left_open(const Tail& tail, std::int64_t limit_ns);
// The same of a spread's, whose largest latency is `largest`.
std::string spread_left_open(const Tail& tail, const LatencyRange& largest);

Check new_check(const GroupEvidence& group, const char* rule, const std::string& quantity, const char* unit,
                double limit);

void conclude(Check* check, VerdictKind verdict, std::string why);

// Whether a limit is kept, whatever the evidence leaves open.
enum class Kept { yes, no, open };
Kept kept_if(bool surely_kept, bool surely_broken);

// What all stimuli together show of a limit.
struct Finding {
  Kept kept = Kept::open;
  std::string why;  // one sentence
};

// How many stimuli or decisions exceeded, of how many.
struct CountedShare {
  CountRange above;
  CountRange total;
  double design_effect = 1;  // confidence.h
  std::string counted;       // the same in words
  Noun noun = stimuli_noun;
  std::string left_open = {};  // what would decide, where bounds do not
};

// Does at most `share` of all exceed? Sets the check's samples_needed where more would decide.
Finding find_share(const CountedShare& counted, double share, const Confidence& confidence, Check* check);

// The verdict on what was found in so many replicates. Where they are counted and the limit is kept, they
// must be enough to say that it is in `min_replicate_fraction` of all.
void conclude_finding(std::size_t replicates, const Finding& finding, const Criteria& criteria, Check* check);

// "3 of 10,000 stimuli exceeded 100 us (1 not sent, 1 unanswered)": the evidence that sentences begin with.
std::string exceeded_text(const GroupEvidence& group, std::int64_t limit_ns, const Noun& noun);

// "3 of 10,000 stimuli"; a number that is not known is "0 to 3".
std::string share_text(const CountRange& count, const CountRange& total, const Noun& noun);

std::string replicates_text(std::uint64_t replicates);

}  // namespace loopgate
