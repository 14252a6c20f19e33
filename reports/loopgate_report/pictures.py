"""All pictures of a run, and what stands beside each on the page."""
import itertools
import re
import time
import warnings
from dataclasses import dataclass
from functools import partial

from loopgate_report.axis import clock
from loopgate_report.beside_picture import draw_beside
from loopgate_report.replicate_points import draw_replicates
from loopgate_report.course import draw_course
from loopgate_report.replicates import to_show, word
from loopgate_report.exceedance import draw_exceedance
from loopgate_report.flame import draw_flame
from loopgate_report.histogram import draw_histogram
from loopgate_report.over_time import draw_over_time
from loopgate_report.overview import draw_overview
from loopgate_report.phase_bands import draw_bands
from loopgate_report.sections_picture import draw_sections
from loopgate_report.stage_bars import draw_stages
from loopgate_report.style import looks, settings
from loopgate_report.waterfall import draw_waterfall
from streams import tell

SAMPLES_DRAWN = 10  # of a cell; `explain --worst 100` would make a page that no browser likes to open
_QUIET_S = 1.0  # work shorter than this needs no progress


@dataclass
class Picture:
    name: str  # of its files, without an ending
    load: str | None  # None: of all loads, or of an explained cell
    title: str
    caption: str
    png: bytes
    svg: bytes
    explains: tuple | None = None  # (cell, sample), or (cell, None): which it is about


_HISTOGRAM = (
    "How many stimuli had which latency ({clock} time): further right is slower, narrower is less"
    " jitter. The count axis is logarithmic, so that one slow stimulus among thousands is visible. Every sample"
    " is in a bin, and every maximum is labelled: for a real-time system, what counts is where a kernel's outline"
    " ends on the right, not where it is tallest."
)
_EXCEEDANCE = (
    "Read from a latency up to a curve, then left: this fraction of the answered stimuli took longer ({clock}"
    " time). A curve that falls steeply is predictable; one with a long tail to the right has rare, long delays."
    " It ends at the largest sample, at 1 of n: this run cannot show anything rarer. Where a policy limits how often a"
    " latency is exceeded by the hour, and the tail was continued, the fit is dotted, and the bar at the limit spans its confidence bounds."
)
_OVER_TIME = (
    "Each point is a stimulus, at the {clock} time when it was sent; all panels have the same axes, and the"
    " largest sample is ringed. Bands and combs are periodic disturbances, a slope is a drift, clusters are"
    " bursts."
)
_COURSE = (
    "The measured {clock} time in forty blocks. A load that has settled goes up and down by chance, or in bursts that come"
    " again; a slope, a step or a hump that is as long as the run says that another moment would have given another tail,"
    " and no budget of a tail can pass then. The statistics decide it; the sentence above says what they found."
)
_REPLICATES = (
    "Each replicate separately ({clock} time): another trajectory of the same kernel, perturbed by what is no change of it. How far they"
    " lie apart is what chance does to a figure, and what a difference between kernels must exceed."
)
_BOOTS = (
    "Each boot of the kernel separately ({clock} time). Boots are the replicates that the verdict counts: samples of"
    " one boot share what that boot drew, so an outlying boot deserves more attention than an outlying sample. The kernels'"
    " boots were interleaved, so a drift of the board shows in all of them."
)
_STAGES = (
    "Where the {clock} time of each kernel's median sample and of its worst sample went, to scale: a stage that"
    " is invisible is that short, and the table names it. kernel runs from the edge until the program has read it;"
    " capture, preprocess, infer and decide are the program's own work and whatever interrupts it; output runs"
    " from the decision to the pin. Where a decision needs several frames, scene is the wait for the last of"
    " them. Where a program on the board measured, to interrupt runs from the stimulus to the kernel's hardirq,"
    " to program from there until the payload has the event, and to pin from there to the response's"
    " edge. Where a probe in the kernel ran, they are explain's phases, and the latencies hold the probe's own cost; the kernel's own"
    " tracing tells no system calls, and the interrupt only when the line's handler begins."
    " The stages of a sample add up to the latency that the instrument saw."
)
_BESIDE = (
    "The same cells measured twice, in {clock} time: by the pin from outside, and by a program from inside. Where the program's outline"
    " ends far to the left of the pin's, a figure of its own says that much too little about an answer to an interrupt: it has no irq"
    " thread, no system call that answers and no GPIO write. A tail that both have is the kernel's; one that only the program has is its own."
)
_SECTIONS = (
    "Every window in which the kernel kept interrupts or preemption off, in {clock} time: read from a length up to a curve, then left, how many"
    " were at least as long. A stimulus that comes at the begin of one waits for all of it, so where a curve ends is what a larger sample"
    " would come closer to. Recorded by `loopgate sections` in a repeated run, whose samples equal the measured ones."
)
_OVERVIEW = (
    "Each kernel under each load, on one logarithmic axis of {clock} time. A short line on the far left is good; the"
    " distance from p50 to the max is what the kernel's worst moments cost."
)
_WATERFALL = (
    "The sample from stimulus to response in {clock} time: each phase, and each task while it was on"
    " the CPU. The kernel's own data say which task ran. The run was repeated from the same state, and its samples equal"
    " the measured ones to the nanosecond."
)
_FLAME = (
    "A frame's width is the {clock} time of a function and of all that it called; the frames on top of it were called by it."
    " Left to right is not an order in time."
)
_BANDS = (
    "Every answered sample of the cell, in bands of rising latency ({clock} time): the colours that grow downwards"
    " are the phases that make the tail."
)


