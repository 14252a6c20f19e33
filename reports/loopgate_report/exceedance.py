"""The complementary distribution of a load: which share of the stimuli took longer."""
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from loopgate_report.axis import LatencyAxis, clock, latency_label
from loopgate_report.histogram import nothing_to_draw
from loopgate_report.lanes import KEY, deadline_mark, draw_lanes, drop_lines, lanes_height, make_room
from loopgate_report.sheet import TITLE_IN, LegendTable, Sheet, context_text, footer_height, not_counted_note

_LEFT_IN, _RIGHT_IN, _PLOT_IN = 1.12, 0.3, 3.6
_DEADLINE_WITHIN = 100  # times the max: beyond it the deadline would squeeze the curves


def draw_exceedance(run, load, looks):
    groups = run.of_load(load)
    drawn = [group for group in groups if group.figures]
    top = TITLE_IN + LegendTable.height(groups)
    plot_top = top + lanes_height(drawn) + 0.08
    footer = not_counted_note(groups)
    sheet = Sheet(plot_top + _PLOT_IN + footer_height([KEY, *footer]))
    sheet.title(
        f"How often a latency is exceeded under load {load}, {clock(run.time_base)} time",
        context_text(run, groups),
    )
    LegendTable(sheet, TITLE_IN + 0.06, groups, looks, run)
    axes = sheet.axes(_LEFT_IN, plot_top, _RIGHT_IN, _PLOT_IN)
    axes.set_xlabel(latency_label(run))
    axes.set_ylabel(f"share of stimuli with a larger latency [{clock(run.time_base)}]")
    key = KEY
    if drawn:
        deadline_ns = run.info.get("deadline_ns", int)
        axis = make_room(_axis(drawn, deadline_ns, run.unit), sheet, drawn, _LEFT_IN, _RIGHT_IN)
        axis.apply(axes, "x")
        most = max(group.counts["count"] for group in drawn)
        _share_axis(axes, most)
        for depth, group in enumerate(drawn):
            _curve(axes, axis, group, looks[group.kernel], depth)
        draw_lanes(sheet.axes(_LEFT_IN, top, _RIGHT_IN, lanes_height(drawn)), axis, drawn, looks)
        drop_lines(axes, axis, drawn, looks, lambda group: 1 / group.counts["count"])
        key += deadline_mark(axes, axis, deadline_ns, clock(run.time_base))
    else:
        nothing_to_draw(axes)
        key = ""
    sheet.notes([key, *footer])
    return sheet


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
