"""A set of series over its runs: a panel for each figure, a line for each kernel, and where they changed."""
from matplotlib.ticker import FuncFormatter, MaxNLocator

from loopgate_report import units
from loopgate_report.history_page import shown_columns, time_of, title
from loopgate_report.pictures import Picture
from loopgate_report.sheet import MARGIN_IN, ROW_IN, TITLE_IN, Sheet, short
from loopgate_report.style import GRID, INK, SOFT, WIDTH_IN, looks, settings

_PANEL_IN, _GAP_IN, _LEFT_IN, _FOOT_IN = 1.55, 0.32, 0.85, 0.36
_MARKED_MAX = 60  # runs whose points have markers
_NAMES_MAX = 8
_WIDE_MAX = 8  # panels that have the whole width
CAPTION = (
    "Runs from left to right in the order in which they were measured; each panel is one figure ({time}) on an axis of its own, which does not"
    " begin at zero. A dashed line is a change that was found in that figure, in its kernel's colour, with the ratio of the medians after and before."
    " A ring is a FAIL; a cross at the foot is a run in which this kernel is INVALID, or failed, and has no figure."
)


def history_pictures(history):
    with settings():
        return [_picture(one, i, history["runs"]) for i, one in enumerate(history["sets"])]


def _picture(one, i, runs):
    sheet = draw_history(one, runs)
    return Picture(f"history-{i + 1}", one["load"], title(one), CAPTION.format(time=time_of(one)), sheet.png(), sheet.svg())


def draw_history(one, runs):
    shown = sorted({point["run"] for series in one["series"] for point in series["points"]})
    places = {run: x for x, run in enumerate(shown)}
    figures = shown_columns(one)
    look = looks([series["kernel"] for series in one["series"]])
    key_in = ROW_IN * len(one["series"])
    # Side by side where there are more than a screen shows, as of a suite of twenty programs.
    across = 1 if len(figures) <= _WIDE_MAX else 2
    rows = max(-(-len(figures) // across), 1)
    sheet = Sheet(TITLE_IN + key_in + (_PANEL_IN + _GAP_IN) * rows + _FOOT_IN)
    sheet.title(units.plural(len(shown), "run"), title(one))
    _key(sheet, one, look)
    top = TITLE_IN + key_in + 0.1
    width = (WIDTH_IN - MARGIN_IN) / across
    for i, column in enumerate(figures or [None]):
        left = i % across * width + _LEFT_IN
        axes = sheet.axes(left, top + i // across * (_PANEL_IN + _GAP_IN), WIDTH_IN - (left - _LEFT_IN + width), _PANEL_IN)
        if column:
            _panel(axes, one, places, column, look)
        else:
            axes.set_yticks([])
            axes.text(0.5, 0.5, "no figure in any run", transform=axes.transAxes, ha="center", va="center", style="italic", color=SOFT)
        _names(axes, shown, runs, _NAMES_MAX // across, last=i + across >= len(figures))
    return sheet


def _key(sheet, one, look):
    for i, series in enumerate(one["series"]):
        y = TITLE_IN + ROW_IN * (i + 0.1)
        kernel = series["kernel"]
        sheet.line([MARGIN_IN, MARGIN_IN + 0.45], y, color=look[kernel].colour, linestyle=look[kernel].line, linewidth=1.6)
        sheet.text(MARGIN_IN + 0.55, y, short(kernel), size=9.5)


def _panel(axes, one, places, column, look):
    key = column["key"]
    axes.set_title(short(column["label"]), loc="left", size=10, weight="bold", color=INK, pad=4)
    axes.set_ylabel("us" if column["unit"] == "ns" else column["unit"], size=9)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: units.us(value, 1) if column["unit"] == "ns" else _number(value)))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color=GRID)
    axes.margins(y=0.12)
    axes.set_xlim(-0.5, max(len(places), 1) - 0.5)
    for series in one["series"]:
        style = look[series["kernel"]]
        drawn = {places[point["run"]]: point for point in series["points"] if key in point["figures"]}
        # A gap where a run has no figure, never a line over it.
        ys = [drawn[x]["figures"][key] if x in drawn else float("nan") for x in range(len(places))]
        marker = style.marker if len(places) <= _MARKED_MAX else None
        axes.plot(range(len(places)), ys, color=style.colour, linestyle=style.line, linewidth=1.3, marker=marker, markersize=3.5, zorder=3)
        failed = [x for x, point in drawn.items() if point["verdict"] == "FAIL"]
        axes.plot(failed, [ys[x] for x in failed], "o", markersize=8, markerfacecolor="none", markeredgecolor=style.colour, zorder=4)
        missing = [places[point["run"]] for point in series["points"] if not point["figures"] and point["verdict"] in ("INVALID", "FAIL")]
        axes.plot(missing, [0.03] * len(missing), "x", transform=axes.get_xaxis_transform(), color=style.colour, markersize=6, zorder=4)
        for change in series["changes"]:
            if change["figure"] == key:
                _change(axes, places[change["run"]] - 0.5, change["ratio"], style.colour)


def _number(value):
    """'452.3', '12,600', '10.0116 M': what the room beside a panel holds."""
    return f"{value / 1e6:,.6g} M" if abs(value) >= 1e6 else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"


def _change(axes, x, ratio, colour):
    axes.axvline(x, color=colour, linestyle=(0, (4, 2)), linewidth=1.1, zorder=2)
    axes.annotate(f"×{ratio:.3g}", (x, 1), xycoords=axes.get_xaxis_transform(), xytext=(2, 2), textcoords="offset points", size=8.5, color=colour, annotation_clip=False)


def _names(axes, shown, runs, most, last):
    step = max(1, -(-len(shown) // most))
    ticks = list(range(0, len(shown), step))
    axes.set_xticks(ticks)
    axes.set_xticklabels([short(runs[shown[x]]["name"])[:14] if last else "" for x in ticks], size=8.5)
    axes.tick_params(axis="x", color=SOFT)
