"""What the page says, as texts and rows; how it looks is the template's."""
from loopgate_report import units
from loopgate_report.axis import clock
from loopgate_report.page_decisions import (
    count_texts,
    decision_inputs,
    decision_rows,
    file_hashes,
    method_sentences,
    stage_rows,
)
from loopgate_report.sheet import missing_text, stimuli_text


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
        "partial": _partial(groups),
    }


def _partial(groups):
    """Names the kernels whose figures rest on fewer repetitions than were planned."""
    parts = []
    for group in groups:
        measured = sum(1 for cell in group.cells if cell.samples)
        if 0 < measured < len(group.cells):
            parts.append(f"{group.kernel}: only {measured} of {len(group.cells)} repetitions were measured")
    return "; ".join(parts) + "." if parts else ""


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
        "passed": sum(check.verdict == "PASS" for check in verdict.checks),
        "total": len(checks),
        "checks": checks,
        "problems": [check for check in checks if check["verdict"] != "PASS"],
        "not_gated": [
            f"{kernel} × {load}" for (kernel, load), word in verdict.groups.items() if word == "NOT GATED"
        ],
    }


def _samples_needed(check):
    """How many would decide, unless the reason says so itself."""
    text = units.count(check.samples_needed or 0)
    return text if check.samples_needed and text not in check.why else None


def _demand(check):
    quantity = check.quantity.replace("_", "." if check.quantity.startswith("p") else " ")
    if check.limit is None:
        return "is measured" if check.rule == "cell" else f"{check.rule}: {quantity}"
    limit = _quantity(check.limit, check.unit)
    if check.unit == "share":
        return f"share {quantity} at most {limit}"
    if check.unit == "ratio":
        return f"{quantity} at most {limit} of {check.against or 'the baseline'}'s"
    return f"{quantity} at most {limit}"


def _quantity(value, unit):
    if value is None:
        return "–"
    if unit == "ns":
        return f"{units.us_round(value)} us"
    if unit == "share":
        return f"{100 * value:.4g} %"
    return f"{value:,.6g}" + (f" {unit}" if unit and unit != "ratio" else "")


def method(run):
    info = run.info
    sentences = [
        (
            "The instrument stands outside of the kernel under test: it raises an input pin and times the"
            " edge on an output pin that answers it. Latency is the response minus the stimulus."
        ),
        *method_sentences(info),
        _schedule(info),
        (
            f"A response after the deadline of {units.us_round(info.get('deadline_ns', int))} us is late, and"
            " counts with its latency. A stimulus that is never answered is counted as unanswered; it has no"
            " latency, so no quantile holds it."
        ),
        (
            f"The first {units.plural(info.get('warm_up', int, 0), 'stimulus')} of a cell are warm-up. They"
            " and the self-checks are in the samples file and in no figure."
        ),
        (
            "Quantiles are nearest-rank over the raw samples: the smallest latency that this share of them do"
            " not exceed. Jitter is max minus min. With fewer than 10,000 samples p99.99 is the max itself."
            " Repetitions are pooled."
        ),
    ]
    if run.time_base == "virtual":
        sentences.append(
            "Time is virtual: the guest's clock counts executed instructions, so a run repeats to the"
            " nanosecond whatever the host does. It is a model without caches, buses or DMA: it shows what a"
            " kernel makes a response wait for, not a board's microseconds."
        )
    else:
        sentences.append(
            "Time is wall-clock time: another run gives other samples, so differences need enough of them."
        )
        if run.emulator:
            sentences.append(
                "The board is an emulator on a host that does other things, too: its figures show that the way"
                " works, and are no hardware's."
            )
    return sentences


def _schedule(info):
    least, most = (info.integers("interval_ns") + [0, 0])[:2]
    interval = f"{units.us_round(least)} to {units.us_round(most)} us ({clock(info.get('time_base', str))})"
    if info.get("back_to_back", bool, False):
        return (
            f"The stimuli are closed loop: each comes {interval} after the response to the one before, or"
            " after that was given up. So the rate is what the kernel sustains, and no stimulus has to wait"
            " for another."
        )
    return (
        f"The stimuli are open loop: their times are drawn from the seed before the run, {interval} apart,"
        " and don't wait for answers. One that falls due while another is pending is not sent, and is"
        " counted as such."
    )


