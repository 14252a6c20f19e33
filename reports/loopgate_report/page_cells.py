"""The page's table of cells: how each ended, what it holds, and what its self-check said."""
from loopgate_report import units


def cell_rows(run):
    seeds = {entry.get("cell", str): entry.get("seed", int, None) for entry in run.info.children("cells")}
    return [_cell_row(cell, seeds.get(cell.name), run) for cell in run.cells]


def _cell_row(cell, seed, run):
    row = {
        "name": cell.name,
        "outcome": cell.outcome.replace("_", " "),
        "records": "–",
        "warm_up": "–",
        "self_checks": "–",
        "self_check": "–",
        "spurious": "–",
        "host_s": "–",
        "seed": "–" if seed is None else str(seed),
        "sha256": None,
        "commands": cell.commands,
        "discarded_state": cell.discarded_state,
    }
    if cell.outcome == "measured" and cell.why_not_counted is not None:
        row["outcome"] = "measured, then refused"
    result = cell.result
    if result is None:
        return row
    row.update(
        records=units.count(result.get("records", int, 0)),
        sha256=cell.samples_sha256,
        spurious=units.count(result.get("spurious_responses", int, 0)),
        self_check=_self_check(result),
    )
    if cell.samples:
        row.update(
            warm_up=units.count(cell.samples.warm_up), self_checks=units.count(cell.samples.self_checks)
        )
    seconds = result.child("host_seconds", optional=True)
    if seconds:
        row["host_s"] = f"{seconds.get('total', float, 0.0):.1f}"
    return row


def _self_check(result):
    fields = result.child("self_check", optional=True)
    checks = fields.children("checks", optional=True) if fields else []
    if not checks:
        return "none was made"
    deviations = {
        check.get("measured_ns", int) - check.get("known_ns", int)
        for check in checks
        if check.get("measured_ns", int, None) is not None
    }
    off = f"off by {min(deviations):,} to {max(deviations):,} ns" if deviations - {0} else "exact"
    return (
        f"{'passed' if fields.get('passed', bool) else 'FAILED'}: {units.plural(len(checks), 'delay')} "
        + (off if deviations else "unmeasured")
    )
