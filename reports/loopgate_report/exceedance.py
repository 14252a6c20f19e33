"""The complementary distribution of a load: which share of the stimuli took longer."""
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from loopgate_report.axis import LatencyAxis, clock
from loopgate_report.latency_plot import Frame, draw_latency_plot

_LEFT_IN, _PLOT_IN = 1.12, 3.6
_DEADLINE_WITHIN = 100  # times the max: beyond it the deadline would squeeze the curves


def draw_exceedance(run, load, looks):
    time = clock(run.time_base)
    frame = Frame(
        f"How often a latency is exceeded under load {load}, {time} time",
        f"share of stimuli with a larger latency [{time}]",
        _LEFT_IN,
        _PLOT_IN,
    )

    def draw(axes, axis, drawn):
        _share_axis(axes, max(group.counts["count"] for group in drawn))
        for depth, group in enumerate(drawn):
            _curve(axes, axis, group, looks[group.kernel], depth)
        return lambda group: 1 / group.counts["count"]

    def axis_of(drawn, deadline_ns):
        return _axis(drawn, deadline_ns, run.unit)

    return draw_latency_plot(run, load, looks, frame, axis_of, draw)


def _axis(drawn, deadline_ns, unit):
    smallest = min(group.figures["min"] for group in drawn)
    largest = max(group.figures["max"] for group in drawn)
    if largest < deadline_ns <= _DEADLINE_WITHIN * largest:
        largest = deadline_ns
    return LatencyAxis.forced_log(smallest, largest, unit)


def _share_axis(axes, most):
    axes.set_yscale("log")
    axes.set_ylim(0.5 / max(most, 2), 1.35)
    shares = [10.0**-power for power in range(0, 20) if 10**power <= max(most, 2)]
    axes.yaxis.set_major_locator(FixedLocator(shares))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda share, _: "all" if share == 1 else f"1 in {round(1 / share):,}")
    )
    axes.grid(axis="y")


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