def _of_replicates(run):
    one = word(run.time_base)
    return f"{one.capitalize()} by {one}", _BOOTS if run.time_base == "wall" else _REPLICATES


def views_of(run):
    """[(kernel, run, looks)]: what stands in a picture together. Contenders of the payload stand in one of their kernel, and each looks
    alike in all of them; else it is the whole run, and no name."""
    return [(own, view, looks([group.kernel for group in view.of_load(run.loads[0])] if own else run.kernels)) for own, view in run.by_kernel()]


def draw_all(run, only=None, stamp=""):
    """Yields each picture, drawn, or those of `only` some kinds; `stamp` stands across each. On a terminal or in a log, long work says what it is at."""
    look = looks(run.kernels)
    plans = []
    used = set()
    if len(run.loads) > 1 and (only is None or "overview" in only):
        plans.append(
            (_file_name("overview", used), None, "All loads", _OVERVIEW, lambda: draw_overview(run, look))
        )
    for load, (own, view, look_of) in itertools.product(run.loads, views_of(run)):
        for kind, title, caption, draw in (
            ("histogram", "Jitter histogram", _HISTOGRAM, draw_histogram),
            ("exceedance", "Complementary distribution", _EXCEEDANCE, draw_exceedance),
            ("over-time", "Latency over time", _OVER_TIME, draw_over_time),
            ("course", "Does it drift?", _COURSE, draw_course),
            ("replicates", *_of_replicates(run), draw_replicates),
            ("stages", "Stages", _STAGES, draw_stages),
            ("beside", "The pin and the program", _BESIDE, draw_beside),
            ("sections", "Critical sections", _SECTIONS, draw_sections),
        ):
            if only is not None and kind not in only:
                continue
            if kind == "replicates" and not to_show(view, view.of_load(load)):
                continue
            if kind == "course" and not any(group.stationarity.begin_ns for group in view.of_load(load)):
                continue
            if kind == "beside" and not any(group.beside for group in view.of_load(load)):
                continue
            if kind == "sections" and not any(cell.load == load for cell in view.sections):
                continue
            if kind == "stages" and not any(group.stages for group in view.of_load(load)):
                continue
            plans.append(
                (
                    _file_name(f"{load}-{own}-{kind}" if own else f"{load}-{kind}", used),
                    load,
                    f"{title}, {own}" if own else title,
                    caption,
                    partial(draw, view, load, look_of),
                )
            )
    plans = [(*plan, None) for plan in plans] + (list(_explaining(run, used)) if only is None else [])
    start = time.monotonic()
    for i, (name, load, title, caption, draw, explains) in enumerate(plans):
        if time.monotonic() - start > _QUIET_S:
            tell(f"report: drawing {name} ({i + 1} of {len(plans)})")
        with settings(), warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # a letter that the font lacks is drawn as a box, and that is enough
            sheet = draw()
            if stamp:
                sheet.stamp(stamp)
            yield Picture(
                name,
                load,
                title,
                caption.format(clock=clock(run.time_base)),
                sheet.png(),
                sheet.svg(),
                explains,
            )


def _explaining(run, used):
    """The pictures of what `loopgate explain` found."""
    for cell in run.cells:
        explanation = cell.explanation
        if not explanation:
            continue
        for sample in explanation.explained[:SAMPLES_DRAWN]:
            stem, about = f"{cell.name}-{sample.sample}", (cell.name, sample.sample)
            draw = partial(draw_waterfall, run, sample, explanation.median)
            yield _file_name(f"{stem}-waterfall", used), None, "Waterfall", _WATERFALL, draw, about
            draw = partial(draw_flame, run, sample)
            yield _file_name(f"{stem}-flame", used), None, "Flame graph", _FLAME, draw, about
        if explanation.bands:
            draw = partial(draw_bands, run, cell.name, explanation.bands)
            yield _file_name(f"{cell.name}-phases", used), None, "Phases", _BANDS, draw, (cell.name, None)


def _file_name(wanted, used):
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", wanted).lstrip(".") or "picture"
    while name in used:
        name += "_"
    used.add(name)
    return name
