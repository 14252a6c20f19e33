"""Rows of the classic table that programs measured of themselves: the task switch, and one figure of each program."""
from loopgate_report import units
from loopgate_report.table_figure import NONE, Figure, Row, not_of_run

SWITCH_PROGRAM = "switch-pipe"
HALF = "half of what switch-pipe takes there and back, which are two switches"
_MEANS = ("mean", "time")  # what a program calls the time of one iteration
_WORDS = {"fail": "FAIL", "inconclusive": "INCONCLUSIVE", "invalid": "INVALID", "not applicable": "n/a"}


def switch_rows(parts, kernels, quantity):
    """Nothing where no run has the program."""
    return [row for row in _rows(parts, kernels, lambda name: name == SWITCH_PROGRAM, lambda _: quantity, _half) if _has(row)]


def program_rows(parts, kernels):
    """One for each program; its page has all of its figures."""
    return _rows(parts, kernels, lambda _: True, _title, _chief)


def _has(row):
    return any(figure is not None for figure in row.figures.values())


def _rows(parts, kernels, wanted, title, figure):
    rows = []
    for part in parts:
        for load in part.loads:
            groups = {group.get("kernel", str): group for group in part.run.groups if group.get("load", str) == load}
            for index, name in enumerate(program.get("name", str) for program in part.info.children("programs")):
                if not wanted(name):
                    continue
                programs = {kernel: group.children("programs")[index] for kernel, group in groups.items()}
                figures = {
                    kernel: _figure(part, groups[kernel], programs[kernel], figure) if kernel in groups else not_of_run(part)
                    for kernel in kernels
                }
                rows.append(
                    Row(title(_first(programs.values(), name)), load, part.suite, figures, count=_replicates(programs.values()), self_measured=True)
                )
    return rows


def _first(programs, name):
    """(program, its first replicate with a figure or None)."""
    for program in programs:
        for replicate in program.children("replicates"):
            if replicate.child("latency", optional=True) or replicate.children("figures"):
                return name, replicate
    return name, None


def _replicates(programs):
    counts = sorted({len(program.children("replicates")) for program in programs} - {0})
    return units.plural(counts[-1], "replicate") if counts else ""


def _figure(part, group, program, figure):
    replicates = program.children("replicates")
    if not replicates:
        broken = group.children("invalid")
        if not broken:
            return Figure(NONE, why="nothing was measured")
        word = "FAIL" if broken[0].get("outcome", str) == "kernel_failed" else "INVALID"
        reason = broken[0].get("reason", str) or "no reason was recorded"
        return Figure(word, why=reason, broken=True, of=f"{broken[0].get('cell', str)} of {part.folder}")
    for replicate in replicates:  # one that found something wrong speaks for all
        result = replicate.get("result", str)
        if result in _WORDS:
            name = program.get("program", str)
            broken = result in ("invalid", "fail")
            why = replicate.get("reason", str, "") or "no reason was recorded"
            return Figure(_WORDS[result], why=why, broken=broken, of=f"{name} in {replicate.get('cell', str)} of {part.folder}")
    return figure(part, replicates)


def _half(part, replicates):
    """Of the mean of an iteration; of several replicates the largest."""
    halves = [ns / 2 for ns in (_iteration_ns(part, replicate) for replicate in replicates) if ns is not None]
    if len(halves) != len(replicates):
        return Figure(NONE, why=f"{SWITCH_PROGRAM} says no time of an iteration")
    texts = [units.us_text(ns) for ns in (min(halves), max(halves))]
    spread = f"; the largest of {len(halves)} replicates, which begin at {texts[0]}" if texts[0] != texts[1] else ""
    return Figure(texts[1], ns=max(halves), why=HALF + spread)


def _iteration_ns(part, replicate):
    for figure in replicate.children("figures"):
        if figure.get("name", str) in _MEANS:
            return units.time_ns(figure.get("value", float), figure.get("unit", str))
    return None


def _title(first):
    """'cyclictest max', 'hackbench time'."""
    name, replicate = first
    if replicate is None:
        return name
    if replicate.child("latency", optional=True):
        return f"{name} max"
    return f"{name} {_chief_of(replicate).get('name', str)}"


def _chief_of(replicate):
    """The figure that people look at: the largest, else a time, else what comes first."""
    figures = replicate.children("figures")
    largest = [each for each in figures if each.get("name", str) == "max"]
    times = [each for each in figures if units.time_ns(1, each.get("unit", str))]
    return (largest or times or figures)[0]


def _chief(_part, replicates):
    if all(replicate.child("latency", optional=True) for replicate in replicates):
        return _largest([replicate.child("latency").get("max_ns", list) for replicate in replicates])
    if not all(replicate.children("figures") for replicate in replicates):
        return Figure(NONE, why="it gives no figure")
    chief = sorted(map(_chief_of, replicates), key=lambda each: each.get("value", float))
    name, unit = chief[-1].get("name", str), chief[-1].get("unit", str)
    texts = [units.figure(each.get("value", float), "" if unit == name else unit) for each in chief]
    return Figure(_range(texts), ns=units.time_ns(chief[-1].get("value", float), unit))


def _largest(spans):
    """Of all replicates, as the interval that the truth lies in: a bin says no more."""
    low, ends = max(low for low, _ in spans), [high for _, high in spans]
    if None in ends:
        return Figure(f"{units.us_round(low)} us or more", ns=low)
    return Figure(f"{units.us_round(low)} to {units.us_round(max(ends) + 1)} us", ns=max(ends))


def _range(texts):
    first, last = texts[0], texts[-1]
    if first == last:
        return first
    number, _, unit = first.partition(" ")
    return f"{number} to {last}" if last.endswith(unit) else f"{first} to {last}"
