// The figures of a kernel under a load that a history shows: an instrument's quantiles, what was hunted and
// bounded, and what programs measured of themselves.
#pragma once

#include <string>
#include <vector>

#include "stats/comparison.h"

namespace loopgate {

// What a figure is, the same in every run that has it.
struct FigureColumn {
  std::string key;    // of quantities.h or worst_case.h; of a program "cyclictest max"
  std::string label;  // as people read it
  std::string unit;   // "ns", "us", "instructions"
  // Changes are looked for in it: not in a maximum, which is the largest of few and changes by itself.
  bool is_tested = false;
  bool is_shown = true;  // on the page; else in history.json alone

  bool operator==(const FigureColumn&) const = default;
};

struct PastFigure {
  FigureColumn column;
  double value = 0;
};

// None that the stimuli do not resolve. Of a program that ran in several replicates the largest maximum, and
// the median of anything else; none where a replicate lacks it.
std::vector<PastFigure> past_figures(const GroupEvidence& group);

// Of one value at the least; of an even number the mean of the two in the middle.
double median(std::vector<double> values);

// Those of an instrument in which changes are looked for: where no run resolves one, that is told.
std::vector<FigureColumn> tested_columns();

// The figure of this key; null where there is none.
const PastFigure* find_figure(const std::vector<PastFigure>& figures, const std::string& key);

}  // namespace loopgate
