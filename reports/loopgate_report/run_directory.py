"""A run directory, read and checked as a whole: comparison.json must fit the cells that are there."""
from dataclasses import dataclass, field, replace
from pathlib import Path

from loopgate_report import units
from loopgate_report.beside import Beside, read_beside, read_bins
from loopgate_report.replicates import misfit, read_replicates
from loopgate_report.cell import Cell, read_cell
from loopgate_report.decisions import Decisions, Stages, read_decisions, read_stages
from loopgate_report.fields import Fields, read_json
from loopgate_report.hunted import read_hunted
from loopgate_report.problem import BadRun
from loopgate_report.sections import read_sections
from loopgate_report.worst_case import read_worst_cases
from loopgate_report.stationarity import Stationarity, read_stationarity
from loopgate_report.verdict import Verdict, read_verdict
from loopgate_report.work import Work, read_work

FIGURES = ["min", "max", "jitter"]
QUANTILES = ["p50", "p90", "p99", "p99_9", "p99_99"]  # null where the stimuli are too few for it
COUNTS = ["scheduled", "count", "late", "unanswered", "not_sent", "warm_up", "self_checks"]
_AGAIN = "run `loopgate stats` on this folder again"


@dataclass
class Group:
    """One kernel x load, its replicates pooled. Without an answer `figures` is None."""

    kernel: str
    load: str
    counts: dict
    figures: dict | None
    half_jitter_ns: float | None  # None where figures is
    with_not_sent: dict | None
    worst: list
    invalid: dict  # cell -> reason
    decisions: Decisions | None = None  # where the suite asks for them
    stages: Stages | None = None
    work: Work | None = None
    same_kernel_as: list = field(default_factory=list)  # names of kernels that are this one
    stationarity: Stationarity = field(default_factory=Stationarity)
    beside: Beside | None = None  # a program that measured by itself beside the payload
    programs: Fields | None = None  # comparison.json's group, where programs measured by themselves
    replicates: list = field(default_factory=list)  # the measured cells, each for itself
    cells: list = field(default_factory=list)
    bins: list = field(default_factory=list)  # (lower_ns, upper_ns, count)
    exceedance: list = field(default_factory=list)  # (latency_ns, count_above)


@dataclass
class Run:
    info: Fields  # run.json
    time_base: str
    groups: list
    verdict: Verdict | None
    sections: list = field(default_factory=list)  # critical sections, of the cells that were recorded
    worst_cases: list = field(default_factory=list)  # what was composed of the recorded cells
    hunted: list = field(default_factory=list)  # what was found in the cells that were hunted in
    unconfirmed: list = field(default_factory=list)  # a sentence for each kernel with arguments that nothing confirms

    @property
    def loads(self):
        return [load.get("name", str) for load in self.info.children("loads")]

    @property
    def kernels(self):
        return [kernel.get("name", str) for kernel in self.info.children("kernels")]

    @property
    def emulator(self):
        """Whether wall-clock figures are those of a board that a program plays."""
        return self.time_base == "wall" and self.info.child("board").get("emulator", bool, False)

    @property
    def has_decisions(self):
        return any(group.decisions for group in self.groups)

    @property
    def unit(self):
        """Of every latency that is drawn: one for the whole run, so that its pictures can be compared."""
        return units.unit_for(
            min((units.middle_ns(group.figures) for group in self.groups if group.figures), default=0)
        )

    def by_kernel(self):
        """[(kernel, Run)] where kernels were measured with contenders of the payload: each with what is that kernel's.
        Else the run, and no name."""
        sets = {}
        for kernel in self.info.children("kernels"):
            name, contender = kernel.get("name", str), kernel.child("contender", optional=True)
            own = name[: -len("+" + contender.get("name", str))] if contender is not None else ""
            sets.setdefault(own, []).append(name)
        if list(sets) == [""]:
            return [("", self)]
        return [(own, replace(self, groups=[group for group in self.groups if group.kernel in names], sections=[each for each in self.sections if each.kernel in names], worst_cases=[each for each in self.worst_cases if each.kernel in names], hunted=[each for each in self.hunted if each.kernel in names])) for own, names in sets.items()]

    def of_load(self, load):
        return [group for group in self.groups if group.load == load]

    @property
    def cells(self):
        return [cell for group in self.groups for cell in group.cells]


