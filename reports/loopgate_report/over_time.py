"""Latency over time, a panel for each kernel, all with the same axes: shows periods, drifts and bursts."""
import numpy

from loopgate_report.axis import LatencyAxis, clock
from loopgate_report.latency_plot import nothing_to_draw
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
from loopgate_report.style import INK, SOFT

_LEFT_IN, _RIGHT_IN, _PANEL_IN, _GAP_IN = 0.9, 0.22, 1.45, 0.45
_LABEL_REACHES = 3  # times the latency, on a logarithmic axis of some decades
_GRID = (2400, 600)  # finer than a panel's pixels: of samples on one place one is drawn


def draw_over_time(run, load, looks):
    groups = run.of_load(load)
    drawn = [group for group in groups if group.figures]
    axis = None
    if drawn:
        axis = LatencyAxis(
            min(g.figures["min"] for g in drawn), max(g.figures["max"] for g in drawn), run.unit
        ).widened(0.06, 0.28)
    footer = _notes(groups, run.info.get("deadline_ns", int), axis)
    footer += unresolved_note(groups, ("p50", "p99.9")) + not_counted_note(groups)
    sheet = Sheet(TITLE_IN + len(groups) * (_PANEL_IN + _GAP_IN) - 0.11 + footer_height(footer))
    sheet.title(
        f"Latency over time under load {load}, {clock(run.time_base)} time", context_text(run, groups)
    )
    span_s = _span_s([cell.samples for group in groups for cell in group.cells if cell.samples])
    for i, group in enumerate(groups):
        top = TITLE_IN + i * (_PANEL_IN + _GAP_IN)
        axes = sheet.axes(_LEFT_IN, top + 0.34, _RIGHT_IN, _PANEL_IN)
        _panel(axes, axis, group, looks[group.kernel], span_s, run)
        _heading(sheet, top + 0.15, group, looks[group.kernel], run.unit)
        if i + 1 == len(groups):
            axes.set_xlabel(f"time of the stimulus [s, {clock(run.time_base)}]")
        else:
            axes.tick_params(labelbottom=False)
    sheet.notes(footer)
    return sheet


def _heading(sheet, y, group, look, unit):
    sheet.line([MARGIN_IN + 0.08], y, color=look.colour, marker=look.marker, markersize=6)
    sheet.text(MARGIN_IN + 0.24, y, short(group.kernel), size=10, weight="bold")
    if group.figures:
        figures = group.figures
        text = (
            f"p50 {unit.short(figures['p50'])} · p99.9 {unit.short(figures['p99_9'])} · max"
            f" {unit.short(figures['max'])} {unit.name}"
        )
    else:
        text = missing_text(group)
    sheet.text(9.0 - _RIGHT_IN, y, text, size=9.5, ha="right", color=SOFT)


def _panel(axes, axis, group, look, span_s, run):
    axes.set_ylabel(f"latency\n[{run.unit.name}, {clock(run.time_base)}]")
    if axis is None:
        nothing_to_draw(axes)
        return
    axis.apply(axes, "y")
    axes.set_xlim(*span_s)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axes.grid(axis="y")
    for cell in group.cells:
        if cell.samples:
            _points(axes, axis, cell.samples, look, span_s)
    deadline = run.info.get("deadline_ns", int) / axis.unit.ns
    _mark_max(axes, axis, group, span_s, deadline)
    if axis.low < deadline < axis.high:
        axes.axhline(deadline, color=SOFT, linewidth=1, linestyle=(0, (7, 2, 1.5, 2)), zorder=1)


