"""A histogram of bounds: its bins, the open last one hatched, and above them where each quantile can be."""
from matplotlib.patches import Rectangle

from loopgate_report import units
from loopgate_report.axis import LatencyAxis, clock, latency_label
from loopgate_report.histogram import FLOOR, count_axis, outline
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, Sheet, footer_height
from loopgate_report.style import DEADLINE, INK, SOFT, looks

_PLOT_IN, _LANE_IN = 3.1, 0.25
_LANES = ["p50", "p90", "p99", "p99_9", "p99_99", "max"]
_OPEN = 0.06  # of the axis: room for what has no upper end


def label_of(key):
    return key.replace("_", ".")


def range_text(unit, span):
    """'22.0 to 23.0', '60.0 or more', or '-' where so few latencies do not resolve it."""
    if span is None:
        return units.UNRESOLVED
    low = unit.short(span[0])
    if span[1] is None:
        return f"{low} or more"
    high = unit.short(span[1])
    return low if low == high else f"{low} to {high}"


def whose_text(bounds):
    """The mark that every picture and table of such figures has."""
    return f"self-measured by {bounds.measured_by}" if bounds.self_measured else f"measured by {bounds.measured_by}"


def draw_bounds(bounds):
    notes = _notes(bounds)
    lanes = [key for key in _LANES if bounds.ranges[key]]
    lanes_in = _LANE_IN * len(lanes) + 0.16
    sheet = Sheet(TITLE_IN + lanes_in + _PLOT_IN + footer_height(notes))
    sheet.title(
        f"{bounds.kernel} under load {bounds.load}, {whose_text(bounds)}, {clock(bounds.time_base)} time",
        " · ".join(
            [
                bounds.info.get("suite", str),
                bounds.info.get("board", str),
                units.plural(bounds.count, "latency", "latencies"),
                f"bins, resolution {units.us_round(bounds.info.get('resolution_ns', int))} us",
            ]
        ),
    )
    axis = _axis(bounds)
    left_in = 0.6 + sheet.width_of(units.count(_largest_count(bounds)), 9.5)
    look = looks([bounds.kernel])[bounds.kernel]
    places = sheet.axes(left_in, TITLE_IN, MARGIN_IN, lanes_in)
    plot = sheet.axes(left_in, TITLE_IN + lanes_in, MARGIN_IN, _PLOT_IN)
    for axes in (places, plot):
        axis.apply(axes, "x")
    _draw_lanes(places, axis, bounds, lanes, look)
    _draw_bins(plot, axis, bounds, look)
    plot.set_xlabel(latency_label(bounds))
    sheet.notes(notes)
    return sheet


def _notes(bounds):
    notes = ["Above: a quantile can be anywhere on its bar. Below: how many latencies each bin holds."]
    if bounds.beyond:
        lower, upper, count = bounds.beyond
        to = "no end that is known" if upper is None else f"{bounds.unit.short(upper)} {bounds.unit.name}"
        notes.append(
            f"Hatched: {units.count(count)} beyond the last bin, anywhere from {bounds.unit.short(lower)} {bounds.unit.name} to {to}."
        )
    return notes


def _axis(bounds):
    smallest, largest = bounds.ranges["min"][0], bounds.ranges["max"]
    smallest = max(smallest, bounds.info.get("resolution_ns", int) // 2, 1)
    axis = LatencyAxis(smallest, max(largest[1] or largest[0], smallest + 1), bounds.unit)
    return axis.widened(0.02, 0.02 if largest[1] is not None else _OPEN)


def _largest_count(bounds):
    return max([count for _, _, count in bounds.bins] + ([bounds.beyond[2]] if bounds.beyond else []))


def _right(axis, upper_ns):
    return axis.high if upper_ns is None else min(axis.at(upper_ns), axis.high)


def _draw_lanes(axes, axis, bounds, lanes, look):
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.set_yticks(range(len(lanes)), [label_of(key) for key in lanes])
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", which="both", labelbottom=False, length=0)
    axes.grid(axis="x")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    for row, key in enumerate(lanes):
        low, high = bounds.ranges[key]
        left, right = axis.at(low), _right(axis, high)
        axes.plot([left, right], [row, row], color=look.colour, linewidth=5, solid_capstyle="butt", zorder=3)
        axes.plot([left], [row], color=INK, marker="|", markersize=9, linestyle="", zorder=4)
        end = "|" if high is not None else ">"
        axes.plot([right], [row], color=INK, marker=end, markersize=9 if high is not None else 6, linestyle="", zorder=4, clip_on=False)
        _label_lane(axes, axis, row, left, right, f"{range_text(bounds.unit, bounds.ranges[key])} {bounds.unit.name}")


def _label_lane(axes, axis, row, left, right, text):
    """On the side that has more room."""
    space = axes.transAxes.inverted().transform(axes.transData.transform([(left, 0), (right, 0)]))[:, 0]
    on_right = 1 - space[1] >= space[0]
    axes.annotate(
        text,
        (right if on_right else left, row),
        xytext=(9 if on_right else -9, 0),
        textcoords="offset points",
        ha="left" if on_right else "right",
        va="center",
        size=9,
        zorder=5,
    )


def _draw_bins(axes, axis, bounds, look):
    count_axis(axes, _largest_count(bounds))
    axes.set_ylabel(f"latencies in the bin [count], {clock(bounds.time_base)} time")
    axes.grid(axis="x")
    if bounds.bins:
        outline(axes, axis, bounds.bins, look, 0)
    if not bounds.beyond:
        return
    lower, upper, count = bounds.beyond
    left, right = axis.at(lower), _right(axis, upper)
    axes.add_patch(
        Rectangle(
            (left, FLOOR),
            right - left,
            count - FLOOR,
            facecolor="none",
            edgecolor=SOFT,
            hatch="/////",
            linewidth=1.2,
            linestyle="--",
            zorder=3,
        )
    )
    axes.annotate(
        f"{units.count(count)} beyond the last bin",
        ((left * right) ** 0.5 if axis.log else (left + right) / 2, count),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        size=9,
        color=DEADLINE,
        zorder=14,
    )


def caption(bounds):
    return (
        f"How many latencies each bin holds ({clock(bounds.time_base)} time, {whose_text(bounds)}), and above where each quantile can be: of a"
        " histogram a figure is known from its bounds alone. The count axis is logarithmic, so that one slow response among"
        " thousands is visible. What lies beyond the last bin is hatched, over all that it can be."
    )
