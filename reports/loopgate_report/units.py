"""Numbers for people. Times stay whole nanoseconds until they come here.

Pictures are in ms where latencies are that long; the page's tables and texts are in us always, as the gate's.
"""
from dataclasses import dataclass

UNRESOLVED = "-"  # for a quantile that is null in the statistics
LEGEND = f"{UNRESOLVED} : too few stimuli for this quantile"


@dataclass(frozen=True)
class Unit:
    """Of a picture's latencies."""

    name: str
    ns: int
    to_ns: int  # decimals that lose nothing
    more: int  # decimals in a picture: what varies is a smaller part of a latency of milliseconds

    def short(self, latency_ns):
        """'12.0', '955' us, '8.012' ms: what a picture has room for."""
        if latency_ns is None:
            return UNRESOLVED
        value = latency_ns / self.ns
        decimals = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
        return f"{value:,.{decimals + self.more}f}"

    def round(self, latency_ns):
        """'1,000' or '12.5': a limit somebody chose, without needless zeros."""
        return f"{latency_ns / self.ns:,.{self.to_ns}f}".rstrip("0").rstrip(".")


US, MS = Unit("us", 1_000, 3, 0), Unit("ms", 1_000_000, 6, 1)


def unit_for(latency_ns):
    return MS if latency_ns >= MS.ns else US


def us(latency_ns, decimals=3):
    """'12.032': microseconds; three decimals lose nothing."""
    if latency_ns is None:
        return UNRESOLVED
    return f"{latency_ns / 1000:,.{decimals}f}"


def us_text(ns):
    """'9.950 us' as '9.95 us', '708.4 us', '4,896 us': as the gate's tables have it, us_text() of harness/base/units.h."""
    if ns >= 1_000_000:
        return f"{int(ns + 500) // 1000:,} us"
    decimals = 1 if ns >= 10_000 else 2 if ns >= 1_000 else 3
    return f"{ns / 1000:.{decimals}f} us"


_TIMES_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


def time_ns(value, unit):
    """Of a program's figure; None where its unit is no time's."""
    return value * _TIMES_NS[unit] if unit in _TIMES_NS else None


def figure(value, unit):
    """A program's figure, as program_figure_text() of harness/gate/program_table.cpp has it: '1.92 us' of 1920.4 ns, '12,345 instructions', '0.109 s'. Four digits are as many as people compare."""
    if unit == "ns":
        return us_text(int(value + 0.5)) if value >= 100 or value == 0 else f"{value:.3g} ns"  # which us would leave a digit of
    whole = value == int(value) or abs(value) >= 1000
    return (f"{value:,.0f}" if whole else f"{value:.4g}") + (f" {unit}" if unit else "")


def us_round(latency_ns):
    return US.round(latency_ns)


def count(number):
    return f"{number:,}"


def plural(number, noun, nouns=None):
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {nouns or ('stimuli' if noun == 'stimulus' else noun + 's')}"


# The page's columns of latencies.
LATENCIES = ["p50", "p90", "p99", "p99.9", "p99.99", "max", "jitter", "stddev"]


def middle_ns(figures):
    """The median, or the least where so few stimuli have none."""
    return figures["min"] if figures["p50"] is None else figures["p50"]


def unresolved(figures, columns=tuple(LATENCIES)):
    """Whether a column of them reads "-"."""
    return figures is not None and any(figures[name.replace(".", "_")] is None for name in columns)


def latencies(figures):
    """A row of them, as text; none when there are no figures."""
    if figures is None:
        return []
    return [us(figures[name.replace(".", "_")]) for name in LATENCIES]
