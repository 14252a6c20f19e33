"""The program's latencies and the pin's of the same cells, a panel each on one axis, kernel by kernel."""
from loopgate_report import units
from loopgate_report.axis import LatencyAxis, clock, latency_label
from loopgate_report.histogram import count_axis, outline
from loopgate_report.latency_plot import nothing_to_draw
from loopgate_report.sheet import TITLE_IN, Sheet, context_text, footer_height, short
from loopgate_report.style import SOFT, Look

_LEFT_IN, _RIGHT_IN, _PANEL_IN, _GAP_IN = 0.78, 0.3, 1.0, 0.3
_SELF_MEASURED = Look(SOFT, "--", "s", "...")


def draw_beside(run, load, looks):
    drawn = [group for group in run.of_load(load) if group.beside and group.figures]
    panels = [panel for group in drawn for panel in _panels(group, looks)]
    height = len(panels) * (_PANEL_IN + _GAP_IN)
    notes = ["Both of the same cells. The dashed ones are self-measured: a program took them of itself, from its timer's time."]
    sheet = Sheet(TITLE_IN + height + footer_height(notes))
    sheet.title(f"The pin and what a program says of itself, load {load}, {clock(run.time_base)} time", context_text(run, drawn))
    sheet.notes(notes)
    if not panels:
        nothing_to_draw(sheet.axes(_LEFT_IN, TITLE_IN, _RIGHT_IN, _PANEL_IN))
        return sheet
    smallest = min(bins[0][0] for _, bins, _ in panels)
    largest = max(bins[-1][1] for _, bins, _ in panels)
    most = max(amount for _, bins, _ in panels for _, _, amount in bins)
    top = TITLE_IN
    for number, (label, bins, look) in enumerate(panels):
        sheet.text(_LEFT_IN, top + 0.12, label, size=9.5, weight="bold")
        axes = sheet.axes(_LEFT_IN, top + _GAP_IN - 0.06, _RIGHT_IN, _PANEL_IN)
        axis = LatencyAxis.forced_log(smallest, largest, run.unit)
        axis.apply(axes, "x")
        count_axis(axes, most)
        axes.grid(axis="x")
        outline(axes, axis, bins, look, 0)
        if number + 1 == len(panels):
            axes.set_xlabel(latency_label(run))
        else:
            axes.set_xticklabels([])
        top += _PANEL_IN + _GAP_IN
    return sheet


def _panels(group, looks):
    name, beside = short(group.kernel), group.beside
    yield f"{name}: by the pin, {units.plural(beside.stimuli, 'stimulus')}", group.bins, looks[group.kernel]
    yield f"{name}: by {beside.program}, self-measured, {units.plural(beside.cycles, 'cycle')}", beside.bins, _SELF_MEASURED
