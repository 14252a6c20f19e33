"""Where the gate continued a tail beyond what was seen: from verdict.json, fitted there and drawn here."""
import math
from dataclasses import dataclass

_STEPS = 60


@dataclass
class ContinuedTail:
    kernel: str
    load: str
    over_ns: int  # the limit's latency
    hours: float  # that it was measured for
    estimate: float  # exceedances by the hour, and their bounds
    low: float
    high: float
    threshold_ns: int
    exceedances: int
    shape: float
    scale_ns: float

    def share(self, per_hour, count):
        """Of the stimuli, `count` of which were measured."""
        return per_hour * self.hours / count

    def curve(self, count):
        """From the threshold to the limit: latencies in ns, and the share of the stimuli above each."""
        span = self.over_ns - self.threshold_ns
        latencies = [self.threshold_ns + span * i / _STEPS for i in range(_STEPS + 1)]
        return latencies, [self.exceedances / count * self._survival(x - self.threshold_ns) for x in latencies]

    def _survival(self, excess_ns):
        if abs(self.shape) < 1e-8:
            return math.exp(-excess_ns / self.scale_ns)
        base = 1 + self.shape * excess_ns / self.scale_ns
        return base ** (-1 / self.shape) if base > 0 else 0.0


def read_tail(entry):
    """Of a check; None where it has none, or where it was not continued."""
    fields = entry.child("tail", optional=True)
    rate = fields.child("per_hour", optional=True) if fields else None
    if not rate:
        return None
    peaks = fields.child("peaks_over_threshold")
    return ContinuedTail(
        entry.get("kernel", str),
        entry.get("load", str),
        fields.get("over_ns", int),
        fields.get("hours", float),
        rate.get("estimate", float),
        rate.get("low", float),
        rate.get("high", float),
        peaks.get("threshold_ns", int),
        peaks.get("exceedances", int),
        peaks.get("shape", float),
        peaks.get("scale_ns", float),
    )