def _points(axes, axis, samples, look, span_s):
    seconds, latency = _thinned(
        samples.stimulus_ns / 1e9, numpy.maximum(samples.latency_ns / axis.unit.ns, axis.low), axis, span_s
    )
    axes.plot(
        seconds,
        latency,
        linestyle="none",
        marker=".",
        markersize=_size(samples),
        markeredgewidth=0,
        color=look.colour,
        alpha=0.75,
        rasterized=True,
        zorder=3,
    )
    for times_ns, marker in ((samples.unanswered_ns, "x"), (samples.not_sent_ns, "|")):
        step_s = (span_s[1] - span_s[0]) / _GRID[0]
        seconds = numpy.unique(numpy.round(times_ns / 1e9 / step_s)) * step_s
        axes.plot(
            seconds,
            numpy.full(len(seconds), 1.015),
            linestyle="none",
            marker=marker,
            markersize=5,
            color=INK,
            markeredgewidth=1,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
            rasterized=len(seconds) > 500,
        )


def _size(samples):
    return 6 if len(samples.latency_ns) < 300 else 4 if len(samples.latency_ns) < 2000 else 2.6


def _thinned(seconds, latency, axis, span_s):
    """Of the samples that fall on one place of a grid finer than the pixels, one: it looks the same."""
    if len(seconds) < 20_000:
        return seconds, latency
    height = (
        numpy.log(latency / axis.low) / numpy.log(axis.high / axis.low)
        if axis.log
        else ((latency - axis.low) / (axis.high - axis.low))
    )
    place = ((seconds - span_s[0]) / (span_s[1] - span_s[0]) * _GRID[0]).astype(numpy.int64) * (
        _GRID[1] + 1
    ) + (height * _GRID[1]).astype(numpy.int64)
    _, kept = numpy.unique(place, return_index=True)
    return seconds[kept], latency[kept]


def _mark_max(axes, axis, group, span_s, deadline):
    if not group.figures:
        return
    largest_ns = group.figures["max"]
    at_ns = next(
        int(samples.stimulus_ns[numpy.argmax(samples.latency_ns)])
        for samples in (cell.samples for cell in group.cells)
        if samples and len(samples.latency_ns) and int(samples.latency_ns.max()) == largest_ns
    )
    seconds = at_ns / 1e9
    axes.plot(
        [seconds],
        [axis.at(largest_ns)],
        marker="o",
        markersize=8,
        markerfacecolor="none",
        markeredgecolor=INK,
        markeredgewidth=1.1,
        zorder=6,
    )
    place = (seconds - span_s[0]) / (span_s[1] - span_s[0])
    # Below its sample where the deadline's line would run through it.
    above = not 1 < deadline / axis.at(largest_ns) < _LABEL_REACHES
    align = "left" if place < 0.1 else "right" if place > 0.9 else "center"
    axes.annotate(
        f"max {axis.unit.short(largest_ns)} {axis.unit.name} at {seconds:,.3f} s",
        (seconds, axis.at(largest_ns)),
        (0, 7 if above else -7),
        textcoords="offset points",
        ha=align,
        va="bottom" if above else "top",
        size=8.5,
        zorder=7,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )


def _span_s(cells):
    """From the first counted stimulus to the last, of all kernels, and a little on both sides."""
    times = [
        times
        for samples in cells
        for times in (samples.stimulus_ns, samples.unanswered_ns, samples.not_sent_ns)
        if len(times)
    ]
    first = min((float(each.min()) for each in times), default=0.0) / 1e9
    last = max((float(each.max()) for each in times), default=1e9) / 1e9
    room = 0.01 * (last - first) or 0.01
    return first - room, last + room


def _notes(groups, deadline_ns, axis):
    notes = []
    if axis and axis.low < deadline_ns / axis.unit.ns < axis.high:
        notes.append(f"Dash-dotted: the deadline, {axis.unit.round(deadline_ns)} {axis.unit.name}.")
    if any(group.counts["unanswered"] for group in groups):
        notes.append("x at the top: never answered.")
    if any(group.counts["not_sent"] for group in groups):
        notes.append("| at the top: not sent, an earlier one was pending.")
    if any(sum(1 for cell in group.cells if cell.samples) > 1 for group in groups):
        notes.append("Replicates are drawn over each other.")
    return [" ".join(notes)] if notes else []