def read_run(folder: Path, verdict_folder: Path | None = None) -> Run:
    """The verdict stands in the run's own folder, or where an acceptance has it."""
    if not folder.is_dir():
        raise BadRun(f"{folder}: there is no such folder")
    if not (folder / "run.json").is_file():
        raise BadRun(f"{folder / 'run.json'}: there is no such file, so {folder} is no run's folder")
    info = read_json(folder / "run.json", str(folder / "run.json"), known=3)
    time_base = info.get("time_base", str)
    if time_base not in ("virtual", "wall"):
        info.refuse(f'the time base "{time_base}" is neither virtual nor wall')
    if not info.children("kernels") or not info.children("loads"):
        info.refuse("it names no kernel or no load")
    comparison = _derived(folder, "comparison.json", time_base)
    groups = _read_groups(folder, comparison, info, time_base)
    cells = [read_cell(folder, entry, info) for entry in info.children("cells")]
    _assign(cells, groups, info)
    run = Run(info, time_base, list(groups.values()), read_verdict(verdict_folder or folder, time_base), read_sections(folder, cells), read_worst_cases(folder, cells), read_hunted(folder, cells), comparison.texts("unconfirmed"))
    _check_verdict(run, verdict_folder or folder)
    return run


def _derived(folder, name, time_base):
    path = folder / name
    if not path.is_file():
        raise BadRun(f"{path}: there is no such file: run `loopgate stats` on this folder first")
    fields = read_json(path, str(path))
    if fields.get("time_base", str) != time_base:
        fields.refuse(
            f"its time base is {fields.get('time_base', str)}, and run.json says {time_base}: they can't be"
            " compared"
        )
    if fields.get("unit", str) != "ns":
        fields.refuse("its unit is not ns")
    return fields


def _read_groups(folder, comparison, info, time_base):
    wanted = info.child("decisions", optional=True) is not None
    groups = {}
    for entry in comparison.children("groups"):
        group = _read_group(entry, wanted)
        if (group.kernel, group.load) in groups:
            entry.refuse(f"names {group.kernel} x {group.load} a second time")
        groups[group.kernel, group.load] = group
    for load in info.children("loads"):
        for kernel in info.children("kernels"):
            names = kernel.get("name", str), load.get("name", str)
            if names not in groups:
                comparison.refuse(f"lacks {names[0]} x {names[1]}: {_AGAIN}")
    distribution = _derived(folder, "distribution.json", time_base)
    for entry in distribution.children("groups"):
        group = groups.get((entry.get("kernel", str), entry.get("load", str)))
        if group is None:
            entry.refuse(f"has a kernel x load that comparison.json lacks: {_AGAIN}")
        _read_curves(entry, group)
        if group.beside:
            read_bins(entry, group.beside)
    for group in groups.values():
        if sum(amount for _, _, amount in group.bins) != group.counts["count"]:
            distribution.refuse(
                f"holds not as many samples of {group.kernel} x {group.load} as comparison.json: {_AGAIN}"
            )
    return groups


def _read_group(entry, wanted):
    counts = {key: entry.get(key, int) for key in COUNTS}
    figures = _figures(entry.child("latency_ns", optional=True))
    if (figures is None) != (counts["count"] == 0):
        entry.refuse('"latency_ns" does not fit "count"')
    return Group(
        kernel=entry.get("kernel", str),
        load=entry.get("load", str),
        counts=counts,
        figures=figures,
        half_jitter_ns=entry.nullable("half_jitter_ns", float),
        with_not_sent=_figures(entry.child("latency_with_not_sent_ns", optional=True)),
        worst=[
            {
                "cell": w.get("cell", str, ""),
                **{key: w.get(key, int) for key in ("index", "stimulus_ns", "latency_ns")},
            }
            for w in entry.children("worst", optional=True)
        ],
        invalid={cell.get("cell", str): cell.get("reason", str) for cell in entry.children("invalid")},
        decisions=read_decisions(entry, counts, wanted),
        stages=read_stages(entry, counts, figures, wanted),
        work=read_work(entry),
        same_kernel_as=entry.texts("same_kernel_as"),
        stationarity=read_stationarity(entry),
        beside=read_beside(entry),
        programs=entry if entry.children("programs", optional=True) else None,
        replicates=read_replicates(entry, _figures),
    )


