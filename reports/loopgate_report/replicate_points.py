"""Each replicate's p50, p99.9 and max, a panel for each kernel."""
from matplotlib.ticker import FuncFormatter, MaxNLocator

from loopgate_report import units
from loopgate_report.axis import LatencyAxis, clock
from loopgate_report.latency_plot import nothing_to_draw
from loopgate_report.replicates import word
from loopgate_report.sheet import (
    MARGIN_IN,
    TITLE_IN,
    Sheet,
    context_text,
    footer_height,
    missing_text,
    short,
)
from loopgate_report.style import INK, SOFT, WIDTH_IN

_LEFT_IN, _RIGHT_IN, _PANEL_IN, _GAP_IN = 0.9, 0.22, 1.35, 0.45
_FIGURES = ("p50", "p99_9", "max")
_KEY = (
    "From p50 (bar) over p99.9 (diamond) to the max (filled mark). Each kernel has an axis of its own."
)
_UNMEASURED = " x at the top: one that was not measured."


def draw_replicates(run, load, looks):
    groups = run.of_load(load)
    unmeasured = any(len(group.replicates) < len(group.cells) for group in groups)
    notes = [_KEY + (_UNMEASURED if unmeasured else ""), *_unresolved_note(groups)]
    sheet = Sheet(TITLE_IN + len(groups) * (_PANEL_IN + _GAP_IN) - 0.11 + footer_height(notes))
    sheet.title(
        f"{word(run.time_base).capitalize()} by {word(run.time_base)} under load {load}, {clock(run.time_base)} time", context_text(run, groups)
    )
    last = max(cell.repetition for group in groups for cell in group.cells)
    for i, group in enumerate(groups):
        top = TITLE_IN + i * (_PANEL_IN + _GAP_IN)
        _heading(sheet, top + 0.15, group, looks[group.kernel], run)
        axes = sheet.axes(_LEFT_IN, top + 0.34, _RIGHT_IN, _PANEL_IN)
        axes.set_ylabel(f"latency\n[{run.unit.name}, {clock(run.time_base)}]")
        axes.set_xlim(0.4, last + 0.6)
        axes.xaxis.set_major_locator(MaxNLocator(12, integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:.0f}" if 1 <= at <= last else ""))
        _points(axes, _axis(group, run.unit), group, looks[group.kernel], last)
        if i + 1 == len(groups):
            axes.set_xlabel(f"{word(run.time_base)}, in the order in which they were measured")
        else:
            axes.tick_params(labelbottom=False)
    sheet.notes(notes)
    return sheet


def _unresolved_note(groups):
    boots = [boot.figures for group in groups for boot in group.replicates]
    return [f"{units.LEGEND}."] if any(units.unresolved(each, _FIGURES) for each in boots) else []


def _axis(group, unit):
    """Of its own: boots are compared with each other here, and kernels in the other pictures."""
    figures = [boot.figures for boot in group.replicates if boot.figures]
    if not figures:
        return None
    smallest, largest = min(map(units.middle_ns, figures)), max(each["max"] for each in figures)
    return LatencyAxis(smallest, largest, unit).widened(0.12, 0.12)


def _heading(sheet, y, group, look, run):
    sheet.line([MARGIN_IN + 0.08], y, color=look.colour, marker=look.marker, markersize=6)
    sheet.text(MARGIN_IN + 0.24, y, short(group.kernel), size=10, weight="bold")
    sheet.text(WIDTH_IN - _RIGHT_IN, y, _range_text(group, run), size=9.5, ha="right", color=SOFT)


def _range_text(group, run):
    figures = [boot.figures for boot in group.replicates if boot.figures]
    if not figures:
        return missing_text(group)
    parts = []
    for key in _FIGURES:
        known = [each[key] for each in figures if each[key] is not None]
        low, high = (run.unit.short(edge(known, default=None)) for edge in (min, max))
        parts.append(f"{key.replace('_', '.')} {low}" + (f" to {high}" if high != low else ""))
    boots = len(group.replicates)
    planned = "" if boots == len(group.cells) else f" of {len(group.cells)}"
    return f"{boots}{planned} {word(run.time_base, len(group.cells))} · " + " · ".join(parts) + f" {run.unit.name}"


def _points(axes, axis, group, look, last):
    """Marks get smaller where there are many boots."""
    if axis is None:
        nothing_to_draw(axes)
        return
    axis.apply(axes, "y")
    axes.grid(axis="y")
    size = 1.0 if last <= 40 else 0.6
    boots = {boot.cell: boot for boot in group.replicates}
    for cell in group.cells:
        boot = boots.get(cell.name)
        if boot is None:
            axes.plot(
                [cell.repetition],
                [1.015],
                marker="x",
                markersize=6 * size,
                color=INK,
                markeredgewidth=1.2,
                transform=axes.get_xaxis_transform(),
                clip_on=False,
            )
        elif boot.figures:
            _boot(axes, axis, cell.repetition, boot.figures, look, size)


def _boot(axes, axis, x, figures, look, size):
    bottom, largest = axis.at(units.middle_ns(figures)), axis.at(figures["max"])
    axes.plot([x, x], [bottom, largest], color=look.colour, linewidth=1.4, linestyle=look.line)
    if figures["p50"] is not None:
        axes.plot([x], [bottom], marker="_", color=INK, markersize=10 * size, markeredgewidth=1.8)
    if figures["p99_9"] is not None:
        axes.plot(
            [x],
            [axis.at(figures["p99_9"])],
            marker="d",
            color="white",
            markeredgecolor=INK,
            markersize=6 * size,
            markeredgewidth=1,
        )
    axes.plot([x], [largest], marker=look.marker, color=look.colour, markersize=7 * size, zorder=5)
