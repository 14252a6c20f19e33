"""The steps of a bisection from top to bottom: which differences each kernel had, and how it stood to the good end."""
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from loopgate_report.bisect_page import title
from loopgate_report.pictures import Picture
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, WIDTH_IN, Sheet, short
from loopgate_report.style import DEADLINE, GRID, INK, SOFT, settings

_ROW_IN, _FOOT_IN, _NAMES_IN, _GAP_IN = 0.27, 0.75, 1.75, 0.35
_CHANGES_MAX_IN = 3.2
# Told apart by colour and by shape.
_LOOKS = {"good": ("#0072B2", "o"), "bad": ("#D55E00", "s"), "cannot test": (SOFT, "x"), "undecided": ("#000000", "D")}
CAPTION = (
    "Steps from top to bottom, the two ends first. On the left the differences between the ends, by their numbers in the table: a filled square is one that the"
    " step's kernel has of the bad end. On the right its {quantity} as a ratio to the good end's, on a logarithmic axis; the dashed line is the policy's"
    " limit. A step without a ratio was not measured, or judged by something else: the table says why."
)


def bisect_picture(bisection):
    with settings():
        sheet = draw_bisect(bisection)
        return Picture("bisect", None, f"{len(bisection['steps'])} steps from the ends to the culprit", CAPTION.format(quantity=_quantity(bisection)), sheet.png(), sheet.svg())


def _quantity(bisection):
    return next((step["quantity"] for step in bisection["steps"] if step["quantity"]), "figure")


def draw_bisect(bisection):
    steps, count = bisection["steps"], len(bisection["changes"])
    height = max(len(steps), 1) * _ROW_IN
    sheet = Sheet(TITLE_IN + height + _FOOT_IN)
    sheet.title(f"Bisect {short(bisection['good']['name'])} – {short(bisection['bad']['name'])}", title(bisection))
    changes_in = min(_CHANGES_MAX_IN, max(0.7, 0.3 * count))
    left = sheet.axes(_NAMES_IN, TITLE_IN, WIDTH_IN - _NAMES_IN - changes_in, height)
    right_in = _NAMES_IN + changes_in + _GAP_IN
    right = sheet.axes(right_in, TITLE_IN, MARGIN_IN, height)
    for axes in (left, right):
        axes.set_ylim(len(steps) - 0.5, -0.5)
    _names(sheet, left, steps)
    _changes(left, bisection, changes_in / max(count, 1))
    _ratios(right, bisection)
    return sheet


def _names(sheet, axes, steps):
    axes.set_yticks([])
    for i, step in enumerate(steps):
        y = TITLE_IN + (i + 0.5) * _ROW_IN
        colour, _ = _LOOKS[step["result"]]
        sheet.text(MARGIN_IN, y, short(step["name"]), size=9)
        sheet.text(MARGIN_IN + 0.55, y, step["result"], size=9, color=colour, weight="bold")


def _changes(axes, bisection, cell_in):
    count = len(bisection["changes"])
    culprits = set((bisection["answer"] or {}).get("changes", []))
    axes.set_xlim(-0.5, count - 0.5)
    size = min(cell_in, _ROW_IN) * 72 * 0.62
    for i, step in enumerate(bisection["steps"]):
        has = set(step["changes"])
        for change in range(count):
            colour = _LOOKS["bad"][0] if change in culprits else INK
            axes.plot(change, i, "s", markersize=size, markerfacecolor=colour if change in has else "none", markeredgecolor=colour if change in has else GRID)
    ticks = list(range(0, count, max(1, -(-count // 10))))
    axes.set_xticks(ticks, [str(tick) for tick in ticks], size=8.5)
    axes.set_xlabel("differences", size=9)


def _ratios(axes, bisection):
    axes.set_xscale("log")
    axes.set_yticks(range(len(bisection["steps"])), [""] * len(bisection["steps"]))
    axes.grid(axis="y", color=GRID)
    seen = [step["seen"] for step in bisection["steps"] if step["seen"]]
    limits = {step["limit"] for step in bisection["steps"] if step["limit"]}
    ends = [*seen, *limits, 1.0]
    axes.set_xlim(min(ends) / 1.06, max(ends) * 1.06)
    for limit in limits:
        axes.axvline(limit, color=DEADLINE, linestyle=(0, (4, 2)), linewidth=1.1)
    for i, step in enumerate(bisection["steps"]):
        colour, marker = _LOOKS[step["result"]]
        if step["seen"]:
            axes.plot(step["seen"], i, marker, color=colour, markersize=6, zorder=3)
        else:
            axes.plot(0.02, i, marker, color=colour, markersize=6, transform=axes.get_yaxis_transform(), zorder=3)
    wide = max(ends) / min(ends) > 3
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)) if wide else LogLocator(10, subs=[1 + i / 10 for i in range(20)]))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.4g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"{_quantity(bisection)}, ratio to the good end", size=9)
