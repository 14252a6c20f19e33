"""What the page says, as texts and rows; how it looks is the template's."""
import re

from loopgate_report import units
from loopgate_report.page_beside import beside_part
from loopgate_report.replicates import COLUMNS, replicate_rows, to_show, word
from loopgate_report.page_decisions import (
    count_texts,
    decision_inputs,
    decision_rows,
    file_hashes,
    stage_rows,
    traced_texts,
)
from loopgate_report.sheet import missing_text, stimuli_text
from loopgate_report.stationarity import course_rows
from loopgate_report.work import work_rows


def load_part(run, load):
    name = load.get("name", str)
    groups = run.of_load(name)
    rows = [
        {
            "kernel": group.kernel,
            "latencies": units.latencies(group.figures),
            "missing": missing_text(group),
            "counts": count_texts(run, group),
            "verdict": run.verdict.of(group.kernel, name) if run.verdict else None,
        }
        for group in groups
    ]
    with_not_sent = [
        {
            "kernel": group.kernel,
            "latencies": units.latencies(group.with_not_sent),
            "not_sent": units.count(group.counts["not_sent"]),
        }
        for group in groups
        if group.with_not_sent and group.counts["not_sent"]
    ]
    worst = [
        {
            "cell": sample["cell"] or group.kernel,
            "index": units.count(sample["index"]),
            "at": f"{sample['stimulus_ns'] / 1e9:,.9f}",
            "latency": units.us(sample["latency_ns"]),
        }
        for group in groups
        for sample in group.worst
    ]
    return {
        "name": name,
        "title": load.get("title", str, ""),
        "stimuli": stimuli_text(groups),
        "rows": rows,
        "with_not_sent": with_not_sent,
        "worst": worst,
        "decisions": decision_rows(run, groups),
        "stages": stage_rows(groups),
        "traced": traced_texts(groups),
        "work": work_rows(groups),
        "replicates": replicate_rows(groups) if to_show(run, groups) else [],
        "replicate": word(run.time_base),
        "partial": _partial(groups),
        "course": course_rows(groups),
        "beside": beside_part(groups),
        "same_kernels": _same_kernels(groups),
        "unresolved": units.LEGEND if _unresolved(run, groups) else "",
    }


def _same_kernels(groups):
    """One sentence for each set of kernels that are one and the same, as the comparison found."""
    sets = {}
    for group in groups:
        same = [one for one in groups if one is group or one.kernel in group.same_kernel_as]
        if len(same) > 1:
            sets[tuple(one.kernel for one in same)] = _have_equal_samples(same)
    return [
        f"Kernels {', '.join(names[:-1])} and {names[-1]} are the same: equal image, arguments in effect and tuning;"
        f" their {'samples are equal to the byte' if equal else 'figures differ by chance alone'}."
        for names, equal in sets.items()
    ]


def _have_equal_samples(groups):
    digests = [[cell.samples_sha256 for cell in group.cells] for group in groups]
    return bool(digests[0]) and all(each == digests[0] and None not in each for each in digests)


def _unresolved(run, groups):
    """Whether one of the load's tables has a quantile that so few stimuli do not resolve."""
    replicates = [each.figures for group in groups for each in group.replicates if to_show(run, groups)]
    return (
        any(units.unresolved(figures) for group in groups for figures in (group.figures, group.with_not_sent))
        or any(units.unresolved(figures, COLUMNS) for figures in replicates)
        or any(group.stages.unresolved for group in groups if group.stages)
    )


def _partial(groups):
    """Names the kernels whose figures rest on fewer replicates than were planned."""
    parts = []
    for group in groups:
        measured = sum(1 for cell in group.cells if cell.samples)
        if 0 < measured < len(group.cells):
            parts.append(f"{group.kernel}: only {measured} of {len(group.cells)} replicates were measured")
    return "; ".join(parts) + "." if parts else ""


def _counted(verdicts):
    """'15 checks passed, 2 did not, 7 were not judged'; the last two where there are any."""
    passed, not_judged = verdicts.count("PASS"), verdicts.count("NOT GATED")
    failed = len(verdicts) - passed - not_judged
    parts = [f"{units.plural(passed, 'check')} passed"] + [f"{failed} did not"] * (failed > 0) + [f"{not_judged} {'was' if not_judged == 1 else 'were'} not judged"] * (not_judged > 0)
    return ", ".join(parts)


def verdict_part(verdict):
    if verdict is None:
        return None
    checks = [
        {
            "kernel": check.kernel,
            "load": check.load,
            "demand": _demand(check),
            "seen": _quantity(check.seen, check.unit),
            "verdict": check.verdict,
            "why": check.why,
            "samples_needed": _samples_needed(check),
        }
        for check in verdict.checks
    ]
    return {
        "verdict": verdict.verdict,
        "policy_title": verdict.policy.get("title", str, ""),
        "policy_file": verdict.policy.get("file", str),
        "policy_sha256": verdict.policy.get("sha256", str, ""),
        "baseline": verdict.baseline,
        "guard_band": verdict.guard_band,
        "error_rates": verdict.error_rates,
        "remarks": verdict.remarks,
        "rates": verdict.rates,
        "counted": _counted([check.verdict for check in verdict.checks]),
        "checks": checks,
        "problems": [check for check in checks if check["verdict"] != "PASS"],
        "order": verdict.order,
        "not_gated": [
            f"{kernel} × {load}" for (kernel, load), word in verdict.groups.items() if word == "NOT GATED"
        ],
    }


