"""The bins that a histogram draws: distribution.json's, or finer ones where those are too coarse.

That file's are 3.7 % wide. Most of a response of 8 ms that varies by 0.1 ms would be in one or two of them.
"""
import math
from collections import Counter

_PER_DECADE = 64  # of distribution.json; finer grids split its bins, so all edges of the coarser ones stay
_SPLITS = (16, 8, 4, 2)
_FEW_BINS = 2  # that most of a kernel's samples are in
_NARROWEST_IN = 0.07
_LISTED_WHOLE = 2000  # of no more samples than these an exceedance list leaves out no latency
_SMALLEST_NS = 1000  # below it the finest grid's edges, rounded to ns, would fall together


def bins_to_draw(groups, axis, width_in):
    """For each kernel (lower_ns, upper_ns, count), all on one grid."""
    if any(_too_coarse(group) for group in groups) and all(_is_listed(group) for group in groups):
        for split in _SPLITS:
            if _narrowest_in(groups, axis, split) * width_in >= _NARROWEST_IN:
                return {group.kernel: _counted(group, _PER_DECADE * split) for group in groups}
    return {group.kernel: group.bins for group in groups}


def _too_coarse(group):
    within = group.figures["p90"] or group.figures["max"]  # so few stimuli have no p90
    return within < 10 ** (_FEW_BINS / _PER_DECADE) * group.figures["min"]


def _is_listed(group):
    steps, count = group.exceedance, group.counts["count"]
    if not steps or count > _LISTED_WHOLE or group.figures["min"] < _SMALLEST_NS:
        return False
    return steps[0][0] == group.figures["min"] and 0 == steps[-1][1] <= steps[0][1] < count


def _narrowest_in(groups, axis, split):
    """The first bin's width, as a share of the axis: on a linear axis it is the narrowest."""
    first_ns = min(group.figures["min"] for group in groups)
    return axis.place(first_ns * 10 ** (1 / _PER_DECADE / split)) - axis.place(first_ns)


def _counted(group, per_decade):
    """From the exceedance's steps, each of which is a latency and how many samples had it."""
    amounts, above = Counter(), group.counts["count"]
    for latency_ns, still_above in group.exceedance:
        amounts[_bin(latency_ns, per_decade)] += above - still_above
        above = still_above
    return [(_edge(i, per_decade), _edge(i + 1, per_decade), amount) for i, amount in sorted(amounts.items())]


def _bin(latency_ns, per_decade):
    i = math.floor(math.log10(latency_ns) * per_decade)
    if latency_ns < _edge(i, per_decade):
        return i - 1
    return i + 1 if latency_ns >= _edge(i + 1, per_decade) else i


def _edge(i, per_decade):
    return round(10 ** (i / per_decade))
