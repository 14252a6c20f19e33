"""What the pictures of one load's latencies share: a plot under lanes that show each kernel's min, p50, p99.9 and max."""
import dataclasses

from loopgate_report.axis import clock, latency_label
from loopgate_report.lanes import KEY, deadline_mark, draw_lanes, drop_lines, lanes_height, make_room
from loopgate_report.sheet import (
    TITLE_IN,
    LegendTable,
    Sheet,
    context_text,
    footer_height,
    not_counted_note,
    unresolved_note,
)

_RIGHT_IN = 0.3


@dataclasses.dataclass
class Frame:
    title: str
    y_label: str
    left_in: float
    plot_in: float  # the plot's height
    notes: tuple = ()

    def width_in(self, paper_in):
        return paper_in - self.left_in - _RIGHT_IN


def draw_latency_plot(run, load, looks, frame, axis_of, draw):
    """`axis_of(drawn, deadline_ns)` gives the latency axis for the groups that have figures; `draw(axes, axis, drawn)` draws them, and gives
    the function from a group to the height at which it ends, at its max."""
    groups = run.of_load(load)
    drawn = [group for group in groups if group.figures]
    top = TITLE_IN + LegendTable.height(groups)
    plot_top = top + lanes_height(drawn) + 0.08
    footer = unresolved_note(groups, LegendTable.FIGURES) + not_counted_note(groups) + list(frame.notes)
    sheet = Sheet(plot_top + frame.plot_in + footer_height([KEY, *footer]))
    sheet.title(frame.title, context_text(run, groups))
    LegendTable(sheet, TITLE_IN + 0.06, groups, looks, run)
    axes = sheet.axes(frame.left_in, plot_top, _RIGHT_IN, frame.plot_in)
    axes.set_xlabel(latency_label(run))
    axes.set_ylabel(frame.y_label)
    key = KEY
    if drawn:
        deadline_ns = run.info.get("deadline_ns", int)
        axis = make_room(axis_of(drawn, deadline_ns), sheet, drawn, frame.left_in, _RIGHT_IN)
        axis.apply(axes, "x")
        end_of = draw(axes, axis, drawn)
        draw_lanes(sheet.axes(frame.left_in, top, _RIGHT_IN, lanes_height(drawn)), axis, drawn, looks)
        drop_lines(axes, axis, drawn, looks, end_of)
        key += deadline_mark(axes, axis, deadline_ns, clock(run.time_base))
    else:
        nothing_to_draw(axes)
        key = ""
    sheet.notes([key, *footer])
    return sheet


def nothing_to_draw(axes):
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(
        0.5,
        0.5,
        "no answered stimulus: nothing to draw",
        ha="center",
        va="center",
        transform=axes.transAxes,
        style="italic",
    )
