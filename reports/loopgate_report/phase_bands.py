"""Which phase makes the tail: the cell's samples in bands of rising latency, and what each band's mean went into."""
from loopgate_report import units
from loopgate_report.explanation import PHASES
from loopgate_report.phase_key import phase_key
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, Sheet, context_text, footer_height
from loopgate_report.style import INK, PHASE_LOOKS, SOFT

_ROW_IN, _KEY_IN, _HEAD_IN = 0.32, 0.45, 0.28
_COUNT_RIGHT, _MEAN_RIGHT, _RANGE_RIGHT, _PLOT_LEFT, _RIGHT_IN = 2.3, 3.1, 4.25, 4.4, 0.3


def draw_bands(run, cell, bands):
    height = _HEAD_IN + len(bands) * _ROW_IN
    notes = ["Each bar is the mean of its band's samples, cut into their phases; every answered sample is in one band."]
    sheet = Sheet(TITLE_IN + _KEY_IN + height + footer_height(notes))
    count = units.count(sum(band.count for band in bands))
    sheet.title(f"Which phase makes the tail of {cell}: {count} samples, virtual time", context_text(run))
    phase_key(sheet, TITLE_IN + 0.05, {phase for i, phase in enumerate(PHASES) if any(band.mean_ns[i] for band in bands)})
    top = TITLE_IN + _KEY_IN
    axes = sheet.axes(_PLOT_LEFT, top, _RIGHT_IN, height)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the band's mean latency [%]")
    for text, right in (("samples", _COUNT_RIGHT), ("mean [us]", _MEAN_RIGHT), ("from, to [us]", _RANGE_RIGHT)):
        sheet.text(right, top + 0.1, text, size=8.5, color=SOFT, ha="right")
    sheet.text(MARGIN_IN, top + 0.1, "share of samples [%]", size=8.5, color=SOFT)
    for i, band in enumerate(bands):
        _row(sheet, axes, band, _HEAD_IN + (i + 0.5) * _ROW_IN, top)
    sheet.notes(notes)
    return sheet


def _row(sheet, axes, band, middle, top):
    mean_ns = sum(band.mean_ns)
    sheet.text(MARGIN_IN, top + middle, f"{band.from_percent:g} to {band.to_percent:g}", size=9.5)
    sheet.text(_COUNT_RIGHT, top + middle, units.count(band.count), size=9.5, ha="right")
    sheet.text(_MEAN_RIGHT, top + middle, units.US.short(mean_ns), size=9.5, ha="right", weight="bold")
    ends = f"{units.US.short(band.min_ns)}, {units.US.short(band.max_ns)}"
    sheet.text(_RANGE_RIGHT, top + middle, ends, size=9.5, ha="right")
    left = 0.0
    for phase, ns in zip(PHASES, band.mean_ns):
        colour, hatch = PHASE_LOOKS[phase]
        share = 100 * ns / mean_ns
        axes.barh(middle, share, _ROW_IN - 0.08, left, facecolor=colour, edgecolor=INK, hatch=hatch, linewidth=0, snap=False)
        left += share
