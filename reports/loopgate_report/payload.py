"""What the payload said of itself: its counters of what real time needs."""
from loopgate_report import units
from loopgate_report.fields import Fields

# The payload's own keys; one that it does not print is not known.
COUNTERS = [
    ("minor_faults", "minor page faults"),
    ("major_faults", "major page faults"),
    ("peak_memory_kib", "peak memory [KiB]"),
]


def read_payload(evidence):
    """The counters' texts; None when it printed none of them."""
    printed = evidence.values.get("payload")  # whatever the payload printed: an object, if it is as it should be
    if not isinstance(printed, dict) or not any(key in printed for key, _ in COUNTERS):
        return None
    fields = Fields(printed, f"{evidence.where}: payload")
    counts = [fields.get(key, int, None) for key, _ in COUNTERS]
    return ["–" if count is None else units.count(count) for count in counts]


def payload_rows(run):
    return {
        "columns": [name for _, name in COUNTERS],
        "counters": [
            {"cell": cell.name, "texts": cell.payload_counters} for cell in run.cells if cell.payload_counters
        ],
    }
