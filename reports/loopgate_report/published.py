"""What is published of an x86 PC: the comparison that people know, for orientation. Nothing here was measured by Loopgate."""

MARK = "published, of an x86 PC's wall clock; not measured by Loopgate"
KERNELS = ("generic", "PREEMPT_RT", "RT with tuned interrupt threads")
# The figures are as they are told: what machine, load and duration they are of is not known.
ROWS = (
    ("largest interrupt latency", ("125 us", "68 us", "35 us")),
    ("task switch time", ("150 us", "110 us", "85 us")),
    ("jitter", ("±85 us", "±42 us", "±18 us")),
)
