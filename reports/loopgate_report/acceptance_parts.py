"""What the page and the PDF of an acceptance say, in blocks. Every figure and verdict is the gate's or the statistics' own."""
import collections

from loopgate_report import units
from loopgate_report.acceptance import NOT_TOLD, Facts, Items, Pictures, Section, Table, Text, Told
from loopgate_report.page_method import method
from loopgate_report.page_parts import load_part, verdict_part

MEANINGS = {
    "PASS": "Every gated kernel kept what was agreed.",
    "FAIL": "A kernel broke what was agreed, or failed altogether.",
    "INCONCLUSIVE": "There is not enough evidence for a verdict. This is no acceptance.",
    "INVALID": "Load, tuning or kernel was not as asked for, or payload or bench failed. This is no acceptance, and says nothing of the kernels.",
}
SIGNING = "Whoever signs confirms the id and the sha256 above."
_ON_FIRST_PAGE = 4  # sentences; the page has to hold the signatures, too
TIMES = {"virtual": "virtual time: a model that counts instructions, not a board's microseconds", "wall": "wall-clock time"}


def title_of(acceptance):
    """The plan's, and whether what measured or judged is another than is released: the deviations say what."""
    title = acceptance.fields.get("title", str)
    return f"{title} (modified)" if acceptance.fields.get("modified", list, []) else title


def told(fields, key):
    return fields.get(key, str, "") or NOT_TOLD


def summary(acceptance):
    """What is signed: who, what, the rule, the verdict of each run."""
    fields, item = acceptance.fields, acceptance.fields.child("item")
    who, signatures = fields.child("told"), fields.child("signatures")
    emulator = "; a program plays this board, and no figure is hardware's" if item.get("emulator", bool) else ""
    rows = [
        ("id", fields.get("id", str)),
        ("began, ended", f"{fields.get('begun', str)}, {fields.get('ended', str)} (UTC, by this host's clock)"),
        *((key, told(who, key)) for key in ("customer", "site", "tester")),
        ("board", f"{item.get('title', str)} ({item.get('board', str)}){emulator}"),
        ("serial, firmware", f"{told(who, 'serial')}, {told(who, 'firmware')}"),
        ("clock", TIMES.get(item.get("time_base", str), item.get("time_base", str))),
        ("decision rule, agreed before", told(fields, "decision_rule")),
        ("also agreed", told(fields, "agreed")),
        ("bundle, sha256", acceptance.bundle_sha256 or "not in this folder: sha256sum of the file that was unpacked"),
        ("signatures", Told((f"{signatures.get('wanted', int)} of {signatures.get('of', int)} are wanted on the bundle; ", "loopgate verify --trust KEY", " checks them"))),
    ]
    return [Facts(rows), _verdicts(acceptance), Facts(_doubts(fields))]


def _verdicts(acceptance):
    rows = []
    for run in acceptance.runs:
        for group in run.fields.children("groups"):
            kernel, load = group.get("kernel", str), group.get("load", str)
            rows.append([run.name, kernel, load, group.get("verdict", str), _counted(check.verdict for check in run.verdict.checks if (check.kernel, check.load) == (kernel, load))])
    return Table("The verdict of each kernel under each load.", ["run", "kernel", "load", "verdict", "checks"], rows, verdict=3, widths=(2, 2, 1.2, 1.6, 3))


def _counted(verdicts):
    """Of the checks: how many came to which."""
    counts = collections.Counter(verdicts)
    return ", ".join(f"{number} {word}" for word, number in sorted(counts.items(), key=lambda each: each[0] != "PASS")) or "none"


def _doubts(fields):
    def told_of(key, none):
        sentences = fields.texts(key)
        more = f" And {len(sentences) - _ON_FIRST_PAGE} more: see below." if len(sentences) > _ON_FIRST_PAGE else ""
        return " ".join(sentence.rstrip(".") + "." for sentence in sentences[:_ON_FIRST_PAGE]) + more if sentences else none

    return [("deviations", told_of("deviations", "none")), ("not tested", told_of("not_tested", "nothing that the plan names"))]


def sections(acceptance):
    fields = acceptance.fields
    return [
        Section("Deviations and retries", [Items(fields.texts("deviations"), "It was carried out as planned."), _attempts(fields)]),
        Section("What was not tested", [Items(fields.texts("not_tested"), "Nothing was left out of what the plan names.")]),
        *(_results(run, acceptance) for run in acceptance.runs),
        _item(fields),
        *(_tuning(kernel) for kernel in fields.children("kernels")),
        _origin(fields),
    ]


def _attempts(fields):
    rows = [
        [str(i + 1), each.get("begun", str), each.get("ended", str) or "was cut off", str(len(each.children("measured_again")))] for i, each in enumerate(fields.children("attempts"))
    ]
    return Table("Every attempt.", ["attempt", "began", "ended", "cells measured again"], rows, numbers=(0, 3), widths=(1, 3, 3, 2))