def _figures(fields):
    if fields is None:
        return None
    figures = {key: fields.get(key, int) for key in FIGURES}
    figures.update({key: fields.nullable(key, int) for key in QUANTILES})
    return {**figures, "mean": fields.get("mean", float), "stddev": fields.get("stddev", float)}


def _read_curves(entry, group):
    histogram = entry.child("histogram")
    columns = [histogram.integers(key) for key in ("lower_ns", "upper_ns", "count")]
    group.bins = list(_rows(histogram, columns))
    if any(lower >= upper or amount <= 0 for lower, upper, amount in group.bins):
        histogram.refuse("has an empty bin")
    if any(before[1] > after[0] for before, after in zip(group.bins, group.bins[1:])):
        histogram.refuse("its bins overlap or are out of order")
    exceedance = entry.child("exceedance")
    group.exceedance = list(
        _rows(exceedance, [exceedance.integers(key) for key in ("latency_ns", "count_above")])
    )
    if exceedance.get("of", int) != group.counts["count"]:
        exceedance.refuse(f"is not of as many samples as comparison.json counts: {_AGAIN}")
    steps = group.exceedance
    if any(now[0] >= after[0] or now[1] <= after[1] for now, after in zip(steps, steps[1:])):
        exceedance.refuse("its latencies or counts are out of order")


def _rows(fields, columns):
    if len({len(column) for column in columns}) != 1:
        fields.refuse("its lists are not equally long")
    return zip(*columns)


def _assign(cells: list[Cell], groups, info):
    for cell in cells:
        group = groups.get((cell.kernel, cell.load))
        if group is None:
            info.refuse(f"cell {cell.name} is of a kernel or load that the run does not name")
        group.cells.append(cell)
        cell.why_not_counted = group.invalid.get(cell.name)
        if cell.outcome != "measured" and cell.why_not_counted is None:
            raise BadRun(
                f"{cell.folder / 'outcome.json'}: says {cell.outcome}, and comparison.json counts the cell:"
                f" {_AGAIN} ({cell.reason})"
            )
        if cell.outcome == "measured" and cell.why_not_counted is None:
            cell.load_samples()
    for group in groups.values():
        drawn = [cell.samples for cell in group.cells if cell.samples]
        answered = sum(len(samples.latency_ns) for samples in drawn)
        largest = max(
            (int(samples.latency_ns.max()) for samples in drawn if len(samples.latency_ns)), default=None
        )
        if answered != group.counts["count"] or largest != (group.figures["max"] if group.figures else None):
            raise BadRun(
                f"comparison.json: does not fit the samples of {group.kernel} x {group.load}: {_AGAIN}"
            )
        if problem := misfit(group):
            raise BadRun(f"comparison.json: {group.kernel} x {group.load} {problem}: {_AGAIN}")


def _check_verdict(run, folder):
    """A verdict from before the last cells must not be shown beside them. Missing is never PASS."""
    if run.verdict is None:
        return
    known = {(group.kernel, group.load): group for group in run.groups}
    for names, verdict in run.verdict.groups.items():
        group = known.get(names)
        if group is None or (verdict == "PASS" and (group.invalid or not group.cells)):
            raise BadRun(
                f"{folder / 'verdict.json'}: says {verdict} of {names[0]} x {names[1]}, which does not fit"
                " this run's cells: run `loopgate gate` on this folder again"
            )
