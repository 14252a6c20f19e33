"""How kernels look: told apart by colour, line, marker and hatch, so also in grey and by the colour-blind."""
from dataclasses import dataclass

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402  (after the backend is chosen)

INK, SOFT, GRID, DEADLINE = "#1a1a1a", "#595959", "#d9d9d9", "#444444"
WIDTH_IN = 9.0  # 10 pt is 14 px where the picture is 900 px wide
PNG_DPI = 180

# Okabe & Ito 2008, "Color Universal Design", without yellow (too light for lines), ordered so that neighbours
# differ in lightness too: 0.47, 0.34, 0.00, 0.42, 0.64, 0.59, 0.62 of white.
_COLOURS = ["#D55E00", "#0072B2", "#000000", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"]
_LINES = ["-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (2.6, 1.4))]
_MARKERS = ["v", "s", "o", "D", "^", "P", "X"]
_HATCHES = [None, "/////", "|||||", "\\\\\\\\\\", "-----"]


@dataclass(frozen=True)
class Look:
    colour: str
    line: object
    marker: str
    hatch: str | None


# Of the stages of a response, in their order: neighbours differ much in lightness (0.89, 0.47, 0.85, 0.23, 0.64,
# 0.00, 0.59 of white), and those that are alike in it differ in hatch.
STAGE_LOOKS = {
    "scene": ("#e3e3e3", "...."),
    "kernel": ("#D55E00", None),
    "capture": ("#c6e2f3", "/////"),
    "preprocess": ("#004166", None),
    "infer": ("#E69F00", None),
    "decide": ("#000000", None),
    "output": ("#CC79A7", "\\\\\\\\\\"),
    "to interrupt": ("#c6e2f3", "/////"),
    "to program": ("#D55E00", None),
    "to pin": ("#004166", None),
}

# Of the phases of an explained sample, in their order.
PHASE_LOOKS = {
    "irqs disabled": ("#D55E00", None),
    "before the handler": ("#D55E00", None),  # which is that and a little more
    "hardirq": ("#c6e2f3", "/////"),
    "irq thread wakeup latency": ("#E69F00", None),
    "irq thread": ("#004166", None),
    "payload wakeup latency": ("#CC79A7", "\\\\\\\\\\"),
    "payload": ("#000000", None),
    "payload's system calls": ("#009E73", None),
}


def is_dark(colour):
    """Whether text on it must be white."""
    red, green, blue = matplotlib.colors.to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.35


def looks(kernels):
    """One look for each kernel, by its place in the run, so it is the same in every picture.

    Colours and lines are 7 and 5: a pair of them repeats after 35 kernels.
    """
    return {
        name: Look(
            _COLOURS[i % len(_COLOURS)],
            _LINES[i % len(_LINES)],
            _MARKERS[i % len(_MARKERS)],
            _HATCHES[i % len(_HATCHES)],
        )
        for i, name in enumerate(kernels)
    }


def settings():
    """For every picture. Not the user's matplotlibrc: the same run gives the same bytes."""
    return pyplot.rc_context(
        {
            **matplotlib.rcParamsDefault,
            "backend": "agg",
            "font.family": ["DejaVu Sans"],
            "font.size": 9.5,
            "text.parse_math": False,  # a kernel's name may hold a "$"
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": SOFT,
            "xtick.color": SOFT,
            "ytick.color": SOFT,
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.8,
            "axes.axisbelow": True,
            "grid.color": GRID,
            "grid.linewidth": 0.6,
            "axes.labelsize": 10,
            "xtick.labelsize": 9.5,
            "ytick.labelsize": 9.5,
            "hatch.linewidth": 0.5,
            "svg.fonttype": "none",  # text stays text
            "svg.hashsalt": "loopgate",
        }
    )