def cell_rows(run):
    seeds = {entry.get("cell", str): entry.get("seed", int, None) for entry in run.info.children("cells")}
    return [_cell_row(cell, seeds.get(cell.name), run) for cell in run.cells]


def _cell_row(cell, seed, run):
    row = {
        "name": cell.name,
        "outcome": cell.outcome.replace("_", " "),
        "records": "–",
        "warm_up": "–",
        "self_checks": "–",
        "self_check": "–",
        "spurious": "–",
        "host_s": "–",
        "seed": "–" if seed is None else str(seed),
        "sha256": None,
        "commands": cell.commands,
    }
    if cell.outcome == "measured" and cell.why_not_counted is not None:
        row["outcome"] = "measured, then refused"
    result = cell.result
    if result is None:
        return row
    row.update(
        records=units.count(result.get("records", int, 0)),
        sha256=result.get("samples_sha256", str, None),
        spurious=units.count(result.get("spurious_responses", int, 0)),
        self_check=_self_check(result),
    )
    if cell.samples:
        row.update(
            warm_up=units.count(cell.samples.warm_up), self_checks=units.count(cell.samples.self_checks)
        )
    seconds = result.child("host_seconds", optional=True)
    if seconds:
        row["host_s"] = f"{seconds.get('total', float, 0.0):.1f}"
    return row


def _self_check(result):
    fields = result.child("self_check", optional=True)
    checks = fields.children("checks", optional=True) if fields else []
    if not checks:
        return "none was made"
    deviations = {
        check.get("measured_ns", int) - check.get("known_ns", int)
        for check in checks
        if check.get("measured_ns", int, None) is not None
    }
    off = f"off by {min(deviations):,} to {max(deviations):,} ns" if deviations - {0} else "exact"
    return (
        f"{'passed' if fields.get('passed', bool) else 'FAILED'}: {units.plural(len(checks), 'delay')} "
        + (off if deviations else "unmeasured")
    )


def evidence_rows(run):
    rows = {
        key: [{"cell": cell.name, **row} for cell in run.cells for row in cell.tables[key]]
        for key in ("checks", "tuning", "load")
    }
    for row in rows["load"]:
        row.update(per_second=_rate(row["per_second"]), at_least=_rate(row["at_least"]))
    return {**rows, "missing": [cell.name for cell in run.cells if not cell.has_evidence]}


def _rate(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


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


def inputs(run):
    info = run.info
    machine, target, host = (info.child(key, optional=True) for key in ("machine", "target", "host"))

    def of(fields, key, kind=str):
        value = fields.get(key, kind, None) if fields else None
        return "not recorded" if value is None else value

    rows = [
        ("seed", str(info.get("seed", int))),
        ("stimuli a cell", units.count(info.get("samples", int))),
        ("warm-up", units.count(info.get("warm_up", int, 0))),
        ("repetitions", str(info.get("repeat", int, 1))),
        ("cells at once", str(of(info, "jobs", int))),
        ("deadline", f"{units.us_round(info.get('deadline_ns', int))} us"),
        ("payload", " ".join(info.texts("payload")) or "not recorded"),
        *decision_inputs(info),
        ("Loopgate", of(info, "loopgate")),
        *machine_rows(run, machine, of),
        ("host", f"{of(host, 'system')}, {of(host, 'processors', int)} processors"),
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
            ("image", "image"),
            ("image sha256", "image_sha256"),
            ("command line", "command_line") if run.time_base == "virtual" else ("arguments", "arguments"),
            ("definition sha256", "sha256"),
        ]
        kernels.append(
            {
                "name": kernel.get("name", str),
                "title": kernel.get("title", str, ""),
                "facts": [(name, of(kernel, key)) for name, key in facts],
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
