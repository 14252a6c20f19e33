"""Why one sample took as long as it did: when it was in which phase, and who was on the CPU."""
from loopgate_report import units
from loopgate_report.axis import LatencyAxis
from loopgate_report.explanation import PHASES
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, Sheet, context_text, footer_height, short
from loopgate_report.style import INK, PHASE_LOOKS, SOFT, WIDTH_IN

_ROW_IN, _HEAD_IN, _GAP_IN = 0.25, 0.3, 0.3
_NAME_RIGHT, _HERE_RIGHT, _MEDIAN_RIGHT, _PLOT_LEFT, _RIGHT_IN = 2.6, 3.5, 4.3, 4.45, 0.2
_TASKS_SHOWN = 8
_LANES_KEY = "Each CPU: grey is what it ran beside the sample's way, whose phases have their colours; where it is blank it was idle."
_THIN_IN = 0.012  # what is shorter than this on paper is drawn this long: it is there


def draw_waterfall(run, sample, median):
    tasks = sorted((task for task in sample.tasks if task.ns), key=lambda task: -task.ns)
    shown, rest = tasks[:_TASKS_SHOWN], tasks[_TASKS_SHOWN:]
    rows = len(PHASES) + len(shown)
    notes = ["What is shorter than a hair is drawn as one. Everything else is to scale, and the phases add up to the latency."]
    if rest:
        notes.append(f"Left out below: {units.plural(len(rest), 'task')}, {units.us(sum(t.ns for t in rest))} us in all.")
    if sample.lanes:
        notes.append(_LANES_KEY)
    lanes = _HEAD_IN + _GAP_IN + len(sample.lanes) * _ROW_IN if sample.lanes else 0
    height = 2 * _HEAD_IN + _GAP_IN + rows * _ROW_IN + lanes
    sheet = Sheet(TITLE_IN + height + footer_height(notes))
    sheet.title(
        f"{sample.cell}, sample {sample.sample}: {units.us(sample.latency_ns)} us, virtual time",
        context_text(run),
    )
    axes = sheet.axes(_PLOT_LEFT, TITLE_IN, _RIGHT_IN, height)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    unit = units.unit_for(sample.latency_ns)
    axis = LatencyAxis.from_zero(sample.latency_ns, unit)
    axis.apply(axes, "x")
    axes.set_xlabel(f"after the stimulus [{unit.name}, virtual]")
    axes.grid(axis="x")
    least = sample.latency_ns * _THIN_IN / (WIDTH_IN - _PLOT_LEFT - _RIGHT_IN)
    y = _phase_rows(sheet, axes, unit, least, sample, median)
    y = _task_rows(sheet, axes, unit, least, sample, shown, y + _GAP_IN)
    if sample.lanes:
        _lane_rows(sheet, axes, unit, least, sample, y + _GAP_IN)
    sheet.notes(notes)
    return sheet


def _is_idle(task):
    return task.pid == 0


def _head(sheet, y, name, columns):
    sheet.text(MARGIN_IN, TITLE_IN + y, name, size=8.5, color=SOFT)
    for text, right in columns:
        sheet.text(right, TITLE_IN + y, text, size=8.5, color=SOFT, ha="right")
    sheet.line([MARGIN_IN, _MEDIAN_RIGHT], TITLE_IN + y + 0.12, color=SOFT, linewidth=0.6)


def _bars(axes, unit, least, spans, y):
    for span in spans:
        colour, hatch = PHASE_LOOKS[span.phase]
        axes.barh(
            y,
            max(span.end_ns - span.begin_ns, least) / unit.ns,
            _ROW_IN - 0.06,
            span.begin_ns / unit.ns,
            facecolor=colour,
            edgecolor=INK,
            hatch=hatch,
            linewidth=0,
            snap=False,
            zorder=3,
        )


def _phase_rows(sheet, axes, unit, least, sample, median):
    columns = [("[us]", _HERE_RIGHT)] + ([("median", _MEDIAN_RIGHT)] if median else [])
    _head(sheet, 0.1, "phase", columns)
    y = _HEAD_IN
    for i, phase in enumerate(PHASES):
        middle = y + _ROW_IN / 2
        longest = sample.phase_ns[i] == max(sample.phase_ns)
        sheet.text(MARGIN_IN, TITLE_IN + middle, phase, size=9.5, weight="bold" if longest else "normal")
        sheet.text(_HERE_RIGHT, TITLE_IN + middle, units.us(sample.phase_ns[i]), size=9.5, ha="right",
                   weight="bold" if longest else "normal")
        if median:
            sheet.text(_MEDIAN_RIGHT, TITLE_IN + middle, units.us(median.phase_ns[i]), size=9.5, ha="right", color=SOFT)
        _bars(axes, unit, least, [span for span in sample.timeline if span.phase == phase], middle)
        y += _ROW_IN
    return y


def _task_rows(sheet, axes, unit, least, sample, tasks, top):
    _head(sheet, top + 0.1, "who was on the CPU", [("[us]", _HERE_RIGHT), ("policy", _MEDIAN_RIGHT)])
    y = top + _HEAD_IN
    for task in tasks:
        middle = y + _ROW_IN / 2
        sheet.text(MARGIN_IN, TITLE_IN + middle, f"{short(task.name)} [{task.pid}]", size=9.5)
        sheet.text(_HERE_RIGHT, TITLE_IN + middle, units.us(task.ns), size=9.5, ha="right")
        sheet.text(_MEDIAN_RIGHT, TITLE_IN + middle, policy_text(task), size=8.5, ha="right", color=SOFT)
        _bars(axes, unit, least, [span for span in sample.timeline if span.task is task], middle)
        y += _ROW_IN
    return y


def _lane_rows(sheet, axes, unit, least, sample, top):
    """What every CPU did: a lane each, with the sample's way over it."""
    _head(sheet, top + 0.1, "each CPU, and what it ran most", [("busy [us]", _MEDIAN_RIGHT)])
    y = top + _HEAD_IN
    for cpu, spans in sorted(sample.lanes.items()):
        middle = y + _ROW_IN / 2
        busy = [span for span in spans if not _is_idle(span.task)]
        sheet.text(MARGIN_IN, TITLE_IN + middle, f"CPU {cpu}{_most_of(busy)}", size=9.5)
        sheet.text(_MEDIAN_RIGHT, TITLE_IN + middle, units.us(sum(span.end_ns - span.begin_ns for span in busy)), size=9.5, ha="right")
        for span in busy:
            axes.barh(y + _ROW_IN / 2, max(span.end_ns - span.begin_ns, least) / unit.ns, (_ROW_IN - 0.06) / 2, span.begin_ns / unit.ns, facecolor=SOFT, linewidth=0, snap=False, zorder=2)
        _bars(axes, unit, least, [span for span in sample.timeline if span.cpu == cpu], middle)
        y += _ROW_IN
    return y


def _most_of(spans):
    """': stress-ng-vm [153]', which had most of it; empty for an idle CPU."""
    took = {}
    for span in spans:
        took[id(span.task)] = took.get(id(span.task), 0) + span.end_ns - span.begin_ns
    if not took:
        return ""
    task = next(span.task for span in spans if id(span.task) == max(took, key=took.get))
    return f": {short(task.name)} [{task.pid}]"


def policy_text(task):
    """'FIFO 80', 'OTHER': without what all names have in common."""
    name = task.policy.removeprefix("SCHED_")
    return f"{name} {task.priority}" if name in ("FIFO", "RR") else name
