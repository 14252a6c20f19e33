"""What came of programs that measured by themselves: a row for each program and cell."""
from loopgate_report import units

RESULTS = ("pass", "fail", "inconclusive", "invalid", "not applicable")
QUANTILES = (("p50_ns", "p50"), ("p99_ns", "p99"), ("p99_9_ns", "p99.9"), ("max_ns", "max"))


def result_rows(group):
    """A row for each program and cell."""
    for program in group.children("programs"):
        for replicate in program.children("replicates"):
            result = replicate.get("result", str)
            if result not in RESULTS:
                replicate.refuse(f'the result "{result}" is unknown')
            latency = replicate.child("latency", optional=True)
            yield {
                "program": program.get("program", str),
                "kernel": group.get("kernel", str),
                "cell": replicate.get("cell", str),
                "result": result,
                "reason": replicate.get("reason", str, ""),
                "figures": "; ".join(_figure(figure) for figure in replicate.children("figures")),
                "clocks": ", ".join(
                    sorted({figure.get("clock", str, "") for figure in replicate.children("figures")} - {""})
                ),
                "latency": _latency(latency) if latency else None,
            }


def _figure(figure):
    name, unit = figure.get("name", str), figure.get("unit", str)
    return f"{name} {units.figure(figure.get('value', float), '' if unit == name else unit)}"


def _latency(fields):
    """Intervals that the truth lies in: a histogram says no more."""
    return {
        "clock": fields.get("clock", str),
        "count": units.count(fields.get("count", int)),
        "beyond": units.count(fields.get("beyond_histogram", int)),
        "bounds": [_bounds(fields.values.get(key)) for key, _ in QUANTILES],
    }


def _bounds(value):
    if not isinstance(value, list) or len(value) != 2:
        return "–"
    low, high = value
    return f"above {units.us(low)}" if high is None else f"{units.us(max(low, 0))} to {units.us(high)}"
