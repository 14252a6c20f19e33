"""environment.json of a cell on a board: clock, governors, idle states, temperature, throttling; before, during, after."""
from loopgate_report import units
from loopgate_report.fields import read_json

_UNKNOWN = "unknown"


def read_environment(folder):
    """A row of the page's table; None when the cell has no such file."""
    path = folder / "environment.json"
    if not path.exists():
        return None
    fields = read_json(path, str(path))
    before, during, after = (fields.child(key) for key in ("before", "during", "after"))
    looks = during.get("looks", int)
    failed = during.get("failed_looks", int, 0)
    return {
        "clock_source": _change(*(look.get("clock_source", str, None) for look in (before, after))),
        "governors": _change(*map(_governors, (before, after))),
        "idle_states": _change(*map(_idle_states, (before, after))),
        "temperature": _temperature(before, during, after, fields.get("limit_c", float, None)),
        "throttled": _throttled(before, during, after),
        "looks": f"{looks:,}" + (f", {failed:,} of them failed" if failed else ""),
    }


def _change(before, after):
    before, after = before or _UNKNOWN, after or _UNKNOWN
    return before if before == after else f"{before}, then {after}"


def _governors(look):
    """'performance', or by CPU where they differ."""
    governors = look.child("governors", optional=True)
    if governors is None:
        return None
    by_cpu = {cpu: governors.get(cpu, str) for cpu in governors.values}
    if len(set(by_cpu.values())) == 1:
        return next(iter(by_cpu.values()))
    return ", ".join(f"CPU {cpu} {name}" for cpu, name in sorted(by_cpu.items()))


def _idle_states(look):
    """Those that a CPU may enter."""
    if look.get("idle_states", list, None) is None:
        return None
    enabled = {
        state.get("name", str): None for state in look.children("idle_states") if state.get("enabled", bool)
    }
    return ", ".join(enabled) or "none enabled"


def _temperature(before, during, after, limit):
    places = ((before, "temperature_c"), (during, "hottest_c"), (after, "temperature_c"))
    values = [look.get(key, float, None) for look, key in places]
    if not any(value is not None for value in values):
        return _UNKNOWN
    text = " / ".join(_UNKNOWN if value is None else f"{value:.1f}" for value in values)
    return text + ("" if limit is None else f" (limit {limit:g})")


def _throttled(before, during, after):
    """The first content of the board's throttle file that is not zero, or by how much its counter went on."""
    flags = [text for look in (before, during, after) if (text := look.get("throttled", str, None))]
    counts = [count for look in (before, after) if (count := look.get("throttled_counter", int, None)) is not None]
    told = next((text for text in flags if text.strip("0x \t")), None)
    if told is None and len(counts) == 2 and counts[0] != counts[1]:
        told = units.plural(counts[1] - counts[0], "time")
    return told or ("no" if flags or len(counts) == 2 else _UNKNOWN)
