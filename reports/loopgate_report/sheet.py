"""A picture's paper, with places in inches from the top left; and its two files."""
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loopgate_report import units
from loopgate_report.axis import clock
from loopgate_report.cell import printable
from loopgate_report.style import INK, PNG_DPI, SOFT, WIDTH_IN

MARGIN_IN = 0.18
ROW_IN = 0.235
_NAME_MAX = 26


class Sheet:
    def __init__(self, height_in):
        self.height = height_in
        self.figure = Figure(figsize=(WIDTH_IN, height_in), facecolor="white")
        self.canvas = FigureCanvasAgg(self.figure)

    def axes(self, left, top, right, height, **options):
        """`right` is the margin there."""
        return self.figure.add_axes(
            [
                left / WIDTH_IN,
                1 - (top + height) / self.height,
                (WIDTH_IN - left - right) / WIDTH_IN,
                height / self.height,
            ],
            **options,
        )

    def text(self, x, y, text, **options):
        options = {"va": "center", **options}
        return self.figure.text(x / WIDTH_IN, 1 - y / self.height, printable(text), **options)

    def line(self, xs, y, **options):
        self.figure.add_artist(Line2D([x / WIDTH_IN for x in xs], [1 - y / self.height] * len(xs), **options))

    def width_of(self, text, size, weight="normal"):
        """In inches."""
        probe = self.figure.text(0, 0, text, size=size, weight=weight)
        width = probe.get_window_extent(self.canvas.get_renderer()).width / self.figure.dpi
        probe.remove()
        return width

    def title(self, title, subtitle):
        self.text(MARGIN_IN, 0.26, self.fitted(title, 13, "bold"), size=13, weight="bold")
        self.text(MARGIN_IN, 0.53, self.fitted(subtitle, 9.5), size=9.5, color=SOFT)

    def fitted(self, text, size, weight="normal", room=WIDTH_IN - 2 * MARGIN_IN):
        """Cut so that it fits the paper's width, or the room that is left of it."""
        while self.width_of(text, size, weight) > room and len(text) > 8:
            text = text[:-2].rstrip("…") + "…"
        return text

    def notes(self, lines):
        """At the foot."""
        for i, line in enumerate(lines):
            self.text(MARGIN_IN, self.height - 0.17 - 0.19 * (len(lines) - 1 - i), line, size=8.5, color=SOFT)

    def stamp(self, word):
        """Across the picture: it must not be shown elsewhere as if it were worth something."""
        self.figure.text(0.5, 0.5, word, size=64, rotation=25, color="#a8201a", alpha=0.28, ha="center", va="center", weight="bold")

    def png(self):
        file = io.BytesIO()
        self.figure.savefig(file, format="png", dpi=PNG_DPI, metadata={"Software": None})
        return file.getvalue()

    def svg(self):
        file = io.BytesIO()
        self.figure.savefig(file, format="svg", dpi=PNG_DPI, metadata={"Date": None, "Creator": None})
        return file.getvalue()


TITLE_IN = 0.78


def footer_height(notes):
    """Below a plot: ticks, the axis label, the notes."""
    return 0.72 + 0.19 * len(notes)


def short(name):
    name = printable(name)
    return name if len(name) <= _NAME_MAX else name[: _NAME_MAX - 1] + "…"


def stimuli_text(groups):
    counts = sorted({group.counts["scheduled"] for group in groups if group.counts["scheduled"]})
    if not counts:
        return "nothing measured"
    if len(counts) == 1:
        return units.plural(counts[0], "stimulus") + (" each" if len(groups) > 1 else "") + _replicates_text(groups)
    return f"{units.count(counts[0])} to {units.plural(counts[-1], 'stimulus')} each" + _replicates_text(groups)


def _replicates_text(groups):
    """Nothing where each has one alone."""
    counts = sorted({len(group.replicates) for group in groups if group.replicates})
    if counts[-1:] in ([], [1]):
        return ""
    return f" in {counts[0]} replicates" if len(counts) == 1 else f" in {counts[0]} to {counts[-1]} replicates"


def context_text(run, groups=None):
    """Suite, board, how many stimuli, and whose time: what a picture needs to stand alone."""
    parts = [run.info.child("suite").get("name", str), run.info.child("board").get("name", str)]
    if groups:
        parts.append(stimuli_text(groups))
    return " · ".join([*parts, time_text(run)])


