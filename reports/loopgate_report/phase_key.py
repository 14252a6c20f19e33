"""The colours of an explained sample's phases, in words."""
from matplotlib.patches import Rectangle

from loopgate_report.explanation import PHASES
from loopgate_report.sheet import MARGIN_IN
from loopgate_report.style import PHASE_LOOKS, SOFT, WIDTH_IN


def phase_key(sheet, y, phases):
    x = MARGIN_IN
    for phase in PHASES:
        if phase not in phases:
            continue
        width = 0.24 + sheet.width_of(phase, 8.5) + 0.2
        if x + width > WIDTH_IN - MARGIN_IN:
            x, y = MARGIN_IN, y + 0.19
        sheet.figure.add_artist(
            Rectangle((x / WIDTH_IN, 1 - (y + 0.055) / sheet.height), 0.16 / WIDTH_IN, 0.11 / sheet.height,
                      facecolor=PHASE_LOOKS[phase][0], linewidth=0)
        )
        sheet.text(x + 0.22, y, phase, size=8.5, color=SOFT)
        x += width
