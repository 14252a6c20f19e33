"""Every kernel under every load: p50, p99.9 and max on one axis."""
from loopgate_report import units
from loopgate_report.axis import LatencyAxis, clock, latency_label
from loopgate_report.latency_plot import nothing_to_draw
from loopgate_report.lanes import deadline_beyond, deadline_mark
from loopgate_report.sheet import (
    MARGIN_IN,
    TITLE_IN,
    Sheet,
    context_text,
    footer_height,
    missing_text,
    not_counted_note,
    short,
    unresolved_note,
)
from loopgate_report.style import INK, SOFT, WIDTH_IN

_ROW_IN, _LOAD_IN, _RIGHT_IN = 0.25, 0.34, 2.15
_DEADLINE_WITHIN = 2  # times the max: beyond it the deadline would squeeze the lines
_COLUMNS = [("p50", 7.62), ("p99.9", 8.22), ("max", 8.82)]


def draw_overview(run, looks):
    height = len(run.loads) * (_LOAD_IN + len(run.kernels) * _ROW_IN) + 0.1
    top = TITLE_IN + 0.2
    drawn = [group for group in run.groups if group.figures]
    axis = _axis(drawn, run) if drawn else None
    footer = _notes(axis, run)
    sheet = Sheet(top + height + footer_height(footer))
    sheet.title(f"All loads: p50, p99.9 and max, {clock(run.time_base)} time", context_text(run, run.groups))
    left = 0.45 + max(sheet.width_of(short(kernel), 9.5) for kernel in run.kernels)
    axes = sheet.axes(left, top, _RIGHT_IN, height)
    axes.set_ylim(height, 0)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_xlabel(latency_label(run))
    if axis:
        axis.apply(axes, "x")
        axes.grid(axis="x")
        deadline_mark(axes, axis, run.info.get("deadline_ns", int), clock(run.time_base))
    else:
        nothing_to_draw(axes)
    for name, right in _COLUMNS:
        sheet.text(right, top - 0.06, name, size=8.5, color=SOFT, ha="right")
    y = 0.0
    for load in run.loads:
        sheet.text(MARGIN_IN, top + y + 0.2, f"load {short(load)}", size=10, weight="bold")
        axes.axhline(y + 0.02, color=SOFT, linewidth=0.5)
        y += _LOAD_IN
        for group in run.of_load(load):
            _row(sheet, axes, axis, top, y + _ROW_IN / 2, group, looks[group.kernel])
            y += _ROW_IN
    sheet.notes(footer)
    return sheet


def _axis(drawn, run):
    largest, deadline_ns = max(group.figures["max"] for group in drawn), run.info.get("deadline_ns", int)
    if largest < deadline_ns <= _DEADLINE_WITHIN * largest:
        largest = deadline_ns
    smallest = min(units.middle_ns(group.figures) for group in drawn)
    return LatencyAxis.forced_log(smallest, largest, run.unit).widened(0.04, 0.04)


def _notes(axis, run):
    key = (
        "The line reaches from p50 (|) over p99.9 (diamond) to the max (filled mark). Figures in"
        f" {run.unit.name}, {clock(run.time_base)}."
    )
    beyond = axis and deadline_beyond(axis, run.info.get("deadline_ns", int), clock(run.time_base))
    return [
        key,
        *([beyond.strip()] if beyond else []),
        *unresolved_note(run.groups, [name for name, _ in _COLUMNS]),
        *not_counted_note(run.groups),
    ]


def _row(sheet, axes, axis, top, y, group, look):
    sheet.text(MARGIN_IN + 0.16, top + y, short(group.kernel), size=9.5)
    if not group.figures:
        sheet.text(
            WIDTH_IN - MARGIN_IN,
            top + y,
            missing_text(group),
            size=9,
            ha="right",
            style="italic",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
        return
    left, p99_9, largest = (
        axis.at(figure)
        for figure in (
            units.middle_ns(group.figures),
            group.figures["p99_9"] or group.figures["max"],
            group.figures["max"],
        )
    )
    axes.plot([left, largest], [y, y], color=look.colour, linewidth=1.8, linestyle=look.line)
    if group.figures["p50"] is not None:
        axes.plot([left], [y], marker="|", color=INK, markersize=9, markeredgewidth=1.8)
    if group.figures["p99_9"] is not None:
        axes.plot(
            [p99_9], [y], marker="d", color="white", markeredgecolor=INK, markersize=5.5, markeredgewidth=1
        )
    axes.plot([largest], [y], marker=look.marker, color=look.colour, markersize=7, zorder=5)
    for name, right in _COLUMNS:
        figure = group.figures[name.replace(".", "_")]
        sheet.text(
            right,
            top + y,
            axis.unit.short(figure),
            size=9.5,
            ha="right",
            weight="bold" if name == "max" else "normal",
        )
