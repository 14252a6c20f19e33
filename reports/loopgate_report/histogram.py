"""The comparative jitter histogram of one load, from distribution.json alone."""
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from loopgate_report import units
from loopgate_report.axis import LatencyAxis, clock
from loopgate_report.bins import bins_to_draw
from loopgate_report.hunted import NOTE as HUNTED_NOTE
from loopgate_report.hunted import hunted_max_ns
from loopgate_report.latency_plot import Frame, draw_latency_plot
from loopgate_report.style import WIDTH_IN
from loopgate_report.worst_case import NOTE, bound_of

FLOOR = 0.6  # below one sample, so that a single one stands out from none
_LEFT_IN, _PLOT_IN = 0.78, 3.3
_BOUND_LINE, _HUNTED_LINE = (0, (1, 1.4)), (0, (5, 1.4, 1, 1.4))


def draw_histogram(run, load, looks):
    time = clock(run.time_base)
    marks = _marks(run, load)
    frame = Frame(
        f"Jitter under load {load}, {time} time", f"stimuli in the bin [count], {time} time", _LEFT_IN, _PLOT_IN, _notes(marks)
    )

    def draw(axes, axis, drawn):
        bins = bins_to_draw(drawn, axis, frame.width_in(WIDTH_IN))
        count_axis(axes, max(amount for rows in bins.values() for _, _, amount in rows))
        for depth, group in enumerate(drawn):
            outline(axes, axis, bins[group.kernel], looks[group.kernel], depth)
            for mark in marks.get(group.kernel, ()):
                _draw_mark(axes, axis, mark, looks[group.kernel], depth)
        return lambda group: bins[group.kernel][-1][2]

    def axis_of(drawn, _deadline_ns):
        return _axis(drawn, run.unit, max((ns for each in marks.values() for _, ns, _ in each), default=0))

    return draw_latency_plot(run, load, looks, frame, axis_of, draw)


def _marks(run, load):
    """Beyond the sampled tail, by kernel: (name, ns, line)."""
    marks = {}
    for group in run.of_load(load):
        for name, ns, line in (("bound", bound_of(run.worst_cases, run.hunted, group), _BOUND_LINE), ("hunted", hunted_max_ns(run.hunted, group.kernel, load), _HUNTED_LINE)):
            if ns is not None:
                marks.setdefault(group.kernel, []).append((name, ns, line))
    return marks


def _notes(marks):
    names = {name for each in marks.values() for name, _, _ in each}
    return (*((NOTE,) if "bound" in names else ()), *((HUNTED_NOTE,) if "hunted" in names else ()))


def _draw_mark(axes, axis, mark, look, depth):
    name, ns, line = mark
    x = axis.at(ns)
    axes.axvline(x, color=look.colour, linestyle=line, linewidth=1.6, zorder=11 + depth)
    top = 0.93 - 0.3 * (depth % 3)  # below the deadline's name; kernels whose bounds lie close to each other are told apart
    # To the right: the line of the sampled maximum is near on the left.
    axes.annotate(f"{name} {units.us_text(ns)}", (x, top), xycoords=axes.get_xaxis_transform(), xytext=(3, 0), textcoords="offset points",
                  color=look.colour, fontsize=8, rotation=90, ha="left", va="top", zorder=20 + depth)  # fmt: skip


def _axis(drawn, unit, marked_ns):
    """Whole bins: the first and the last reach a little beyond the samples in them. What is marked beyond them is in it, too."""
    smallest, largest = min(group.figures["min"] for group in drawn), max(
        group.figures["max"] for group in drawn
    )
    axis = LatencyAxis(smallest, max(largest, marked_ns), unit)
    first, last = min(group.bins[0][0] for group in drawn), max(group.bins[-1][1] for group in drawn)
    if 0 < first < smallest:
        axis.low = min(axis.low, first / unit.ns)
    if last < 2 * largest:  # not the bin that reaches to the largest number there is
        axis.high = max(axis.high, last / unit.ns)
    return axis


def count_axis(axes, largest):
    axes.set_yscale("log")
    axes.set_ylim(FLOOR, max(largest, 8) * 1.5)
    axes.yaxis.set_major_locator(LogLocator(10))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else ""))
    axes.grid(axis="y")


def outline(axes, axis, bins, look, depth):
    """Steps over the bins, down to the floor where bins are empty."""
    xs, ys = [], []
    for i, (lower, upper, amount) in enumerate(bins):
        if i == 0 or bins[i - 1][1] != lower:
            xs += [xs[-1] if xs else axis.at(lower), axis.at(lower)]
            ys += [FLOOR, FLOOR]
        right = min(axis.at(upper), axis.high)  # the last bin of all reaches to the largest number there is
        xs += [axis.at(lower), right]
        ys += [amount, amount]
    xs.append(xs[-1])
    ys.append(FLOOR)
    axes.fill_between(xs, FLOOR, ys, facecolor=look.colour, alpha=0.13, linewidth=0, zorder=2 + depth)
    if look.hatch:
        axes.fill_between(
            xs,
            FLOOR,
            ys,
            facecolor="none",
            edgecolor=look.colour,
            alpha=0.35,
            hatch=look.hatch,
            linewidth=0,
            zorder=2 + depth,
        )
    axes.plot(
        xs,
        ys,
        color=look.colour,
        linestyle=look.line,
        linewidth=1.5,
        zorder=12 + depth,
        solid_joinstyle="miter",
    )
