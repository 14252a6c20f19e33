"""verdict.json: what the gate decided. The report shows it and decides nothing."""
from dataclasses import dataclass, field
from pathlib import Path

from loopgate_report.calibration_rates import read_rates
from loopgate_report.continued_tail import ContinuedTail, read_tail
from loopgate_report.fields import Fields, read_json
from loopgate_report.kernel_order import read_order

_WHOLE = ("PASS", "FAIL", "INCONCLUSIVE", "INVALID")
_OF_A_PART = (*_WHOLE, "NOT GATED")


@dataclass
class Check:
    kernel: str
    load: str
    rule: str
    quantity: str
    unit: str
    against: str
    limit: float | None
    seen: float | None
    verdict: str
    why: str
    samples_needed: int | None
    replicates_needed: int | None
    tail: ContinuedTail | None = None  # drawn beyond what was seen
    program: str = ""  # that measured by itself
    demand: str = ""  # what it demands, in the gate's words


@dataclass
class Verdict:
    verdict: str
    policy: Fields
    baseline: str | None
    groups: dict  # (kernel, load) -> verdict
    checks: list
    order: dict | None = None  # of the kernels, against a virtual run's
    error_rates: str | None = None  # how often this gate errs, in one line
    remarks: list = field(default_factory=list)  # what it does not speak of, a sentence each
    guard_band: str | None = None  # how latencies were held against limits, in one line
    rates: dict | None = None  # the same by kernel, where a calibration was given

    @property
    def not_passed(self):
        return [check for check in self.checks if check.verdict != "PASS"]

    def tails(self, load):
        return [check.tail for check in self.checks if check.tail and check.load == load]

    def of(self, kernel, load):
        return self.groups.get((kernel, load), "NOT GATED")


def read_verdict(folder: Path, time_base) -> Verdict | None:
    """None when there is no verdict yet."""
    path = folder / "verdict.json"
    if not path.exists():
        return None
    fields = read_json(path, str(path))
    if fields.get("time_base", str) != time_base:
        fields.refuse(
            f"its time base is {fields.get('time_base', str)}, and run.json says {time_base}: "
            "they can't be compared"
        )
    groups = {
        (group.get("kernel", str), group.get("load", str)): _word(group, _OF_A_PART)
        for group in fields.children("groups")
    }
    checks = [_check(entry) for entry in fields.children("checks")]
    verdict = Verdict(
        _word(fields, _WHOLE),
        fields.child("policy"),
        _baseline(fields),
        groups,
        checks,
        read_order(fields),
        fields.get("error_rates", str, None),
        fields.texts("remarks"),
        fields.get("guard_band", str, None),
        read_rates(fields),
    )
    if verdict.verdict == "PASS" and any(
        word not in ("PASS", "NOT GATED") for word in [*groups.values(), *(c.verdict for c in checks)]
    ):
        fields.refuse(
            "says PASS, and a part of it did not pass: it was altered; run `loopgate gate` on this folder"
            " again"
        )
    return verdict


def _word(fields, known):
    word = fields.get("verdict", str)
    if word not in known:
        fields.refuse(f'the verdict "{word}" is unknown')
    return word


def _baseline(fields):
    value = fields.values.get("baseline")
    if isinstance(value, dict):
        return ", ".join(f"{key} {text}" for key, text in value.items())
    return fields.get("baseline", str, None)


def _check(entry):
    texts = {
        key: entry.get(key, str, "")
        for key in ("kernel", "load", "rule", "quantity", "unit", "against", "why", "program", "demand")
    }
    return Check(
        **texts,
        limit=entry.get("limit", float, None),
        seen=entry.get("seen", float, None),
        verdict=_word(entry, _OF_A_PART),
        samples_needed=entry.get("samples_needed", int, None),
        replicates_needed=entry.get("replicates_needed", int, None),
        tail=read_tail(entry),
    )
