"""The three classic figures as bars: a panel for each figure and load, a bar for each kernel."""
from loopgate_report.axis import LatencyAxis, clock, latency_label
from loopgate_report.latency_plot import nothing_to_draw
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, Sheet, short, time_text
from loopgate_report.style import INK, SOFT, WIDTH_IN, looks, settings
from loopgate_report.pictures import Picture
from loopgate_report.units import unit_for

_HEAD_IN, _BAR_IN, _FOOT_IN, _GAP_IN, _LABEL_IN = 0.34, 0.27, 0.5, 0.14, 1.15
CAPTION = (
    "Each panel is one figure under one load, on an axis of its own from zero ({clock} time): a bar half as long is half the time, and shorter is"
    " better. The interrupt latency runs from one pin's edge to the other's, as the instrument saw both; what a program took of itself is marked"
    " as self-measured. No published figure is drawn here: those are of other machines and of another clock."
)


def kernels_pictures(table, parts):
    rows = [row for row in table.classic if row.load]
    if not rows:
        return []
    with settings():
        sheet = draw_kernels(table, rows, parts)
        caption = CAPTION.format(clock=clock(parts[0].run.time_base))
        return [Picture("kernels", None, "At a glance", caption, sheet.png(), sheet.svg())]


def draw_kernels(table, rows, parts):
    bars_in = _BAR_IN * len(table.kernels)
    panel_in = _HEAD_IN + bars_in + _FOOT_IN + _GAP_IN
    sheet = Sheet(TITLE_IN + panel_in * len(rows))
    board = parts[0].info.child("board").get("name", str)
    sheet.title("Kernel by kernel: interrupt latency, task switch, jitter", f"{board} · {time_text(parts[0].run)}")
    look = looks(table.kernels)
    left = MARGIN_IN + 0.2 + max(sheet.width_of(short(kernel), 9.5) for kernel in table.kernels)
    for i, row in enumerate(rows):
        top = TITLE_IN + i * panel_in
        _heading(sheet, top + 0.16, row)
        axes = sheet.axes(left, top + _HEAD_IN, MARGIN_IN + _LABEL_IN, bars_in)
        _panel(sheet, axes, table, row, look, left, top + _HEAD_IN, parts[0].run)
    return sheet


def _heading(sheet, y, row):
    sheet.text(MARGIN_IN, y, row.name, size=10.5, weight="bold")
    text = " · ".join(part for part in (row.source, row.count) if part)
    sheet.text(WIDTH_IN - MARGIN_IN, y, text, size=9, ha="right", color=SOFT)


def _panel(sheet, axes, table, row, look, left, top, run):
    drawn = [figure.ns for figure in row.figures.values() if figure.ns is not None]
    axes.set_ylim(len(table.kernels) - 0.5, -0.5)
    axes.set_yticks([])
    if drawn:
        axis = LatencyAxis.from_zero(max(max(drawn), 1), unit_for(max(drawn)))
        axis.apply(axes, "x")
        axes.grid(axis="x")
        axes.set_xlabel(latency_label(run, "time", axis.unit), size=8.5, labelpad=1)
    else:
        nothing_to_draw(axes)
    for y, kernel in enumerate(table.kernels):
        figure = row.figures[kernel]
        at = top + _BAR_IN * (y + 0.5)
        sheet.text(MARGIN_IN + 0.08, at, short(kernel), size=9.5)
        if figure.ns is None:
            text = figure.text if figure.broken else f"{figure.text}  ({figure.why})" if figure.why else figure.text
            text = sheet.fitted(text, 9, room=WIDTH_IN - MARGIN_IN - left - 0.08)
            sheet.text(left + 0.08, at, text, size=9, style="italic", color=SOFT)
            continue
        width = axis.at(figure.ns)
        axes.barh(
            y, width, height=0.68, color=look[kernel].colour, hatch=look[kernel].hatch, edgecolor="white", linewidth=0, zorder=3
        )
        axes.annotate(
            figure.text, (width, y), xytext=(5, 0), textcoords="offset points", va="center", size=9.5, color=INK, weight="bold",
            annotation_clip=False, zorder=5,
        )
