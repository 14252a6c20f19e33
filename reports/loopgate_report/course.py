"""Forty blocks of each kernel in the order of time: the share of slow stimuli, and the median."""
from matplotlib.ticker import MaxNLocator

from loopgate_report.axis import clock
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, Sheet, context_text, footer_height, short
from loopgate_report.style import INK, SOFT, WIDTH_IN

_LEFT_IN, _MIDDLE_IN, _RIGHT_IN, _PANEL_IN, _GAP_IN = 0.75, 0.8, 0.22, 0.72, 0.5
_KEY = "The blocks are of equal count, averaged over the replicates; the time is from the first counted stimulus."


def draw_course(run, load, looks):
    groups = [group for group in run.of_load(load) if group.stationarity.begin_ns]
    sheet = Sheet(TITLE_IN + len(groups) * (_PANEL_IN + _GAP_IN) - 0.11 + footer_height([_KEY]))
    sheet.title(f"Does it drift under load {load}? {clock(run.time_base)} time", context_text(run, groups))
    width = (WIDTH_IN - _LEFT_IN - _MIDDLE_IN - _RIGHT_IN) / 2
    for i, group in enumerate(groups):
        top, look, found = TITLE_IN + i * (_PANEL_IN + _GAP_IN), looks[group.kernel], group.stationarity
        _heading(sheet, top + 0.15, group, look, run.unit)
        shares = sheet.axes(_LEFT_IN, top + 0.34, WIDTH_IN - _LEFT_IN - width, _PANEL_IN)
        _panel(shares, found.begin_ns, [100 * share for share in found.share_above], look, filled=True)
        shares.set_ylim(0, 1.1 * max(*(100 * share for share in found.share_above), 0.1))
        shares.set_ylabel(f"share [%,\n{clock(run.time_base)}]", size=8)
        medians = sheet.axes(WIDTH_IN - _RIGHT_IN - width, top + 0.34, _RIGHT_IN, _PANEL_IN)
        values = [ns / run.unit.ns for ns in found.median_ns]
        _panel(medians, found.begin_ns, values, look, filled=False)
        middle, reach = (min(values) + max(values)) / 2, max(max(values) - min(values), 0.04 * max(values))
        medians.set_ylim(middle - 0.55 * reach, middle + 0.55 * reach)  # what varies by 1 % does not fill it
        medians.set_ylabel(f"median [{run.unit.name},\n{clock(run.time_base)}]", size=8)
        for axes in (shares, medians):
            if i + 1 == len(groups):
                axes.set_xlabel(f"time [s, {clock(run.time_base)}]")
            else:
                axes.tick_params(labelbottom=False)
    sheet.notes([_KEY])
    return sheet


def _heading(sheet, y, group, look, unit):
    found = group.stationarity
    sheet.line([MARGIN_IN + 0.08], y, color=look.colour, marker=look.marker, markersize=6)
    sheet.text(MARGIN_IN + 0.24, y, short(group.kernel), size=10, weight="bold")
    text = f"{found.result} · left: the share above {unit.short(found.above_ns)} {unit.name}, right: the median"
    sheet.text(WIDTH_IN - _RIGHT_IN, y, text, size=9.5, ha="right", color=INK if found.result == "drifts" else SOFT)


def _panel(axes, begin_ns, figures, look, filled):
    """A step for each block; the last is as long as the one before it."""
    begins = [at / 1e9 for at in begin_ns]
    ends = begins + [2 * begins[-1] - begins[-2]]
    values = [*figures, figures[-1]]
    axes.step(ends, values, where="post", color=look.colour, linewidth=1.4, linestyle=look.line)
    if filled:
        axes.fill_between(ends, 0, values, step="post", color=look.colour, alpha=0.2, linewidth=0)
    axes.set_xlim(ends[0], ends[-1])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.grid(axis="y")
