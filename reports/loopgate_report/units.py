"""Numbers for people. Times stay whole nanoseconds until they come here."""


def us(latency_ns, decimals=3):
    """'12.032': microseconds; three decimals lose nothing."""
    return f"{latency_ns / 1000:,.{decimals}f}"


def us_short(latency_ns):
    """'12.0', '955': about three digits, for pictures."""
    value = latency_ns / 1000
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


def us_round(latency_ns):
    """'1,000' or '12.5': a limit somebody chose, without needless zeros."""
    text = f"{latency_ns / 1000:,.3f}"
    return text.rstrip("0").rstrip(".")


def count(number):
    return f"{number:,}"


def plural(number, noun):
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {'stimuli' if noun == 'stimulus' else noun + 's'}"


# The page's columns: the first LATENCY_COLUMNS are latencies.
COLUMNS = [
    "p50",
    "p90",
    "p99",
    "p99.9",
    "p99.99",
    "max",
    "jitter",
    "stddev",
    "count",
    "late",
    "unanswered",
    "not sent",
]
LATENCY_COLUMNS = 8


def latencies(figures):
    """A row of them, as text; none when there are no figures."""
    if figures is None:
        return []
    return [us(figures[name.replace(".", "_")]) for name in COLUMNS[:LATENCY_COLUMNS]]
