"""Whether a kernel under a load drifts while it is measured, as the statistics found: words, and a block's figures."""
from dataclasses import dataclass, field

RESULTS = ("stationary", "drifts", "not tested")


@dataclass
class Stationarity:
    result: str = "not tested"
    says: str = "not tested: these statistics are older than the test"
    above_ns: int | None = None
    begin_ns: list = field(default_factory=list)  # of each block, after the first counted stimulus
    median_ns: list = field(default_factory=list)
    share_above: list = field(default_factory=list)  # of above_ns


def read_stationarity(group):
    """Statistics from before the test lack it."""
    fields = group.child("stationarity", optional=True)
    if fields is None:
        return Stationarity()
    result, blocks = fields.get("result", str), fields.child("blocks")
    if result not in RESULTS:
        fields.refuse(f'"result" must be one of {", ".join(RESULTS)}')
    begin_ns = blocks.integers("begin_ns")
    figures = [blocks.numbers(key) for key in ("median_ns", "share_above")]
    if any(len(each) != len(begin_ns) for each in figures):
        blocks.refuse("its lists are not equally long")
    if any(now >= after for now, after in zip(begin_ns, begin_ns[1:])):
        blocks.refuse("its blocks are out of order")
    if any(not 0 <= share <= 1 for share in figures[1]):
        blocks.refuse('"share_above" must be from 0 to 1')
    above_ns = fields.get("above_ns", int, None)
    if (above_ns is None) != (not begin_ns):
        fields.refuse('"above_ns" and "blocks" do not fit each other')
    return Stationarity(result, fields.get("says", str), above_ns, begin_ns, *figures)


def course_rows(groups):
    return [
        {
            "kernel": group.kernel,
            "drifts": group.stationarity.result == "drifts",
            "says": group.stationarity.says,
        }
        for group in groups
    ]
