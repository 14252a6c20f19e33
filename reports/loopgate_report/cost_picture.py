"""What each difference adds, as a waterfall: from the first kernel's figure at the top down to the other's at the bottom."""
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from loopgate_report import units
from loopgate_report.axis import clock
from loopgate_report.cell import printable
from loopgate_report.cost_record import FROM, NAMED_MAX, REST, TO, label_of
from loopgate_report.cost_words import context, measured_text, percent, quantity, signed, taken_from, time_text, title
from loopgate_report.pictures import Picture
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, WIDTH_IN, Sheet
from loopgate_report.style import GRID, INK, SOFT, settings

_ROW_IN, _HEAD_IN, _FOOT_IN = 0.27, 0.24, 0.92
_NUMBER_RIGHT, _NAME_LEFT, _NAME_RIGHT, _ADDED_RIGHT, _PLOT_LEFT, _RIGHT_IN = 0.36, 0.46, 3.55, 4.2, 4.35, 0.3
_BAR = 0.62  # of a row
_DECIMALS = 3
_MORE, _LESS, _PALE = "#D55E00", "#0072B2", 0.3
_UNFINISHED = "Not finished: what is missing was not measured yet. "
CAPTION = (
    "From {start}'s {by} at the top to {end}'s at the bottom, the differences going in one row after the other, in {time}. Each bar begins where the one before it"
    " ended; the thin line through it spans where it ends at {confidence} confidence. A pale bar is no cost. A diamond is where the bar would"
    " end by what taking the row alone out of {taken_from} takes back: where it lies elsewhere, what the row adds depends on what else is there. The axis does not begin at 0."
)


def cost_picture(cost):
    with settings():
        sheet = draw_cost(cost)
        caption = ("" if cost.is_finished else _UNFINISHED) + CAPTION.format(
            start=cost.start, end=cost.end, taken_from=taken_from(cost), by=quantity(cost), confidence=percent(cost.confidence), time=time_text(cost)
        )
        return Picture("cost", cost.load, f"What each of {units.plural(len(cost.rows), 'row')} adds", caption, sheet.png(), sheet.svg())


def draw_cost(cost):
    height = (len(cost.rows) + 2) * _ROW_IN
    sheet = Sheet(TITLE_IN + _HEAD_IN + height + _FOOT_IN)
    whole = f": {quantity(cost)} {signed(cost.total.ns)}" if cost.total else ""
    sheet.title(title(cost) + whole + ("" if cost.is_finished else ", not finished"), f"{context(cost)} · {measured_text(cost)}")
    axes = sheet.axes(_PLOT_LEFT, TITLE_IN + _HEAD_IN, _RIGHT_IN, height)
    axes.set_ylim(len(cost.rows) + 1.5, -0.5)
    unit = _unit(cost)
    _axis(axes, cost, unit)
    _head(sheet, unit)
    for i, row in enumerate(cost.rows):
        _names(sheet, i + 1, str(row.number), row.names or [REST], _text(row.added.ns, unit), cost.is_cost(row))
        _bar(axes, i + 1, row, unit, cost.is_cost(row))
    for i, step, name in ((0, cost.step(FROM), cost.start), (len(cost.rows) + 1, cost.step(TO), cost.end)):
        _end(sheet, axes, i, step, name, unit)
    _key(sheet, cost)
    return sheet


def _places(cost):
    """All that the axis must hold, in ns."""
    ends = [step.ns for step in (cost.step(FROM), cost.step(TO)) if step]
    for row in cost.rows:
        begin = row.before.ns
        ends += [begin, begin + row.added.ns, begin + row.added.low_ns, begin + row.added.high_ns]
        ends += [begin + row.taken_out.ns] if row.taken_out else []
    return ends


def _unit(cost):
    return units.unit_for(max(map(abs, _places(cost)), default=0))


def _text(ns, unit):
    return f"{ns / unit.ns:+,.{_DECIMALS}f}"


