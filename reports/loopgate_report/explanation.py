"""What `loopgate explain` found of a cell: cells/CELL/explain.json, checked to add up."""
from dataclasses import dataclass, field

from loopgate_report.fields import read_json

# In the order in which a sample goes through them.
PHASES = (
    "irqs disabled",
    "hardirq",
    "irq thread wakeup latency",
    "irq thread",
    "payload wakeup latency",
    "payload",
    "payload's system calls",
)
FILES = {
    "speedscope.json": "speedscope",
    "perfetto.json": "Perfetto",
    "trace.dat": "KernelShark and trace-cmd",
}


@dataclass
class Share:
    """Time by one function, in one task and phase."""

    name: str
    task: str
    phase: str
    ns: int


@dataclass
class Task:
    name: str
    pid: int
    policy: str
    priority: int
    ns: int


@dataclass
class Chain:
    task: Task
    stack: list  # outermost first
    phase: str
    ns: int


@dataclass
class Span:
    task: Task
    phase: str  # empty on a lane: what a CPU does need not be on the sample's way
    begin_ns: int
    end_ns: int
    cpu: int = 0


@dataclass
class CrossCpu:
    """A part of the way that depended on another CPU."""

    what: str
    begin_ns: int
    end_ns: int
    cpu: int
    task: Task
    stack: list  # outermost first
    others: list  # (cpu, task, stack)


@dataclass
class ExplainedSample:
    cell: str
    sample: int
    stimulus_ns: int
    latency_ns: int
    why: str
    phase_ns: list  # in the order of PHASES
    functions: list
    tasks: list
    chains: list
    timeline: list
    lanes: dict = field(default_factory=dict)  # what each CPU did: CPU -> spans; empty where there is one
    cross_cpu: list = field(default_factory=list)
    comparisons: list = field(default_factory=list)
    files: dict = field(default_factory=dict)  # name -> what opens it
    beside: str = ""  # what of it a program beside could see, in words; empty where there was none
    beside_parts: list = field(default_factory=list)  # (name, ns, the timer's, why)


@dataclass
class Comparison:
    cell: str
    sample: int
    differences: list  # (phase, function, here_ns, there_ns), largest first


@dataclass
class Band:
    from_percent: float
    to_percent: float
    count: int
    min_ns: int
    max_ns: int
    mean_ns: list


@dataclass
class Explanation:
    other_samples: bool  # it explains samples that are no longer the cell's
    explained: list
    median: ExplainedSample | None
    bands: list


def read_explanation(folder, samples_sha256):
    """None where nobody asked."""
    path = folder / "explain.json"
    if not path.is_file():
        return None
    fields = read_json(path, str(path), known=2)
    if fields.get("time_base", str) != "virtual":
        fields.refuse("is not in virtual time: nothing else can be explained")
    if fields.get("samples_sha256", str) != samples_sha256:
        return Explanation(True, [], None, [])
    explained = [_sample(entry) for entry in fields.children("explained")]
    for entry in fields.children("comparisons"):
        _compare(entry, explained)
    for sample in explained:
        names = {f"explain-{sample.sample}.{ending}": opens for ending, opens in FILES.items()}
        sample.files = {name: opens for name, opens in names.items() if (folder / name).is_file()}
    median = fields.child("median", optional=True)
    distribution = fields.child("distribution", optional=True)
    return Explanation(
        False,
        explained,
        _sample(median) if median else None,
        _bands(distribution) if distribution else [],
    )


def _sample(fields):
    latency_ns = fields.get("latency_ns", int)
    phases = [(entry.get("name", str), entry.get("ns", int)) for entry in fields.children("phases")]
    if tuple(name for name, _ in phases) != PHASES:
        fields.refuse(f"its phases are not {', '.join(PHASES)}")
    tasks = [
        Task(entry.get("name", str), entry.get("pid", int), entry.get("policy", str),
             entry.get("priority", int), entry.get("ns", int))
        for entry in fields.children("tasks")
    ]
    sample = ExplainedSample(
        fields.get("cell", str),
        fields.get("sample", int),
        fields.get("stimulus_ns", int),
        latency_ns,
        fields.get("why", str),
        [ns for _, ns in phases],
        [
            Share(entry.get("name", str), entry.get("task", str), _phase(entry), entry.get("ns", int))
            for entry in fields.children("functions")
        ],
        tasks,
        [
            Chain(_task(entry, tasks), entry.texts("stack"), _phase(entry), entry.get("ns", int))
            for entry in fields.children("flame")
        ],
        [
            Span(_task(entry, tasks), _phase(entry), entry.get("begin_ns", int), entry.get("end_ns", int), entry.get("cpu", int, 0))
            for entry in fields.children("timeline")
        ],
        {entry.get("cpu", int): _lane(entry, tasks, latency_ns) for entry in fields.children("lanes", optional=True)},
        [_cross_cpu(entry, tasks) for entry in fields.children("cross_cpu", optional=True)],
    )
    _check(fields, sample)
    _read_beside(fields.child("beside", optional=True), sample)
    return sample


