"""A lane for each kernel above a plot: from min to max, p50 and p99.9 on it, the max named.

So each maximum is seen, however near to another's.
"""
from loopgate_report.sheet import short
from loopgate_report.style import INK, SOFT, WIDTH_IN

LANE_IN = 0.23
_TEXT_SIZE = 8.5
_MARK_GAP_IN = 0.1


def lanes_height(groups):
    return LANE_IN * len(groups) + 0.06


def label_of(group, unit):
    return f"{short(group.kernel)}  max {unit.short(group.figures['max'])} {unit.name}"


def make_room(axis, sheet, groups, left, right):
    """Widens the axis so that every lane's label fits right of its max."""
    axes_in = WIDTH_IN - left - right
    axis.widened(0.02, 0.015)
    shrink = 1.0
    for group in groups:
        label = (sheet.width_of(label_of(group, axis.unit), _TEXT_SIZE) + _MARK_GAP_IN + 0.03) / axes_in
        shrink = min(shrink, (1 - min(label, 0.6)) / max(axis.place(group.figures["max"]), 1e-9))
    return axis.widened(0, 1 / shrink - 1)


def draw_lanes(axes, axis, groups, looks):
    """`axes` of their own, above the plot and with its latency axis."""
    axis.apply(axes, "x")
    axes.set_ylim(len(groups) - 0.5, -0.6)
    axes.axis("off")
    for lane, group in enumerate(groups):
        look, figures = looks[group.kernel], group.figures
        at = {
            key: axis.at(figures[key])
            for key in ("min", "p50", "p99_9", "max")
            if figures[key] is not None
        }
        axes.plot(
            [at["min"], at["max"]],
            [lane, lane],
            color=look.colour,
            linewidth=1.4,
            linestyle=look.line,
            solid_capstyle="butt",
        )
        if "p50" in at:
            axes.plot([at["p50"]], [lane], marker="|", color=INK, markersize=8, markeredgewidth=1.6)
        if "p99_9" in at:
            axes.plot(
                [at["p99_9"]],
                [lane],
                marker="d",
                color="white",
                markeredgecolor=INK,
                markersize=5,
                markeredgewidth=1,
            )
        axes.plot(
            [at["max"]], [lane], marker=look.marker, color=look.colour, markersize=6, clip_on=False, zorder=5
        )
        axes.annotate(
            label_of(group, axis.unit),
            (at["max"], lane),
            (72 * _MARK_GAP_IN, 0),
            textcoords="offset points",
            va="center",
            size=_TEXT_SIZE,
            annotation_clip=False,
        )


def drop_lines(axes, axis, groups, looks, down_to):
    """From the plot's top, where the lane ends, to the sample itself."""
    for group in groups:
        axes.plot(
            [axis.at(group.figures["max"])] * 2,
            [down_to(group), axes.get_ylim()[1]],
            color=looks[group.kernel].colour,
            linewidth=0.7,
            linestyle=(0, (1, 2)),
            zorder=1,
        )


KEY = "Lanes: from min to max; | is p50, the diamond p99.9."


def deadline_mark(axes, axis, deadline_ns, time_base):
    """A vertical line, and nothing more to say (""); or a sentence, when it lies beyond the picture."""
    beyond = deadline_beyond(axis, deadline_ns, time_base)
    if not beyond:
        _deadline_line(axes, axis, deadline_ns)
    return beyond


def deadline_beyond(axis, deadline_ns, time_base):
    at = deadline_ns / axis.unit.ns
    if axis.low <= at <= axis.high:
        return ""
    side = "right" if at > axis.high else "left"
    return f" The {_deadline_text(axis, deadline_ns)} ({time_base}) lies beyond the {side} edge."


def _deadline_text(axis, deadline_ns):
    return f"deadline {axis.unit.round(deadline_ns)} {axis.unit.name}"


def _deadline_line(axes, axis, deadline_ns):
    at = deadline_ns / axis.unit.ns
    axes.axvline(at, color=SOFT, linewidth=1.1, linestyle=(0, (7, 2, 1.5, 2)), zorder=1)
    near_right = axis.place(deadline_ns) > 0.85
    axes.annotate(
        _deadline_text(axis, deadline_ns),
        (at, 1),
        (-4 if near_right else 4, -3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right" if near_right else "left",
        va="top",
        size=8.5,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.9},
        zorder=6,
    )