def time_text(run):
    machine = run.info.child("machine", optional=True)
    shift = machine.get("icount_shift", int, None) if machine else None
    if run.time_base == "virtual" and shift is not None and 0 <= shift < 32:
        cpus = machine.get("cpus", int, 1)
        turns = f", {cpus} CPUs in turns of {machine.get('slice_ns', int)} ns" if cpus > 1 else ""
        return f"virtual time ({cpus * 2**shift} ns per instruction{turns})"
    if run.emulator:
        return f"{clock(run.time_base)} time, on an emulator: no hardware's figures"
    return f"{clock(run.time_base)} time"


def missing_text(group):
    """Why a kernel has no figures."""
    if group.counts["unanswered"]:
        return f"no answer to any of {units.plural(group.counts['scheduled'], 'stimulus')}"
    outcomes = {cell.outcome for cell in group.cells if cell.why_not_counted is not None}
    if outcomes:
        return "no figures: " + " and ".join(sorted(outcome.replace("_", " ") for outcome in outcomes))
    return "no figures"


def not_counted_note(groups):
    """A line that names the cells without a place in the picture, or none."""
    cells = [cell.name for group in groups for cell in group.cells if cell.why_not_counted is not None]
    if not cells:
        return []
    shown = ", ".join(short(name) for name in cells[:3]) + (
        f" and {len(cells) - 3} more" if len(cells) > 3 else ""
    )
    return [f"Not measured, so not drawn: {shown}."]


def unresolved_note(groups, columns):
    """A line that says what "-" is, where one stands for a quantile; or none."""
    unresolved = any(units.unresolved(group.figures, columns) for group in groups)
    return [f"{units.LEGEND}."] if unresolved else []


class LegendTable:
    """A line for each kernel, over the whole width: its look, its figures, its counts."""

    COLUMNS = [
        ("p50", 3.62),
        ("p99", 4.42),
        ("p99.9", 5.22),
        ("max", 6.12),
        ("late", 6.82),
        ("unanswered", 7.85),
        ("not sent", 8.72),
    ]

    FIGURES = ("p50", "p99", "p99.9", "max")

    @staticmethod
    def height(groups):
        return ROW_IN * (len(groups) + 1) + 0.1

    def __init__(self, sheet, top, groups, looks, run):
        self.unit = run.unit
        head = f"kernel  (latencies in {run.unit.name}, {clock(run.time_base)})"
        sheet.text(MARGIN_IN, top, head, size=8.5, color=SOFT)
        for name, right in self.COLUMNS:
            sheet.text(right, top, name, size=8.5, color=SOFT, ha="right")
        sheet.line([MARGIN_IN, WIDTH_IN - MARGIN_IN], top + 0.12, color=SOFT, linewidth=0.6)
        for i, group in enumerate(groups):
            self._row(sheet, top + ROW_IN * (i + 1) + 0.02, group, looks[group.kernel])

    def _row(self, sheet, y, group, look):
        drawn = group.figures is not None
        sheet.line(
            [MARGIN_IN, MARGIN_IN + 0.28, MARGIN_IN + 0.56],
            y,
            color=look.colour,
            linestyle=look.line,
            linewidth=1.8,
            marker=look.marker,
            markevery=[1],
            markersize=5.5,
            alpha=1 if drawn else 0.4,
        )
        sheet.text(MARGIN_IN + 0.68, y, short(group.kernel), size=9.5, weight="bold", color=INK)
        rights = dict(self.COLUMNS)
        if not drawn:
            sheet.text(rights["max"], y, missing_text(group), size=9.5, ha="right", style="italic")
        else:
            for key in self.FIGURES:
                text = self.unit.short(group.figures[key.replace(".", "_")])
                sheet.text(
                    rights[key], y, text, size=9.5, ha="right", weight="bold" if key == "max" else "normal"
                )
        if group.counts["scheduled"]:
            for key in ("late", "unanswered", "not sent"):
                sheet.text(
                    rights[key], y, units.count(group.counts[key.replace(" ", "_")]), size=9.5, ha="right"
                )
