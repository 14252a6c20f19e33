"""cost.json, as `loopgate cost` writes it (harness/record/cost_file.h). Times are in ns until they are shown."""
from dataclasses import dataclass

from loopgate_report.fields import parse_json
from loopgate_report.problem import BadRun
from loopgate_report.seal import is_sealed

FROM, FROM_AGAIN, TO, TO_AGAIN, REBUILT = "from", "from-again", "to", "to-again", "to-rebuilt"
REST = "sources, compiler, patches, other options"  # what lies between a kernel and its options on the other's sources
NAMED_MAX = 2  # of the differences of a group


@dataclass(frozen=True)
class Added:
    """What is added, and between which bounds it is at the record's confidence."""

    ns: float
    low_ns: float
    high_ns: float

    @property
    def is_shown(self):
        return self.low_ns > 0 or self.high_ns < 0

    def is_apart_from(self, other):
        """Whether their intervals have nothing in common."""
        return self.low_ns > other.high_ns or self.high_ns < other.low_ns


@dataclass(frozen=True)
class Change:
    kind: str
    was: str
    becomes: str
    text: str

    @property
    def name(self):
        """'CONFIG_AUDIT', 'CONFIG_HZ=1000', 'no CONFIG_AUDIT'; what is no option, or is left to its default, as its text."""
        if self.kind != "option" or not self.becomes:
            return self.text
        name, _, value = self.becomes.partition("=")
        return {"y": name, "n": f"no {name}"}.get(value, self.becomes)


@dataclass(frozen=True)
class Step:
    """A kernel, measured by a run of its own."""

    name: str
    changes: list
    what: str
    measured: bool
    why: str
    same_as: str | None
    by_ns: list  # the quantity of each replicate
    p99_ns: float | None
    max_ns: float | None
    stimuli: int
    image_bytes: int | None
    boot_s: float | None
    total_s: float

    @property
    def ns(self):
        """The mean of the replicates: what rows add sums up in it. None where it was not measured."""
        return sum(self.by_ns) / len(self.by_ns) if self.measured and self.by_ns else None


@dataclass(frozen=True)
class Row:
    """One difference, or several that were not told apart; none is REST."""

    number: int
    changes: list  # indices of all
    names: list
    what: str
    before: Step
    after: Step
    added: Added
    not_divided: str
    taken_out: Added | None
    not_taken_out: str
    functions: list  # (name, ns)
    functions_not_told: str

    @property
    def is_group(self):
        return len(self.changes) > 1

    @property
    def label(self):
        return label_of(self.names or [REST], NAMED_MAX)


@dataclass(frozen=True)
class Hidden:
    """The differences of all rows that are no cost, taken out together."""

    names: list
    taken_out: Added | None
    not_taken_out: str
    rows: list  # (names, what is added) of those that cost something beside all others


def label_of(names, most):
    """'CONFIG_A', 'CONFIG_A, CONFIG_B and 15 more'."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


@dataclass(frozen=True)
class Cost:
    suite: str
    board: str
    load: str
    start: str  # the first kernel's name
    end: str  # the other's
    time_base: str
    by: str
    least_ns: float
    confidence: float
    changes: list
    left_out: list
    left_out_why: str
    steps: list
    rows: list
    hidden: Hidden | None
    total: Added | None
    chance: Added | None
    chance_of_to: Added | None
    is_finished: bool

    def is_cost(self, row):
        """Whether it is more than chance, and worth to be divided."""
        return self._is_cost(row.added)

    @property
    def hides_cost(self):
        """Whether rows that are no cost are one beside the others."""
        return self.hidden is not None and self.hidden.taken_out is not None and self._is_cost(self.hidden.taken_out)

    def _is_cost(self, added):
        return added.is_shown and abs(added.ns) >= self.least_ns

    def step(self, name):
        """None where there is none, or it was not measured."""
        return next((step for step in self.steps if step.name == name and step.ns is not None), None)


def read_cost(path):
    data = path.read_bytes()
    if not is_sealed(data.decode("utf-8", "replace")):
        raise BadRun(f"{path}: was altered or damaged: remove it, and call loopgate cost again: what is measured is kept")
    fields = parse_json(data, str(path))
    changes = [_change(child) for child in fields.children("changes")]
    steps = [_step(child, len(changes)) for child in fields.children("steps")]
    return Cost(
        **{key: fields.child(key).get("name", str) for key in ("suite", "board", "load")},
        start=fields.child("from").get("name", str),
        end=fields.child("to").get("name", str),
        time_base="virtual" if fields.get("on_virtual_time", bool) else "wall",
        by=fields.get("by", str),
        least_ns=fields.get("least_ns", float),
        confidence=fields.get("confidence", float),
        changes=changes,
        left_out=[_change(child) for child in fields.children("left_out")],
        left_out_why=fields.get("left_out_why", str),
        steps=steps,
        rows=[_row(child, i + 1, changes, steps) for i, child in enumerate(fields.children("rows"))],
        hidden=_hidden(fields.child("hidden", optional=True), changes),
        total=_added(fields.child("total", optional=True)),
        chance=_added(fields.child("chance", optional=True)),
        chance_of_to=_added(fields.child("chance_of_to", optional=True)),
        is_finished=fields.get("is_finished", bool),
    )


def _change(fields):
    return Change(*(fields.get(key, str) for key in ("kind", "was", "becomes", "text")))


def _added(fields):
    return Added(*(fields.get(key, float) for key in ("ns", "low_ns", "high_ns"))) if fields else None


def _hidden(fields, changes):
    if not fields:
        return None
    names = [changes[index].name for index in _indices(fields, len(changes))]
    rows = [([changes[index].name for index in _indices(row, len(changes))], _added(row.child("added"))) for row in fields.children("rows")]
    return Hidden(names, _added(fields.child("taken_out", optional=True)), fields.get("not_taken_out", str), rows)


def _indices(fields, count):
    indices = fields.integers("changes")
    if not all(0 <= index < count for index in indices):
        fields.refuse(f'"changes" must be of the {count} differences')
    return indices


def _step(fields, count):
    return Step(
        name=fields.get("name", str),
        changes=_indices(fields, count),
        what=fields.get("what", str),
        measured=fields.get("measured", bool),
        why=fields.get("why", str),
        same_as=fields.nullable("same_as", str),
        by_ns=fields.integers("by_ns"),
        **{key: fields.nullable(key, float) for key in ("p99_ns", "max_ns", "boot_s")},
        stimuli=fields.get("stimuli", int),
        image_bytes=fields.nullable("image_bytes", int),
        total_s=fields.get("total_s", float),
    )


def _row(fields, number, changes, steps):
    indices = _indices(fields, len(changes))
    return Row(
        number=number,
        changes=indices,
        names=[changes[index].name for index in indices],
        what=fields.get("what", str),
        before=_step_named(fields, "before", steps),
        after=_step_named(fields, "after", steps),
        added=_added(fields.child("added")),
        not_divided=fields.get("not_divided", str),
        taken_out=_added(fields.child("taken_out", optional=True)),
        not_taken_out=fields.get("not_taken_out", str),
        functions=[(child.get("function", str), child.get("ns", int)) for child in fields.children("functions")],
        functions_not_told=fields.get("functions_not_told", str),
    )


def _step_named(fields, key, steps):
    name = fields.get(key, str)
    step = next((step for step in steps if step.name == name), None)
    if step is None or step.ns is None:
        fields.refuse(f'"{key}" must name a step that was measured')
    return step