def _lane(fields, tasks, latency_ns):
    """From the stimulus or later, where the CPU did nothing before, to the response, without a gap."""
    cpu = fields.get("cpu", int)
    spans = [Span(_task(entry, tasks), "", entry.get("begin_ns", int), entry.get("end_ns", int), cpu) for entry in fields.children("timeline")]
    at_ns = spans[0].begin_ns if spans else -1
    for span in spans:
        if span.begin_ns != at_ns or span.end_ns <= at_ns:
            fields.refuse('"timeline" has a gap, or goes back')
        at_ns = span.end_ns
    if at_ns != latency_ns or spans[0].begin_ns < 0:
        fields.refuse('"timeline" does not end at "latency_ns"')
    return spans


def _cross_cpu(fields, tasks):
    return CrossCpu(
        fields.get("what", str),
        fields.get("begin_ns", int),
        fields.get("end_ns", int),
        fields.get("cpu", int),
        _task(fields, tasks),
        fields.texts("stack"),
        [(other.get("cpu", int), _task(other, tasks), other.texts("stack")) for other in fields.children("others")],
    )


def _read_beside(fields, sample):
    """What of the sample a program could see that measured by itself in the same cell."""
    if fields is None:
        return
    sample.beside = fields.get("says", str)
    sample.beside_parts = [
        (part.get("name", str), part.get("ns", int), part.get("timer", str), part.get("why", str))
        for part in fields.children("parts")
    ]
    if sum(ns for _, ns, _, _ in sample.beside_parts) != sample.latency_ns:
        fields.refuse('"parts" do not add up to "latency_ns"')


def _check(fields, sample):
    """Every nanosecond is in each of the views once."""
    if sample.latency_ns <= 0:
        fields.refuse('"latency_ns" must be above 0')
    if min(sample.phase_ns) < 0 or sum(sample.phase_ns) != sample.latency_ns:
        fields.refuse('"phases" do not add up to "latency_ns"')
    for key, parts in (("functions", sample.functions), ("tasks", sample.tasks), ("flame", sample.chains)):
        if any(part.ns < 0 for part in parts) or sum(part.ns for part in parts) != sample.latency_ns:
            fields.refuse(f'"{key}" do not add up to "latency_ns"')
    at_ns = 0
    for span in sample.timeline:
        if span.begin_ns != at_ns or span.end_ns <= at_ns:
            fields.refuse('"timeline" has a gap, or goes back')
        at_ns = span.end_ns
    if at_ns != sample.latency_ns:
        fields.refuse('"timeline" does not end at "latency_ns"')


def _phase(entry):
    phase = entry.get("phase", str)
    if phase not in PHASES:
        entry.refuse(f'the phase "{phase}" is unknown')
    return phase


def _task(entry, tasks):
    number = entry.get("task", int)
    if not 0 <= number < len(tasks):
        entry.refuse('"task" is none of the sample\'s tasks')
    return tasks[number]


def _compare(entry, explained):
    number = entry.get("sample", int)
    sample = next((sample for sample in explained if sample.sample == number), None)
    if sample is None:
        entry.refuse('"sample" is none of those explained')
    against = entry.child("against")
    differences = [
        (_phase(each), each.get("function", str), each.get("here_ns", int), each.get("there_ns", int))
        for each in entry.children("differences")
    ]
    sample.comparisons.append(Comparison(against.get("cell", str), against.get("sample", int), differences))


def _bands(fields):
    bands = []
    for entry in fields.children("bands"):
        latency, means = entry.child("latency_ns"), entry.get("mean_ns", list)
        if len(means) != len(PHASES) or not all(isinstance(ns, (int, float)) and ns >= 0 for ns in means):
            entry.refuse(f'"mean_ns" must be {len(PHASES)} times, none below 0')
        bands.append(
            Band(entry.get("from_percent", float), entry.get("to_percent", float), entry.get("count", int),
                 latency.get("min", int), latency.get("max", int), means)
        )
    if sum(band.count for band in bands) != fields.get("count", int):
        fields.refuse('its bands do not add up to "count"')
    if any(band.count < 1 or sum(band.mean_ns) <= 0 for band in bands):
        fields.refuse("has a band without samples")
    return bands