def _results(run, acceptance):
    fields = run.fields
    policy = fields.child("policy")
    parts = verdict_part(run.verdict)
    blocks = [
        Text(
            f"Suite {fields.get('suite', str)}: {fields.get('title', str)}. Policy: {policy.get('title', str)}, sha256 {policy.get('sha256', str)}; {parts['counted']},"
            f" at {fields.get('confidence', float):.0%} confidence. {units.plural(fields.get('cells', int), 'cell')} of"
            f" {units.plural(fields.get('samples', int), 'stimulus')} each, seed {fields.get('seed', int)}, from {fields.get('started', str)}."
        ),
        *([Text(_sentence(parts["guard_band"]))] if parts["guard_band"] else []),
        Text("How often this gate errs: " + (parts["error_rates"] or "not known: no calibration was given") + "."),
    ]
    if run.run:
        for load in run.run.info.children("loads"):
            part = load_part(run.run, load)
            blocks += [_latencies(run.run, part), *_intervals(fields, part["name"])]
        blocks.append(Pictures(run.name))
    rows = [[check["kernel"], check["load"], check["demand"], check["seen"], check["verdict"], check["why"]] for check in parts["checks"]]
    blocks.append(Table("Every check of the policy, and how sure it is.", ["kernel", "load", "demand", "seen", "verdict", "why"], rows, verdict=4, widths=(1.5, 1, 2, 1.1, 1.5, 4)))
    if run.run:
        blocks += [Text("How it was measured:"), Items(method(run.run), "")]
    return Section(f"Results of {run.name}: {run.verdict.verdict}", blocks)


def _sentence(text):
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _latencies(run, part):
    counts = ["count", "late", "unanswered", "not sent"]
    rows = []
    for row, group in zip(part["rows"], run.of_load(part["name"])):
        latencies = row["latencies"] or [units.UNRESOLVED] * len(units.LATENCIES)
        rows.append([row["kernel"], *(latencies[units.LATENCIES.index(key)] for key in ("p50", "p99", "p99.9", "max")), *(units.count(group.counts[key.replace(" ", "_")]) for key in counts)])
    caption = f"Latency from stimulus to response under load {part['name']}, in us of {run.time_base} time. {units.LEGEND}."
    return Table(caption, ["kernel", "p50", "p99", "p99.9", "max", *counts], rows, numbers=tuple(range(1, 9)), widths=(2, 1, 1, 1, 1, 0.9, 0.8, 1.3, 1))


_SURE_OF = ("p50", "p90", "p99", "p99.9", "p99.99")


def _intervals(fields, load):
    """How sure the quantiles are; nothing in an acceptance of before that was computed."""
    rows, confidence = [], fields.get("confidence", float)
    for group in fields.children("groups"):
        if group.get("load", str) == load and group.child("quantile_intervals_ns", optional=True):
            of = group.child("quantile_intervals_ns")
            rows.append([group.get("kernel", str), *(_interval(of, key.replace(".", "_")) for key in _SURE_OF)])
    if not rows:
        return []
    caption = (
        f"Between which latencies each quantile lies under load {load}, in us, each end at {confidence:.0%} confidence: those not sent and unanswered count as the gate counts them,"
        f" slow ones that come together as one. {units.UNRESOLVED} : too few stimuli, or the replicates differ too much for one interval of all."
    )
    return [Table(caption, ["kernel", *_SURE_OF], rows, numbers=tuple(range(1, len(_SURE_OF) + 1)), widths=(1.6, *[1.7] * len(_SURE_OF)))]


def _interval(of, key):
    ends = of.get(key, list, None)
    if ends is None:
        return units.UNRESOLVED
    if len(ends) != 2 or not all(isinstance(end, int) for end in ends if end is not None) or ends[0] is None:
        of.refuse(f'"{key}" must be two whole numbers, or one and null')
    low, high = ends
    return f"{units.us(low)} or more" if high is None else f"{units.us(low)} to {units.us(high)}"


def _item(fields):
    item = fields.child("item")
    blocks = [Facts([("machine", item.get("machine", str))])]
    for kernel in fields.children("kernels"):
        keys = ("title", "release", "version", "package", "image_sha256", "command_line", "arguments")
        blocks.append(Facts([("kernel", f"{kernel.get('name', str)}, in {kernel.get('run', str)}"), *((key.replace("_", " "), told(kernel, key)) for key in keys)]))
    return Section("The item", blocks)


def _tuning(kernel):
    title = f"In effect on {kernel.get('name', str)}, in {kernel.get('run', str)}"
    if kernel.nullable("tuning", list) is None:
        return Section(title, [Text("No cell of it left evidence: what was in effect is not known.")])
    rows = [[row.get(key, str) for key in ("by", "kind", "asked", "became", "read_back")] for row in kernel.children("tuning")]
    return Section(title, [Table("What was asked for, and what was read back of the running kernel.", ["by", "kind", "asked for", "became", "read back"], rows, widths=(1, 1.3, 4, 1.3, 3))])


def _origin(fields):
    plan, loopgate, before = fields.child("plan"), fields.child("loopgate"), fields.child("predecessor", optional=True)
    after = f"{before.get('id', str)}, ended {before.get('ended', str)}, bundle sha256 {before.get('sha256', str)}" if before else "none: it is the first of its chain"
    rows = [
        ("plan", f"{plan.get('file', str)}, sha256 {plan.get('sha256', str)}"),
        ("nonce of the customer", told(fields, "nonce")),
        ("comes after", after),
        ("loopgate", f"{loopgate.get('version', str)}, commit {loopgate.get('commit', str) or 'unknown'}"),
    ]
    text = Told(
        (
            "This page draws what is in the folder and proves nothing: ",
            "loopgate verify acceptance.lgb",
            " computes every verdict again from the raw samples, derives the seeds from the nonce, and checks every byte.",
        )
    )
    return Section("Where it comes from, and how to check it", [Facts(rows), Text(text)])
