"""Rows of the classic table that programs measured of themselves: the task switch, and one figure of each program."""
from loopgate_report import units
from loopgate_report.table_figure import NONE, Figure, Row, not_of_run, of_fewer

SWITCH_PROGRAM = "switch-pipe"
HALF = "half of what switch-pipe takes there and back, which are two switches"
_WORDS = {"fail": "FAIL", "inconclusive": "INCONCLUSIVE", "invalid": "INVALID", "not applicable": "n/a"}


def switch_rows(parts, kernels, quantity):
    """Nothing where no run has the program."""
    return [
        _row(part, load, index, kernels, quantity, _half)
        for part in parts
        for load in part.loads
        for index, program in enumerate(part.info.children("programs"))
        if program.get("name", str) == SWITCH_PROGRAM
    ]


def program_rows(parts, kernels):
    """One for each program; its page has all of its figures."""
    return [
        _program_row(part, load, index, kernels, program)
        for part in parts
        for load in part.loads
        for index, program in enumerate(part.info.children("programs"))
    ]


def _program_row(part, load, index, kernels, program):
    name = program.get("name", str)
    return _row(part, load, index, kernels, _title(name, _programs(part, load, index).values()), _chief)


def _groups(part, load):
    return {group.get("kernel", str): group for group in part.run.groups if group.get("load", str) == load}


def _programs(part, load, index):
    return {kernel: group.children("programs")[index] for kernel, group in _groups(part, load).items()}


def _row(part, load, index, kernels, quantity, figure):
    groups, programs = _groups(part, load), _programs(part, load, index)
    figures = {
        kernel: _figure(part, groups[kernel], programs[kernel], figure) if kernel in groups else not_of_run(part)
        for kernel in kernels
    }
    return Row(quantity, load, part.suite, figures, count=_replicates(programs.values()), self_measured=True)


def _replicates(programs):
    counts = sorted({len(program.children("replicates")) for program in programs} - {0})
    return units.plural(counts[-1], "replicate") if counts else ""


def _figure(part, group, program, figure):
    """Of what was measured, or the word for the worst that came of it; a replicate that is missing is told beside it."""
    replicates = program.children("replicates")
    broken = [_broken(cell) for cell in group.children("invalid")]
    if not replicates:
        if not broken:
            return Figure(NONE, why="nothing was measured")
        cell, word, reason = broken[0]
        return Figure(word, why=reason, broken=True, of=f"{cell} of {part.folder}")
    worst = program.get("result", str)
    seen = _worst(part, program, worst) if worst in _WORDS else figure(part, replicates)
    return of_fewer(seen, part.run.time_base, len(replicates), len(group.texts("cells")), broken)


def _broken(cell):
    word = "FAIL" if cell.get("outcome", str) == "kernel_failed" else "INVALID"
    return cell.get("cell", str), word, cell.get("reason", str) or "no reason was recorded"


def _worst(part, program, worst):
    """Of the first replicate that came to it, which speaks for all."""
    for replicate in program.children("replicates"):
        if replicate.get("result", str) == worst:
            why = replicate.get("reason", str, "") or "no reason was recorded"
            of = f"{program.get('program', str)} in {replicate.get('cell', str)} of {part.folder}"
            return Figure(_WORDS[worst], why=why, broken=worst in ("invalid", "fail"), of=of)
    program.refuse(f'says "{worst}", and none of its replicates does: run `loopgate stats` on this folder again')


def _half(_part, replicates):
    """Of the mean of an iteration; of several replicates the largest."""
    means = _means_ns(replicates)
    if not means:
        return Figure(NONE, why="it says no mean of an iteration")
    texts = [units.us_text(ns / 2) for ns in (means[0], means[-1])]
    spread = f"; the largest of {len(means)} replicates, which begin at {texts[0]}" if texts[0] != texts[1] else ""
    return Figure(texts[1], ns=means[-1] / 2, why=HALF + spread)


def _means_ns(replicates):
    """In rising order; none where one replicate has none."""
    means = [
        units.time_ns(figure.get("value", float), figure.get("unit", str))
        for replicate in replicates
        for figure in replicate.children("figures")
        if figure.get("name", str) == "mean"
    ]
    return [] if None in means or len(means) != len(replicates) else sorted(means)


def _title(name, programs):
    """'cyclictest max', 'hackbench time'."""
    for program in programs:
        for replicate in program.children("replicates"):
            if chief := replicate.get("chief", str, None):
                return f"{name} {chief}"
    return name


def _chief(_part, replicates):
    """The figure that comparison.json says people look at; of a maximum the bounds, where the histogram has them."""
    chiefs = {replicate.nullable("chief", str) for replicate in replicates}
    if len(chiefs) != 1 or None in chiefs:
        return Figure(NONE, why="it gives no figure" if chiefs == {None} else "not every replicate gives the same figure")
    (chief,) = chiefs
    latencies = [replicate.child("latency", optional=True) for replicate in replicates]
    if chief.startswith("max") and all(latencies):
        return _largest([latency.get("max_ns", list) for latency in latencies])
    return _spread(_named(replicate, chief) for replicate in replicates)


def _named(replicate, name):
    for figure in replicate.children("figures"):
        if figure.get("name", str) == name:
            return figure
    replicate.refuse(f'has no figure "{name}", which it calls its chief')


def _spread(figures):
    """From the smallest to the largest of the replicates."""
    figures = sorted(figures, key=lambda each: each.get("value", float))
    name, unit = figures[-1].get("name", str), figures[-1].get("unit", str)
    texts = [units.figure(each.get("value", float), "" if unit == name else unit) for each in figures]
    return Figure(_range(texts), ns=units.time_ns(figures[-1].get("value", float), unit))


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
