// How much each of many differences between two kernels adds: they go in one group after the other, and the
// groups between which much changes are divided by halves. Pure over abstract questions.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "bisect/set_search.h"

namespace loopgate {

struct CostQuestions {
  // The first kernel with these differences: the number of what was measured. Nothing: it can't be measured.
  std::function<Result<std::optional<std::size_t>>(const ChangeSet& changes)> measure;
  // Which of `more` can go in on top of `with`, the others being left out: options depend on options.
  std::function<Result<ChangeSet>(const ChangeSet& with, const ChangeSet& more)> taken;
  // How far two that were measured lie apart; 0 where that is not worth dividing.
  std::function<double(std::size_t before, std::size_t after)> apart;
  std::function<bool()> may_go_on;
};

enum class NotDivided {
  no,           // it is one difference
  not_worth,    // as `apart` says
  inseparable,  // no part of it goes in, or can be measured, without the rest
  stopped,      // `may_go_on` said so
};

// Differences that went in together.
struct CostPart {
  ChangeSet changes;  // ascending
  std::size_t before = 0;
  std::size_t after = 0;
  NotDivided not_divided = NotDivided::no;
};

// In the order in which they go in, which is `order` where nothing depends on what comes later. What they add
// sums up to the whole. The part with the most is divided first, so that one that is stopped knows most.
// Two that cancel each other out within a part that adds nothing are not found.
//
// A difference among n that adds something takes about log2 n measurements. `base` is in from the beginning.
Result<std::vector<CostPart>> find_costs(const std::vector<std::size_t>& order, std::size_t from,
                                         std::size_t to, const CostQuestions& questions,
                                         const ChangeSet& base = {});

}  // namespace loopgate
