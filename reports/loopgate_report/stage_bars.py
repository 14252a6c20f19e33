"""Where the time goes: each kernel's median sample and its worst, cut into their stages."""
from matplotlib.patches import Rectangle

from loopgate_report import units
from loopgate_report.axis import LatencyAxis, clock, latency_label
from loopgate_report.sheet import (
    MARGIN_IN,
    TITLE_IN,
    Sheet,
    context_text,
    footer_height,
    missing_text,
    not_counted_note,
    short,
)
from loopgate_report.style import INK, PHASE_LOOKS, SOFT, STAGE_LOOKS, WIDTH_IN

_ROW_IN, _HEAD_IN, _GAP_IN, _BAR_IN = 0.2, 0.52, 0.13, 0.25
_LINES = ("p50", "p99", "max")
_LINES_RIGHT, _TABLE_LEFT = 2.92, 3.0
_PLOT_GAP_IN, _STRIP_IN, _RIGHT_IN = 0.14, 0.3, 0.3  # the strip has the deadline's name
_TEXT_SIZE = 9
_DEADLINE_WITHIN = 2  # times the longest bar: beyond it the deadline would squeeze the bars
_SHORT = {  # of phases, whose names are as long as a column is wide
    "irq thread wakeup latency": "irq thread wakeup",
    "payload wakeup latency": "payload wakeup",
    "payload's system calls": "system calls",
}
LOOKS = {**STAGE_LOOKS, **PHASE_LOOKS}
_KEY = "The bars are to scale. The figures above are each stage's own, so they don't add up to a bar."


def draw_stages(run, load, _looks):
    groups = run.of_load(load)
    drawn = [group for group in groups if group.stages]
    names = _names(drawn)
    table_in = _HEAD_IN + len(drawn) * (len(_LINES) * _ROW_IN + 0.06)
    plot_top = TITLE_IN + table_in + _PLOT_GAP_IN
    plot_in = _STRIP_IN + len(groups) * (2 * _BAR_IN + _GAP_IN)
    notes = [_KEY, *_left_out(drawn), *_unresolved(drawn), *not_counted_note(groups)]
    sheet = Sheet(plot_top + plot_in + footer_height(notes))
    sheet.title(
        f"Where the time goes under load {load}, {clock(run.time_base)} time", context_text(run, groups)
    )
    _table(sheet, names, drawn, run)
    _bars(sheet, plot_top, plot_in, groups, names, run)
    sheet.notes(notes)
    return sheet


def _names(drawn):
    """Where one frame makes a decision there is no scene to wait for."""
    names = drawn[0].stages.names
    scenes = any(stage.max_ns for group in drawn for stage in group.stages.stages if stage.name == "scene")
    return [name for name in names if name != "scene" or scenes]


def _left_out(drawn):
    left_out = sum(group.stages.left_out for group in drawn)
    if not left_out:
        return []
    return [f"Left out: {units.plural(left_out, 'answered sample')} without a record of it."]


def _unresolved(drawn):
    few = any(group.stages.unresolved for group in drawn)
    return [f"{units.LEGEND}."] if few else []


def _table(sheet, names, drawn, run):
    """The key to the bars too. In us: a stage can be a thousand times shorter than the whole."""
    head = f"each stage by itself  [us, {clock(run.time_base)}]"
    sheet.text(MARGIN_IN, TITLE_IN + 0.27, head, size=8.5, color=SOFT)
    width = (WIDTH_IN - MARGIN_IN - _TABLE_LEFT) / len(names)
    rights = {name: _TABLE_LEFT + width * (i + 1) for i, name in enumerate(names)}
    for name, right in rights.items():
        _swatch(sheet, right - min(0.72, width - 0.1), right, TITLE_IN + 0.07, name)
        label = _SHORT.get(name, name)
        sheet.text(right, TITLE_IN + 0.27, label, size=8.5 if len(label) < 14 else 5.8, ha="right")
    sheet.line([MARGIN_IN, WIDTH_IN - MARGIN_IN], TITLE_IN + 0.39, color=SOFT, linewidth=0.6)
    y = TITLE_IN + _HEAD_IN
    for group in drawn:
        _kernel(sheet, y, group)
        for line in _LINES:
            sheet.text(_LINES_RIGHT, y, line, size=8.5, ha="right", color=SOFT)
            for stage in group.stages.stages:
                if stage.name in rights:
                    text = units.US.short(getattr(stage, f"{line}_ns"))
                    sheet.text(rights[stage.name], y, text, size=_TEXT_SIZE, ha="right")
            y += _ROW_IN
        y += 0.06