def _axis(axes, cost, unit):
    ends = [ns / unit.ns for ns in _places(cost)] or [0.0]
    least, most = min(ends), max(ends)
    room = 0.04 * (most - least) or 0.05 * abs(most) or 1.0
    axes.set_xlim(least - room, most + room)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.6g}"))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=GRID)
    axes.set_xlabel(f"{quantity(cost)} [{unit.name}, {clock(cost.time_base)}]", size=9.5)


def _head(sheet, unit):
    y = TITLE_IN + 0.07
    sheet.text(_NAME_LEFT, y, "difference", size=8.5, color=SOFT)
    sheet.text(_ADDED_RIGHT, y, f"added [{unit.name}]", size=8.5, color=SOFT, ha="right")
    sheet.line([MARGIN_IN, _ADDED_RIGHT], y + 0.12, color=SOFT, linewidth=0.6)


def _names(sheet, i, number, names, figure, is_shown, weight="normal"):
    y = TITLE_IN + _HEAD_IN + (i + 0.5) * _ROW_IN
    colour = INK if is_shown else SOFT
    sheet.text(_NUMBER_RIGHT, y, number, size=8.5, color=SOFT, ha="right")
    sheet.text(_NAME_LEFT, y, _fitted(sheet, names, weight), size=9, color=colour, weight=weight)
    sheet.text(_ADDED_RIGHT, y, figure, size=9, color=colour, weight=weight, ha="right")


def _fitted(sheet, names, weight):
    """As many names as there is room for, and how many more there are."""
    room = _NAME_RIGHT - _NAME_LEFT
    for count in range(min(len(names), NAMED_MAX), 0, -1):
        text = label_of(names, count)
        if sheet.width_of(printable(text), 9, weight) <= room:
            return text
    more = label_of(names, 1).removeprefix(names[0])
    return sheet.fitted(printable(names[0]), 9, weight, room - (sheet.width_of(more, 9, weight) if more else 0)) + more


def _bar(axes, i, row, unit, is_cost):
    begin, end = row.before.ns / unit.ns, (row.before.ns + row.added.ns) / unit.ns
    colour = _MORE if row.added.ns >= 0 else _LESS
    axes.barh(i, end - begin, _BAR, begin, color=colour, alpha=1 if is_cost else _PALE, linewidth=0, zorder=3)
    axes.plot([begin, begin], [i - 1 + _BAR / 2, i + _BAR / 2], color=SOFT, linewidth=0.6, zorder=2)
    axes.plot([end, end], [i - _BAR / 2, i + 1 - _BAR / 2], color=SOFT, linewidth=0.6, zorder=2)
    bounds = [(row.before.ns + ns) / unit.ns for ns in (row.added.low_ns, row.added.high_ns)]
    axes.plot(bounds, [i, i], color=INK, linewidth=0.9, zorder=4)
    if row.taken_out:
        axes.plot((row.before.ns + row.taken_out.ns) / unit.ns, i, "D", **_DIAMOND)


_DIAMOND = {"markersize": 4.6, "markerfacecolor": "white", "markeredgecolor": INK, "markeredgewidth": 0.9, "zorder": 5}


def _end(sheet, axes, i, step, name, unit):
    figure = f"{step.ns / unit.ns:,.{_DECIMALS}f}" if step else "not measured"
    _names(sheet, i, "", [name], figure, True, weight="bold")
    if step:
        axes.plot([step.ns / unit.ns] * 2, [i - _BAR / 2, i + _BAR / 2], color=INK, linewidth=2.4, solid_capstyle="butt", zorder=4)


def _key(sheet, cost):
    handles = [
        Patch(color=_MORE, label="adds"),
        Patch(color=_LESS, label="takes away"),
        Patch(color=_MORE, alpha=_PALE, label="no cost"),
        Line2D([], [], color=INK, linewidth=0.9, label=f"{percent(cost.confidence)} interval"),
        Line2D([], [], marker="D", linestyle="none", label="where it ends, taken out alone", **_DIAMOND),
    ]
    place = (MARGIN_IN / WIDTH_IN, 0.06 / sheet.height)
    sheet.figure.legend(handles=handles, loc="lower left", bbox_to_anchor=place, ncol=5, frameon=False, fontsize=8.5, borderpad=0, handlelength=1.4, columnspacing=1.4)
