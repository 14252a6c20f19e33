"""The cells that were not measured, as the page names them."""


def broken_cells(run):
    """Each with its reason. Several unfinished ones of a kernel under a load are one entry: an interrupted run leaves many."""
    entries = []
    for group in run.groups:
        broken = [cell for cell in group.cells if cell.why_not_counted is not None]
        unfinished = [cell for cell in broken if cell.outcome == "unfinished"]
        if len(unfinished) > 1:
            entries.append(_unfinished(group, len(unfinished)))
            broken = [cell for cell in broken if cell.outcome != "unfinished"]
        entries.extend(_broken(cell) for cell in broken)
    return entries


def broken_programs(group):
    """The same of a kernel under a load whose programs measured by themselves: its entry in comparison.json."""
    broken = [(cell.get("cell", str), cell.get("outcome", str), cell.get("reason", str)) for cell in group.children("invalid")]
    missing = [name for name, outcome, _ in broken if outcome == "missing"]
    if len(missing) < 2:
        return [{"cell": name, "reason": reason} for name, _, reason in broken]
    name = f"{group.get('kernel', str)}.{group.get('load', str)}"
    told = {"cell": name, "reason": _missing_text(len(missing), len(group.texts("cells")))}
    return [told, *({"cell": name, "reason": reason} for name, outcome, reason in broken if outcome != "missing")]


def broken_count(run):
    return sum(cell.why_not_counted is not None for cell in run.cells)


def _missing_text(count, planned):
    return f"{count} of {planned} replicates {'is missing: it was' if count == 1 else 'are missing: they were'} not finished"


def _unfinished(group, count):
    return {
        "name": f"{group.kernel}.{group.load}",
        "outcome": "unfinished",
        "reason": _missing_text(count, len(group.cells)),
        "next_step": "go on with --resume",
        "console": "",
        "several": True,
    }


def _broken(cell):
    """An outcome of "measured" here means that the statistics refused its samples: the bench's fault."""
    outcome = "invalid" if cell.outcome == "measured" else cell.outcome.replace("_", " ")
    reason = cell.reason if cell.outcome != "measured" and cell.reason else cell.why_not_counted
    return {
        "name": cell.name,
        "outcome": outcome,
        "reason": reason or "no reason was recorded",
        "next_step": cell.next_step,
        "console": cell.console_tail,
        "several": False,
    }