def _samples_needed(check):
    """How many would decide, unless the reason says so itself."""
    text = units.count(check.samples_needed or 0)
    return text if check.samples_needed and text not in check.why else None


def _demand(check):
    if check.program:
        return check.demand
    quantity = re.sub(r"p(\d+)_(\d+)", r"p\1.\2", check.quantity).replace("_", " ")
    if check.limit is None:
        return "must be measured" if check.rule == "cell" else f"{check.rule}: {quantity}"
    limit = _quantity(check.limit, check.unit)
    if check.unit == "share":
        return f"share {quantity} at most {limit}"
    if check.unit == "ratio":
        return f"{quantity} at most {limit} of {check.against or 'the baseline'}'s"
    return f"{quantity} at most {limit}"


def number_text(value):
    """Six digits, and no exponent: 100,000 and not 1e+05."""
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.6g}"


def _quantity(value, unit):
    if value is None:
        return "–"
    if unit == "ns":
        return f"{units.us_round(value)} us"
    if unit == "share":
        return f"{100 * value:.4g} %"
    if unit == "per_hour":
        return f"{number_text(value)} an hour"
    return number_text(value) + (f" {unit}" if unit and unit != "ratio" else "")


def environment_rows(run):
    return [{"cell": cell.name, **cell.environment} for cell in run.cells if cell.environment]


def fact_rows(run):
    return [
        {
            "cell": cell.name,
            **{key: cell.facts.get(key, str, "") for key in ("release", "version", "command_line")},
        }
        for cell in run.cells
        if cell.facts
    ]


def machine_rows(run, machine, of):
    """The QEMU that played the board, or how the board stands on its bench."""
    if run.time_base == "virtual":
        return [("QEMU", of(machine, "qemu")), ("icount shift", str(of(machine, "icount_shift", int)))]
    measured = machine.integers("measured_cpus") if machine and "measured_cpus" in machine.values else []
    return [
        ("board reached by", of(machine, "reached_by")),
        ("board's address", of(machine, "address") or "labgrid's"),
        ("boot method", of(machine, "boot_method")),
        ("GPIO chip", of(machine, "gpio_chip")),
        ("measured CPUs", ", ".join(map(str, measured)) or "any"),
    ]


def host_rows(circumstances, of):
    """Where it was measured; of a merged run each shard."""

    def host_of(fields):
        host = fields.child("host")
        return f"{of(host, 'system')}, {of(host, 'processors', int)} processors"

    shards = circumstances.children("shards", optional=True)
    rows = [(f"shard {shard.get('index', int)}", f"{shard.get('started', str)}, {host_of(shard)}") for shard in shards]
    return rows or [("host", host_of(circumstances))]


def _schedule(info):
    """Of stimuli; programs that measured alone were sent none."""
    if info.get("samples", int) == 0 and info.children("programs", optional=True):
        return []
    return [
        ("stimuli a cell", units.count(info.get("samples", int))),
        ("warm-up", units.count(info.get("warm_up", int, 0))),
        ("deadline", f"{units.us_round(info.get('deadline_ns', int))} us"),
        ("payload", " ".join(info.texts("payload")) or "not recorded"),
    ]


def inputs(run):
    info = run.info
    machine, target = info.child("machine"), info.child("target", optional=True)
    circumstances = info.child("circumstances")
    images = circumstances.child("images")

    def of(fields, key, kind=str):
        value = fields.get(key, kind, None) if fields else None
        return "not recorded" if value is None else value

    rows = [
        ("seed", str(info.get("seed", int))),
        *_schedule(info),
        ("replicates", str(info.get("repeat", int, 1))),
        ("cells at once", str(of(circumstances, "jobs", int))),
        *decision_inputs(info),
        ("Loopgate", of(info, "loopgate")),
        ("Loopgate's commit", of(circumstances, "commit")),
        *machine_rows(run, machine, of),
        *host_rows(circumstances, of),
    ]
    hashes = [
        (f"{kind} {info.child(kind).get('name', str)}", of(info.child(kind), "sha256"))
        for kind in ("suite", "board")
    ]
    hashes += [(f"load {load.get('name', str)}", of(load, "sha256")) for load in info.children("loads")]
    hashes += file_hashes(info)
    if run.time_base == "virtual":
        hashes += [
            ("QEMU", of(machine, "binary_sha256")),
            ("instrument", of(machine, "instrument_sha256")),
        ]
    hashes += [
        ("target image, base", of(target, "base_sha256")),
        ("target image, programs", of(target, "programs_sha256")),
    ]
    kernels = []
    for kernel in info.children("kernels"):
        facts = [
            ("package", "package"),
            ("version", "version"),
            ("release", "release"),
            ("image sha256", "image_sha256"),
            ("command line", "command_line") if run.time_base == "virtual" else ("arguments", "arguments"),
            ("definition sha256", "sha256"),
        ]
        kernels.append(
            {
                "name": kernel.get("name", str),
                "title": kernel.get("title", str, ""),
                "facts": [
                    *((name, of(kernel, key)) for name, key in facts),
                    ("image", of(images, kernel.get("name", str))),
                ],
            }
        )
    packages = (
        [
            (package.get("package", str), package.get("version", str))
            for package in target.children("packages", optional=True)
        ]
        if target
        else []
    )
    return {"inputs": rows, "hashes": hashes, "kernels": kernels, "packages": packages}
