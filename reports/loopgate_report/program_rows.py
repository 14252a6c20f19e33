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
    seen = _worst(part, program, worst) if worst in _WORDS else figure(program)
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


def _half(program):
    """Of several replicates the largest."""
    switch = program.child("task_switch", optional=True)
    if switch is None:
        return Figure(NONE, why="it says no mean of an iteration")
    least, most = (units.us_text(switch.get(key, float)) for key in ("least", "most"))
    spread = f"; the largest of {len(program.children('replicates'))} replicates, which begin at {least}" if least != most else ""
    return Figure(most, ns=switch.get("most", float), why=HALF + spread)


def _title(name, programs):
    """'cyclictest max', 'hackbench time'."""
    for program in programs:
        if chief := program.child("chief_spread", optional=True):
            return f"{name} {chief.get('figure', str)}"
    return name


def _chief(program):
    """The figure that people look at; of a maximum the bounds, where the histograms have them."""
    chief = program.child("chief_spread", optional=True)
    if chief is None:
        has_any = any(replicate.children("figures") for replicate in program.children("replicates"))
        return Figure(NONE, why="not every replicate gives the same figure" if has_any else "it gives no figure")
    if largest := chief.get("largest_ns", list, None):
        return _largest(*largest)
    name, unit = chief.get("figure", str), chief.get("unit", str)
    ends = [chief.get(key, float) for key in ("least", "most")]
    return Figure(_range([units.figure(end, "" if unit == name else unit) for end in ends]), ns=units.time_ns(ends[1], unit))


def _largest(low, high):
    """As the interval that the truth lies in: a bin says no more."""
    if high is None:
        return Figure(f"{units.us_round(low)} us or more", ns=low)
    return Figure(f"{units.us_round(low)} to {units.us_round(high + 1)} us", ns=high)


def _range(texts):
    first, last = texts[0], texts[-1]
    if first == last:
        return first
    number, _, unit = first.partition(" ")
    return f"{number} to {last}" if last.endswith(unit) else f"{first} to {last}"
