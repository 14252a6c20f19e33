"""Runs whose programs measured by themselves, for tests: as `loopgate stats` leaves them in comparison.json."""
import json

from loopgate_report.seal import sealed
from made_up_run import MadeUpRun


def figure(name, value, unit, clock="CLOCK_MONOTONIC"):
    return {"name": name, "value": value, "unit": unit, "clock": clock}


def latency(max_ns):
    quantiles = dict.fromkeys(("p50_ns", "p90_ns", "p99_ns", "p99_9_ns", "p99_99_ns"))
    return {"clock": "CLOCK_MONOTONIC", "count": 2000, "beyond_histogram": 0, "min_ns": [4000, 4999], **quantiles, "max_ns": max_ns}


def result(*figures, latency=None, result="pass", reason=""):
    """Its first figure is the one that people look at."""
    chief = figures[0]["name"] if figures else None
    return {"result": result, "reason": reason, "figures": list(figures), "chief": chief, "latency": latency}


def program_run(folder, suite, programs, load="idle", kernels=("generic", "preempt-rt"), invalid=None, adapter="google-benchmark", **more):
    """`programs`: name -> kernel -> its replicates' results. `invalid`: kernel -> reason, of its only cell."""
    invalid = invalid or {}
    run = MadeUpRun(folder, kernels=kernels, loads=(load,), count=20, **more)
    run.write(verdict=None)
    change(run.folder / "run.json", lambda info: _describe(info, suite, programs, adapter))
    change(run.folder / "comparison.json", lambda all: [_fill(group, programs, invalid) for group in all["groups"]])
    return run.folder


def change(path, how):
    document = json.loads(path.read_text())
    how(document)
    path.write_text(sealed(document) if path.name == "outcome.json" else json.dumps(document))


def _describe(info, suite, programs, adapter):
    info["suite"] = {"name": suite, "title": f"the suite {suite}", "sha256": None}
    info["samples"] = 0  # nothing was stimulated
    info["programs"] = [{"name": name, "adapter": adapter, "argv": [name], "timeout_s": 9} for name in programs]


def _fill(group, programs, invalid):
    reason = invalid.get(group["kernel"])
    group["invalid"] = [{"cell": cell, "outcome": "invalid", "reason": reason} for cell in group["cells"] if reason]
    group["replicates"] = []
    group["programs"] = [
        {
            "program": name,
            "result": "invalid" if reason else _worst(of_kernel[group["kernel"]]),
            "chief_spread": None if reason else _chief(of_kernel[group["kernel"]]),
            "task_switch": None if reason or name != "switch-pipe" else _task_switch(of_kernel[group["kernel"]]),
            "replicates": [] if reason else [
                {"cell": f"{group['kernel']}.{group['load']}" + (f".{n}" if n > 1 else ""), **each}
                for n, each in enumerate(of_kernel[group["kernel"]], 1)
            ],
        }
        for name, of_kernel in programs.items()
    ]  # fmt: skip


def _worst(replicates):
    results = [each["result"] for each in replicates]
    return next(word for word in ("invalid", "fail", "inconclusive", "not applicable", "pass") if word in results)


def _chief(replicates):
    """As harness/stats/kernel_figures.cpp has it."""
    chiefs = [next((one for one in each["figures"] if one["name"] == each["chief"]), None) for each in replicates]
    if not chiefs or len({one and one["name"] for one in chiefs}) != 1 or None in chiefs:
        return None
    spans = [each["latency"] and each["latency"]["max_ns"] for each in replicates]
    bounded = chiefs[0]["name"].startswith("max") and all(spans)
    return {**_spread(chiefs), "largest_ns": [max(low for low, _ in spans), max(high for _, high in spans)] if bounded else None}


def _task_switch(replicates):
    means = [one for each in replicates for one in each["figures"] if one["name"] == "mean"]
    if not means or len(means) != len(replicates):
        return None
    spread = _spread(means)
    return {**spread, "least": spread["least"] / 2, "most": spread["most"] / 2, "largest_ns": None}


def _spread(figures):
    values = [one["value"] for one in figures]
    return {"figure": figures[0]["name"], "unit": figures[0]["unit"], "least": min(values), "most": max(values)}