def _swatch(sheet, left, right, y, name):
    colour, hatch = LOOKS[name]
    sheet.figure.add_artist(
        Rectangle(
            (left / WIDTH_IN, 1 - (y + 0.055) / sheet.height),
            (right - left) / WIDTH_IN,
            0.11 / sheet.height,
            facecolor=colour,
            edgecolor=INK,
            hatch=hatch,
            linewidth=0,
        )
    )


def _kernel(sheet, y, group):
    """Without its colour, which here is a stage's."""
    sheet.text(MARGIN_IN, y, short(group.kernel), size=_TEXT_SIZE, weight="bold")


def _bars(sheet, top, height, groups, names, run):
    left = MARGIN_IN + 0.7 + max(sheet.width_of(short(group.kernel), _TEXT_SIZE, "bold") for group in groups)
    axes = sheet.axes(left, top, _RIGHT_IN, height)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    axes.set_xlabel(latency_label(run))
    deadline_ns = run.info.get("deadline_ns", int)
    axis = _axis(sheet, groups, deadline_ns, WIDTH_IN - left - _RIGHT_IN, run.unit)
    axis.apply(axes, "x")
    axes.grid(axis="x")
    y = _STRIP_IN
    for group in groups:
        middle = y + _BAR_IN / 2
        _kernel(sheet, top + middle, group)
        if group.stages:
            for what, at in (("median", middle), ("worst", middle + _BAR_IN)):
                sheet.text(left - 0.08, top + at, what, size=_TEXT_SIZE, ha="right", color=SOFT)
                _bar(axes, axis, at, group.stages, getattr(group.stages, f"{what}_ns"), names)
        else:
            sheet.text(left + 0.08, top + middle, _why_none(group), size=_TEXT_SIZE, style="italic")
        y += 2 * _BAR_IN + _GAP_IN
    _deadline(axes, axis, deadline_ns)


def _why_none(group):
    return "no sample has a record of its frame" if group.figures else missing_text(group)


def _total(axis, segments_ns):
    return f"{axis.unit.short(sum(segments_ns))} {axis.unit.name}"


def _axis(sheet, groups, deadline_ns, width_in, unit):
    """With room for each bar's total behind it."""
    bars = [
        bar for group in groups if group.stages for bar in (group.stages.median_ns, group.stages.worst_ns)
    ]
    longest_ns = max(map(sum, bars))
    axis = LatencyAxis.from_zero(longest_ns, unit)
    for bar in bars:
        room = 1 - (sheet.width_of(_total(axis, bar), _TEXT_SIZE) + 0.16) / width_in
        axis.high = max(axis.high, sum(bar) / unit.ns / room)
    if deadline_ns <= _DEADLINE_WITHIN * longest_ns:
        axis.high = max(axis.high, 1.03 * deadline_ns / unit.ns)
    return axis


def _bar(axes, axis, y, stages, segments_ns, names):
    """To scale, without outlines: they would make a short stage longer than it is."""
    start_ns = 0
    for name, length_ns in zip(stages.names, segments_ns):
        colour, hatch = LOOKS[name]
        if name in names:
            axes.barh(
                y,
                length_ns / axis.unit.ns,
                _BAR_IN - 0.05,
                start_ns / axis.unit.ns,
                facecolor=colour,
                edgecolor=INK,
                hatch=hatch,
                linewidth=0,
                snap=False,  # to whole pixels: a thin one would grow to one, or vanish
                zorder=3,
            )
        start_ns += length_ns
    axes.annotate(
        _total(axis, segments_ns),
        (start_ns / axis.unit.ns, y),
        (5, 0),
        textcoords="offset points",
        va="center",
        size=_TEXT_SIZE,
        zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )


def _deadline(axes, axis, deadline_ns):
    """A line, or what is right of the axis' end, in words."""
    at = deadline_ns / axis.unit.ns
    text = f"deadline {axis.unit.round(deadline_ns)} {axis.unit.name}"
    within = at <= axis.high
    if within:
        axes.axvline(at, color="white", linewidth=3, zorder=4)  # so that it is seen on dark stages too
        axes.axvline(at, color=INK, linewidth=1.3, linestyle=(0, (7, 2, 1.5, 2)), zorder=5)
    near_right = at > 0.8 * axis.high
    axes.annotate(
        text if within else f"{text}, right of this axis \N{RIGHTWARDS ARROW}",
        (min(at, axis.high), 0.04),
        (-5 if near_right else 5, 0),
        textcoords="offset points",
        ha="right" if near_right else "left",
        va="top",
        size=_TEXT_SIZE,
        zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )
