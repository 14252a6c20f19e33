"""What the page says of explained samples, beside their pictures."""
from loopgate_report import units
from loopgate_report.pictures import SAMPLES_DRAWN
from loopgate_report.waterfall import policy_text

ROWS_SHOWN = 10
_TIMERS = {"too": "has it, too", "its own": "has one of its own", "none": "has none"}


def explained_cells(run, pictures):
    """One entry a cell that `loopgate explain` was asked about; `pictures` are those shown, by cell and sample."""
    return [_cell(cell, pictures) for cell in run.cells if cell.explanation]


def _cell(cell, pictures):
    explanation = cell.explanation
    return {
        "name": cell.name,
        "other_samples": explanation.other_samples,
        "samples": [_sample(sample, pictures.get((cell.name, sample.sample), [])) for sample in explanation.explained[:SAMPLES_DRAWN]],
        "left_out": len(explanation.explained[SAMPLES_DRAWN:]),
        "pictures": pictures.get((cell.name, None), []),
    }


def _sample(sample, pictures):
    return {
        "title": f"{sample.cell}, sample {sample.sample}: {units.us(sample.latency_ns)} us",
        "why": sample.why,
        "pictures": pictures,
        "beside": sample.beside,
        "beside_parts": [
            [name, units.us(ns), _TIMERS.get(timer, timer), why] for name, ns, timer, why in sample.beside_parts
        ],
        "tasks": [
            [task.name, str(task.pid), _policy(task), units.us(task.ns), _share(task.ns, sample)]
            for task in sorted(sample.tasks, key=lambda task: -task.ns)
            if task.ns
        ],
        "functions": [
            [share.name, share.task, share.phase, units.us(share.ns), _share(share.ns, sample)]
            for share in sample.functions[:ROWS_SHOWN]
        ],
        "functions_left": _left(sample.functions),
        "cross_cpu": [
            [units.us(each.begin_ns), units.us(each.end_ns - each.begin_ns), f"CPU {each.cpu}: {each.task.name}", _what(each), "; ".join(map(_other, each.others)) or ("not seen" if each.what == "handles an IPI" else "the others were idle")]
            for each in sorted(sample.cross_cpu, key=lambda each: each.begin_ns - each.end_ns)[:ROWS_SHOWN]
        ],
        "cross_cpu_left": len(sample.cross_cpu[ROWS_SHOWN:]),
        "comparisons": [_comparison(comparison) for comparison in sample.comparisons],
        "files": list(sample.files.items()),
    }


def _what(each):
    return f"{each.what} in {_calls(each.stack)}" if each.what.startswith("waits") and each.stack else each.what


def _other(other):
    cpu, task, stack = other
    return f"CPU {cpu}: {task.name}{f' in {_calls(stack)}' if stack else ''}"


def _calls(stack):
    """The innermost four, innermost first."""
    return " < ".join(reversed(stack[-4:]))


def _policy(task):
    text = policy_text(task)
    return text if task.priority == 0 or text[-1].isdigit() else f"{text}, nice {task.priority}"


def _share(ns, sample):
    return f"{ns / sample.latency_ns:.1%}"


def _left(functions):
    rest = functions[ROWS_SHOWN:]
    if not rest:
        return ""
    return f"{units.plural(len(rest), 'more entry', 'more entries')} took {units.us(sum(share.ns for share in rest))} us."


def _comparison(comparison):
    return {
        "title": f"sample {comparison.sample} of {comparison.cell}",
        "rows": [
            [function, phase, units.us(here), units.us(there), f"{(here - there) / 1000:+,.3f}"]
            for phase, function, here, there in comparison.differences[:ROWS_SHOWN]
        ],
    }
