"""How often a window with interrupts or preemption off is at least so long: kernels side by side, a panel for each kind."""
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from loopgate_report import units
from loopgate_report.axis import LatencyAxis
from loopgate_report.sections import DRAWN
from loopgate_report.sheet import MARGIN_IN, ROW_IN, TITLE_IN, Sheet, context_text, footer_height, short
from loopgate_report.style import SOFT

_LEFT_IN, _RIGHT_IN, _PANEL_IN, _GAP_IN = 1.16, 0.3, 2.3, 0.62


def draw_sections(run, load, looks):
    cells = [cell for cell in run.sections if cell.load == load]
    names = _drawn(cells)
    kinds = [[(cell, cell.kinds[name]) for cell in cells if name in cell.kinds and cell.kinds[name].count] for name in names]
    drawn = [kind for pairs in kinds for _, kind in pairs]
    rows = [(cell, shown) for cell in cells for shown in _legend_rows(names)]
    legend = ROW_IN * len(rows) + 0.1
    notes = [] if all(cell.preemptible for cell in cells) else ["Without CONFIG_PREEMPTION preemption is off from one look at whether to reschedule to the next."]
    sheet = Sheet(TITLE_IN + legend + len(names) * (_PANEL_IN + _GAP_IN) + footer_height(notes) - 0.4)
    sheet.title(f"How long interrupts and preemption were off under load {load}, virtual time", context_text(run))
    axis = LatencyAxis.forced_log(min((kind.exceedance[0][0] for kind in drawn), default=1), max((kind.figures["max_ns"] for kind in drawn), default=1), units.US).widened(0.02, 0.06)
    for row, (cell, shown) in enumerate(rows):
        _legend(sheet, TITLE_IN + ROW_IN * row + 0.02, cell, shown, looks[cell.kernel])
    for i, (name, pairs) in enumerate(zip(names, kinds)):
        top = TITLE_IN + legend + i * (_PANEL_IN + _GAP_IN)
        sheet.text(MARGIN_IN, top + 0.1, name, size=10, weight="bold")
        axes = sheet.axes(_LEFT_IN, top + 0.26, _RIGHT_IN, _PANEL_IN)
        _panel(axes, axis, pairs, looks)
        if i + 1 == len(names):
            axes.set_xlabel("length of a window [us, virtual]")
    sheet.notes(notes)
    return sheet


def _drawn(cells):
    """A panel for each kind, and each CPU where there are several."""
    found = list(dict.fromkeys(name for cell in cells for name in cell.kinds))
    return [name for kind in DRAWN for name in found if name == kind or name.startswith(kind + ", ")]


def _legend_rows(names):
    """As many as have room beside the kernel's name."""
    return [names[i : i + len(DRAWN)] for i in range(0, len(names), len(DRAWN))]


def _legend(sheet, y, cell, shown, look):
    sheet.line([MARGIN_IN, MARGIN_IN + 0.28, MARGIN_IN + 0.56], y, color=look.colour, linestyle=look.line, linewidth=1.8, marker=look.marker, markevery=[1], markersize=5.5)
    sheet.text(MARGIN_IN + 0.68, y, short(cell.kernel), size=9.5, weight="bold")
    longest = " · ".join(f"{name}: max {units.us_text(cell.kinds[name].figures['max_ns'])}" for name in shown if name in cell.kinds and cell.kinds[name].count)
    sheet.text(MARGIN_IN + 3.0, y, longest, size=9.5, color=SOFT)


def _panel(axes, axis, pairs, looks):
    axis.apply(axes, "x")
    axes.set_yscale("log")
    most = max((kind.exceedance[0][1] for _, kind in pairs), default=1)
    axes.set_ylim(0.6, 2 * most)
    axes.yaxis.set_major_locator(FixedLocator([10**power for power in range(len(str(most)))]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    axes.set_ylabel("windows at least as long")
    axes.grid(axis="both")
    for depth, (cell, kind) in enumerate(pairs):
        look = looks[cell.kernel]
        xs, ys = zip(*kind.exceedance)
        axes.plot([axis.at(ns) for ns in xs], ys, color=look.colour, linestyle=look.line, linewidth=1.8, zorder=4 + depth)
        axes.plot([axis.at(xs[-1])], [ys[-1]], marker=look.marker, color=look.colour, markersize=6, zorder=12 + depth, clip_on=False)
