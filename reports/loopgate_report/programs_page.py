"""The page of a run whose programs measured in place of a payload: what each came to. (One beside a payload: page_beside.py.)"""
from dataclasses import dataclass
from pathlib import Path

from loopgate_report.axis import clock
from loopgate_report.broken import broken_programs
from loopgate_report.fields import Fields, read_json
from loopgate_report.page import MEANINGS, render
from loopgate_report.page_parts import inputs, verdict_part
from loopgate_report.problem import BadRun
from loopgate_report.program_results import QUANTILES, RESULTS, result_rows
from loopgate_report.verdict import Verdict, read_verdict



@dataclass
class ProgramRun:
    info: Fields  # run.json
    time_base: str
    groups: list  # of comparison.json
    verdict: Verdict | None

    @property
    def emulator(self):
        return self.time_base == "wall" and self.info.child("board").get("emulator", bool, False)


def holds_programs(folder: Path):
    """Whether nothing but programs measured; a folder that is no run's is left to read_run()."""
    path = folder / "run.json"
    if not path.is_file():
        return False
    info = read_json(path, str(path), known=3)
    return bool(info.children("programs", optional=True)) and info.get("samples", int) == 0


def read_program_run(folder: Path) -> ProgramRun:
    info = read_json(folder / "run.json", str(folder / "run.json"), known=3)
    time_base = info.get("time_base", str)
    path = folder / "comparison.json"
    if not path.is_file():
        raise BadRun(f"{path}: there is no such file: run `loopgate stats` on this folder first")
    comparison = read_json(path, str(path))
    if comparison.get("time_base", str) != time_base:
        comparison.refuse(f"its time base is not that of run.json, {time_base}")
    run = ProgramRun(info, time_base, comparison.children("groups"), read_verdict(folder, time_base))
    planned = [program.get("name", str) for program in info.children("programs")]
    for group in run.groups:
        if [program.get("program", str) for program in group.children("programs")] != planned:
            group.refuse("is not of the programs that run.json names: run `loopgate stats` on this folder again")
    return run


def texts(run: ProgramRun):
    info = run.info
    verdict = verdict_part(run.verdict)
    return dict(
        suite=_named(info.child("suite")),
        board=_named(info.child("board")),
        **inputs(run),
        clock=clock(run.time_base),
        emulator=run.emulator,
        headline=verdict["verdict"] if verdict else "No verdict yet",
        started=info.child("circumstances").get("started", str),
        loopgate=info.get("loopgate", str, "of unknown version"),
        verdict=verdict,
        meaning=MEANINGS.get(verdict["verdict"]) if verdict else None,
        loads=[_load(run, load) for load in info.children("loads")],
        quantiles=[label for _, label in QUANTILES],
        commands=[
            (program.get("name", str), " ".join(program.texts("argv"))) for program in info.children("programs")
        ],
    )


def page(words):
    return render("programs.html.j2", **words)


def _named(fields):
    return {"name": fields.get("name", str), "title": fields.get("title", str, "").rstrip(".")}


def _load(run, load):
    name = load.get("name", str)
    groups = [group for group in run.groups if group.get("load", str) == name]
    rows = [row for group in groups for row in result_rows(group)]
    return {
        "name": name,
        "title": load.get("title", str, ""),
        "rows": rows,
        "paths": _paths(groups),
        "latencies": [row for row in rows if row["latency"]],
        "broken": [entry for group in groups for entry in broken_programs(group)],
        "kernels": [
            {
                "name": group.get("kernel", str),
                "verdict": run.verdict.of(group.get("kernel", str), name) if run.verdict else None,
            }
            for group in groups
        ],
        "counts": ", ".join(
            f"{sum(row['result'] == result for row in rows)} {result}"
            for result in RESULTS
            if any(row["result"] == result for row in rows)
        ),
    }


def _paths(groups):
    """How many instructions an iteration's path is long, by kernel; of a program's replicates the longest. Empty where no program says it."""
    lengths = [
        {program.get("program", str): _longest(program) for program in group.children("programs")} for group in groups
    ]
    names = [name for name in (lengths[0] if lengths else {}) if any(each.get(name) is not None for each in lengths)]
    if not names:
        return None
    return {
        "kernels": [group.get("kernel", str) for group in groups],
        "rows": [(name, [_length(each.get(name), lengths[0].get(name), each is lengths[0]) for each in lengths]) for name in names],
    }


def _longest(program):
    found = [
        figure.get("value", float)
        for replicate in program.children("replicates")
        for figure in replicate.children("figures")
        if figure.get("name", str) == "instructions"
    ]
    return max(found, default=None)


def _length(value, first, is_first):
    """The length, and beside each but the first kernel's by how much it differs."""
    if value is None:
        return "–"
    if is_first or first is None:
        return f"{value:,.0f}"
    return f"{value:,.0f} ({value - first:+,.0f})"
