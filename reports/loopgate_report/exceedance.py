"""The complementary distribution of a load: which share of the stimuli took longer."""
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from loopgate_report.axis import LatencyAxis, clock
from loopgate_report.latency_plot import Frame, draw_latency_plot

_LEFT_IN, _PLOT_IN = 1.12, 3.6
_FURTHEST = 3_000  # times the stimuli: further no tail is continued
_SHARES_IN_STEPS_OF_TEN = 10**7  # on an axis that goes further, each second one has a label
_DEADLINE_WITHIN = 100  # times the max: beyond it the deadline would squeeze the curves


def draw_exceedance(run, load, looks):
    time = clock(run.time_base)
    frame = Frame(
        f"How often a latency is exceeded under load {load}, {time} time",
        f"share of stimuli with a larger latency [{time}]",
        _LEFT_IN,
        _PLOT_IN,
    )
    tails = {tail.kernel: tail for tail in run.verdict.tails(load)} if run.verdict else {}

    def draw(axes, axis, drawn):
        continued = [(group, tails[group.kernel]) for group in drawn if group.kernel in tails]
        _share_axis(axes, max([group.counts["count"] for group in drawn] + [_rarest(*each) for each in continued]))
        for depth, group in enumerate(drawn):
            _curve(axes, axis, group, looks[group.kernel], depth)
        for group, tail in continued:
            _continue(axes, axis, group, tail, looks[group.kernel])
        return lambda group: 1 / group.counts["count"]

    def axis_of(drawn, deadline_ns):
        return _axis(drawn, deadline_ns, [tail.over_ns for tail in tails.values()], run.unit)

    return draw_latency_plot(run, load, looks, frame, axis_of, draw)


def _axis(drawn, deadline_ns, limits_ns, unit):
    smallest = min(group.figures["min"] for group in drawn)
    largest = max([*limits_ns, *(group.figures["max"] for group in drawn)])
    if largest < deadline_ns <= _DEADLINE_WITHIN * largest:
        largest = deadline_ns
    return LatencyAxis.forced_log(smallest, largest, unit)


def _rarest(group, tail):
    """One in so many, as far as a continued tail is drawn."""
    count = group.counts["count"]
    return min(1 / max(tail.share(tail.low, count), 1e-18), _FURTHEST * count)


def _share_axis(axes, most):
    axes.set_yscale("log")
    axes.set_ylim(0.5 / max(most, 2), 1.35)
    every = 1 if most < _SHARES_IN_STEPS_OF_TEN else 2
    shares = [10.0**-power for power in range(0, 20, every) if 10**power <= max(most, 2)]
    axes.yaxis.set_major_locator(FixedLocator(shares))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda share, _: "all" if share == 1 else f"1 in {_number(round(1 / share))}")
    )
    axes.grid(axis="y")


def _number(power_of_ten):
    """1,000,000, and 10⁸, for which the margin has no room."""
    if power_of_ten <= 10**6:
        return f"{power_of_ten:,}"
    return "10" + str(len(str(power_of_ten)) - 1).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _continue(axes, axis, group, tail, look):
    """The fit, dotted, to the limit's latency, and there the bounds of what the policy limits."""
    count = group.counts["count"]
    latencies, shares = tail.curve(count)
    lowest = axes.get_ylim()[0]
    axes.plot(
        [axis.at(latency) for latency in latencies],
        [max(share, lowest) for share in shares],
        color=look.colour,
        linestyle=":",
        linewidth=1.4,
        zorder=3,
    )
    low, high = (max(tail.share(rate, count), lowest) for rate in (tail.low, tail.high))
    at = axis.at(tail.over_ns)
    axes.plot([at, at], [low, high], color=look.colour, linewidth=4, alpha=0.45, solid_capstyle="butt", zorder=11)
    axes.annotate(
        f"{tail.low:.2g} to {tail.high:.2g} an hour",
        (at, high),
        xytext=(6, -10),
        textcoords="offset points",
        ha="left",
        color=look.colour,
        zorder=12,
    )


def _curve(axes, axis, group, look, depth):
    """Steps: from one latency to the next the share stays. The largest sample ends the curve, at 1/n."""
    n = group.counts["count"]
    xs, ys = [axis.low], [1.0]
    for latency_ns, above in group.exceedance:
        xs += [axis.at(latency_ns)] * 2
        ys += [ys[-1], above / n if above else 1 / n]
    axes.plot(xs, ys, color=look.colour, linestyle=look.line, linewidth=1.8, zorder=4 + depth)
    axes.plot(
        [axis.at(group.figures["max"])],
        [1 / n],
        marker=look.marker,
        color=look.colour,
        markersize=6,
        zorder=12 + depth,
        clip_on=False,
    )
