"""Latency axes: linear or logarithmic by range, labelled with their unit and the time base."""
import math

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from loopgate_report import units

LOG_FROM_RATIO = (
    50  # of the largest to the smallest latency: beyond it a linear axis squeezes the bulk into a line
)
LEAST_RATIO = 1.25  # of an axis that is logarithmic anyhow: it must not blow up what is all but one


def clock(time_base):
    """What every axis and title calls the time: it must not be mistaken."""
    return "virtual" if time_base == "virtual" else "wall-clock"


def latency_label(run, what="latency", unit=None):
    return f"{what} [{(unit or run.unit).name}, {clock(run.time_base)}]"


class LatencyAxis:
    """A range of latencies and how it is drawn, in its unit.

    On a log axis 1 ns stands for everything below it, 0 included.
    """

    def __init__(self, smallest_ns, largest_ns, unit=units.US):
        self.unit = unit
        self.log = largest_ns > LOG_FROM_RATIO * max(smallest_ns, 1)
        self.low, self.high = max(smallest_ns, 1) / unit.ns, max(largest_ns, 1) / unit.ns
        if not self.log and smallest_ns <= 0:
            self.low = smallest_ns / unit.ns
        if self.low == self.high:  # one sample
            self.low, self.high = self.low - max(0.1 * self.low, 0.01), self.high + max(0.1 * self.high, 0.01)

    @classmethod
    def forced_log(cls, smallest_ns, largest_ns, unit=units.US):
        axis = cls(smallest_ns, max(largest_ns, LEAST_RATIO * max(smallest_ns, 1)), unit)
        if not axis.log:
            axis.log, axis.low = True, max(smallest_ns, 1) / unit.ns
        return axis

    @classmethod
    def from_zero(cls, largest_ns, unit):
        """Linear, so that a length is a share of the whole."""
        axis = cls(0, largest_ns, unit)
        axis.log, axis.low = False, 0.0
        return axis

    def widened(self, below, above):
        """With room on both sides, as shares of the range."""
        if self.log:
            span = math.log(self.high / self.low)
            self.low, self.high = self.low / math.exp(below * span), self.high * math.exp(above * span)
        else:
            span = self.high - self.low
            self.low, self.high = self.low - below * span, self.high + above * span
        return self

    def place(self, latency_ns):
        """0 at the low end, 1 at the high one."""
        value = self.at(latency_ns)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def at(self, latency_ns):
        """Where it is drawn."""
        return max(latency_ns / self.unit.ns, self.low)

    def apply(self, axes, which):
        getattr(axes, f"set_{which}scale")("log" if self.log else "linear")
        getattr(axes, f"set_{which}lim")(self.low, self.high)
        axis = getattr(axes, f"{which}axis")
        axis.set_minor_formatter(NullFormatter())
        if self.log:
            axis.set_major_locator(
                FixedLocator(_log_ticks(self.low, self.high, 3.5 if which == "x" else 2.7))
            )
            axis.set_minor_locator(FixedLocator(_steps(self.low, self.high, range(1, 10))))
        else:
            axis.set_major_locator(MaxNLocator(9 if which == "x" else 4, steps=[1, 2, 5, 10]))
            axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(_tick_text))


def _log_ticks(low, high, close_up_to):
    """Up to `close_up_to` decades three ticks a decade have room, then one."""
    decades = math.log10(high / low)
    if decades < 0.7:
        nice = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high)
        return [tick for tick in nice if low <= tick <= high and tick > 0]
    return _steps(low, high, (1, 2, 5) if decades <= close_up_to else (1,))


def _steps(low, high, steps):
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    ticks = [float(f"{step}e{exponent}") for exponent in range(first, last + 1) for step in steps]
    return [tick for tick in ticks if low <= tick <= high]


def _tick_text(value, _place):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.6g}"
