"""Builds run directories for tests, as harness/record/README.md describes them, with lifelike samples."""
import hashlib
import json
import math
import struct
from pathlib import Path

import numpy
from loopgate_report.measured_from import measured_from
from loopgate_report.seal import sealed

RECORD = numpy.dtype(
    [("due_ns", "<i8"), ("stimulus_ns", "<i8"), ("response_ns", "<i8"), ("flags", "<u4"), ("index", "<u4")]
)
WARM_UP, SELF_CHECKS, DEADLINE_NS = 20, 8, 1_000_000
BOUND = ("samples.lgs", "commands.txt", "console.log")  # by outcome.json
KERNELS = ("generic", "preempt-rt", "rt-irq-threads")
INSPECTION_DEADLINE_NS = 30_000_000
STAGES = ("scene", "kernel", "capture", "preprocess", "infer", "decide", "output")
QUANTILES = {"p50": (1, 2), "p90": (9, 10), "p99": (99, 100), "p99_9": (999, 1000), "p99_99": (9999, 10000)}
RESOLVED_BY = {"p50": 5, "p90": 29, "p99": 299, "p99_9": 2_995, "p99_99": 29_956}  # stats/resolution.h


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def latencies(kernel, count, seed=1):
    """Like measured ones: generic p50 12 us and a long tail to 955; PREEMPT_RT 20 to 27; tuned 20 to 24."""
    random = numpy.random.default_rng([seed, *kernel.encode()])
    if kernel.startswith("generic"):
        values = 11_200 + random.gamma(2, 700, count)
        tail = random.random(count) < 0.03
        values = numpy.where(tail, 12_000 * (1 - random.random(count) * 0.99) ** -0.75, values)
        peak = 955_000
    elif kernel == "preempt-rt":
        values, peak = 18_600 + random.gamma(5, 360, count), 26_800
    else:
        values, peak = 18_900 + random.gamma(5, 230, count), 24_100
    values = numpy.minimum(values, peak * 0.97).astype(numpy.int64)
    values[min(count - 1, count * 7 // 10)] = peak
    return values


def inspection_latencies(kernel, count, seed=1):
    """8 ms, give or take 0.1; generic has a tail to 19.6 ms, others to 9.2."""
    random = numpy.random.default_rng([seed, *kernel.encode()])
    values = 8_000_000 + random.normal(0, 45_000, count)
    tail = random.random(count) < 0.03
    peak = 19_600_000 if kernel == "generic" else 9_200_000
    values = numpy.where(tail, values + (peak - 8_200_000) * random.random(count) ** 3, values)
    values = values.astype(numpy.int64)
    values[min(count - 1, count * 7 // 10)] = peak
    return values


def stages_of(latency_ns, scene_ns=0):
    """A sample cut up: what is beyond the usual goes to the kernel and, preempted, to the network."""
    capture, preprocess, decide, output = 1_520_000, 640_000, 850, 3_150
    rest = int(latency_ns) - scene_ns - capture - preprocess - decide - output
    kernel = 12_000 + max(rest - 5_900_000, 0) // 3
    return [scene_ns, kernel, capture, preprocess, rest - kernel, decide, output]


def quantile_of(values, key):
    """Of sorted values; None where they do not resolve it."""
    a, b = QUANTILES[key]
    return int(values[-(-len(values) * a // b) - 1]) if len(values) >= RESOLVED_BY[key] else None


def figures_of(values):
    """Of sorted latencies; None when there are none."""
    if not len(values):
        return None
    return {
        "min": int(values[0]),
        **{key: quantile_of(values, key) for key in QUANTILES},
        "max": int(values[-1]),
        "mean": float(values.mean()),
        "stddev": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
        "jitter": int(values[-1] - values[0]),
    }


def asked(by, kind, what, became, read_back):
    return {"by": by, "kind": kind, "asked": what, "became": became, "read_back": read_back}


class MadeUpRun:
    """One run. `cells` (latencies, outcome, reason, console, ...) may be changed before write().

    `decisions`, as run.json has them, makes its responses carry decisions. With `old` it lacks their keys.
    """

    def __init__(
        self,
        folder,
        kernels=KERNELS,
        loads=("mixed",),
        count=600,
        repeat=1,
        time_base="virtual",
        deadline_ns=DEADLINE_NS,
        decisions=None,
        old=False,
    ):
        self.decisions, self.old = decisions, old
        self.work = {}  # by kernel, as comparison.json has it
        self.scene_ns = (decisions["frames"] - 1) * decisions["frame_interval_ns"] if decisions else 0
        self.folder, self.kernels, self.loads = Path(folder), list(kernels), list(loads)
        self.count, self.repeat, self.time_base, self.deadline_ns = count, repeat, time_base, deadline_ns
        self.stationarity = {}  # of a kernel: what comparison.json says of it, else nothing
        self.cells = {}
        self.unconfirmed = []  # comparison.json's sentences
        self.same_kernels = []  # names that stand for one kernel
        for i, load in enumerate(loads):
            for kernel in kernels:
                for n in range(1, repeat + 1):
                    name = f"{kernel}.{load}" + (f".{n}" if n > 1 else "")
                    self.cells[name] = {
                        "kernel": kernel,
                        "load": load,
                        "repetition": n,
                        "outcome": "measured",
                        "reason": "",
                        "latencies": self._latencies(kernel, 100 * i + n),
                        "unanswered": 0,
                        "not_sent": 0,
                        "wrong": 0,
                        "wrong_frame": 0,
                        "unjudged": 0,
                        "left_out": 0,
                    }

    @classmethod
    def of_inspection(cls, folder, frames=1, interval_ns=33_000_000, **more):
        decisions = {"frames": frames, "frame_interval_ns": interval_ns if frames > 1 else 0}
        more = {"kernels": ("generic", "preempt-rt"), "deadline_ns": INSPECTION_DEADLINE_NS, **more}
        return cls(folder, decisions=decisions, **more)

    def _latencies(self, kernel, seed):
        if not self.decisions:
            return latencies(kernel, self.count, seed)
        return self.scene_ns + inspection_latencies(kernel, self.count, seed)

    def write(self, verdict="PASS"):
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, cell in self.cells.items():
            self._write_cell(name, cell)
        self._json("run.json", self.run_json())
        self._json(
            "comparison.json",
            {
                "format": 1,
                "suite": "irq-to-gpio",
                "board": "qemu-virt-arm64",
                "time_base": self.time_base,
                "unit": "ns",
                "groups": [self._group(k, l) for l in self.loads for k in self.kernels],
                **({"unconfirmed": self.unconfirmed} if self.unconfirmed else {}),
            },
        )
        self._json(
            "distribution.json",
            {
                "format": 1,
                "time_base": self.time_base,
                "unit": "ns",
                "groups": [self._curves(k, l) for l in self.loads for k in self.kernels],
            },
        )
        if verdict:
            self._json("verdict.json", self.verdict_json(verdict))
        return self.folder

    def change(self, file, change):
        """Rewrites a JSON file of the run after `change(document)`."""
        path = self.folder / file
        document = json.loads(path.read_text())
        change(document)
        path.write_text(sealed(document) if path.name == "outcome.json" else json.dumps(document))
        if file == "run.json":  # another run, and its cells are of it
            for cell in document["cells"]:
                self._bind(document, cell)

    def _bind(self, run, cell):
        path = self.folder / "cells" / cell["cell"] / "outcome.json"
        if not path.is_file():
            return
        outcome = json.loads(path.read_text())
        outcome["measured_from"] = measured_from(run, cell)
        outcome["time_base"] = run["time_base"]
        path.write_text(sealed(outcome))

    def run_json(self):
        return {
            "format": 3,
            "loopgate": "0.1.0",
            "payload_files": [{"key": "model", "file": "scratch.onnx", "sha256": hash_of("model")}],
            "back_to_back": False,
            "decisions": self.decisions,
            "time_base": self.time_base,
            "suite": {
                "name": "irq-to-gpio",
                "title": "From a pin's interrupt to the answer on another pin",
                "sha256": hash_of("suite"),
            },
            "board": {
                "name": "qemu-virt-arm64",
                "title": "QEMU's arm64 virt board, one Cortex-A72, on virtual time",
                "sha256": hash_of("board"),
            },
            "seed": 1,
            "samples": self.count,
            "warm_up": WARM_UP,
            "repeat": self.repeat,
            "deadline_ns": self.deadline_ns,
            "interval_ns": self._interval_ns(),
            "machine": {
                "kind": "qemu",
                "qemu": "10.0.2 (Debian 1:10.0.2+ds-2)",
                "binary_sha256": hash_of("qemu"),
                "icount_shift": 0,
                "instrument_sha256": hash_of("instrument"),
            },
            "kernels": [
                {
                    "name": k,
                    "title": f"Debian 13, {k}",
                    "sha256": hash_of(f"toml {k}"),
                    "package": "linux-image-6.12-" + k,
                    "version": "6.12.117-1",
                    "release": "6.12.117+deb13-" + k,
                    "image_sha256": hash_of(f"image {k}"),
                    "command_line": f"console=ttyAMA0 nokaslr kernel={k}",
                    **({"contender": {"name": k.split("+")[1], "command": ["/bin/responder"]}} if "+" in k else {}),
                }
                for k in self.kernels
            ],
            "loads": [
                {"name": l, "title": f"the load {l}", "sha256": hash_of(f"load {l}")} for l in self.loads
            ],
            "target": {
                "base_sha256": hash_of("base"),
                "programs_sha256": hash_of("programs"),
                "packages": [
                    {"package": "stress-ng", "version": "0.18.12-1"},
                    {"package": "libgpiod3", "version": "2.2.1-2"},
                ],
            },
            "circumstances": {
                "started": "2026-01-31T12:00:00Z",
                "commit": "0123456789ab",
                "jobs": 2,
                "host": {"system": "Linux 6.1 x86_64", "processors": 2},
                "files": {},
                "images": {k: f"vmlinuz-{k}" for k in self.kernels},
            },
            "cells": [
                {
                    "cell": name,
                    "kernel": c["kernel"],
                    "load": c["load"],
                    "repetition": c["repetition"],
                    "seed": 2**63 + 5,
                }
                for name, c in self.cells.items()
            ],
        }

    def measured_from(self, name):
        run = self.run_json()
        return measured_from(run, next(cell for cell in run["cells"] if cell["cell"] == name))

    def verdict_json(self, verdict):
        checks = [
            {
                "kernel": k,
                "load": l,
                "rule": "budget",
                "quantity": "max",
                "unit": "ns",
                "against": None,
                "limit": 1_000_000,
                "seen": 955_000,
                "verdict": verdict,
                "why": f"why {verdict} of {k} x {l}",
                "samples_needed": None,
            }
            for l in self.loads
            for k in self.kernels
        ]
        return {
            "format": 1,
            "verdict": verdict,
            "suite": "irq-to-gpio",
            "board": "qemu-virt-arm64",
            "policy": {"file": "release.toml", "sha256": hash_of("policy"), "title": "the release's budgets"},
            "baseline": None,
            "time_base": self.time_base,
            "error_rates": "no calibration was given: loopgate calibrate irq-to-gpio",
            "groups": [
                {"kernel": k, "load": l, "verdict": verdict} for l in self.loads for k in self.kernels
            ],
            "checks": checks,
        }

    def _json(self, name, document):
        (self.folder / name).write_text(json.dumps(document, indent=1))

    def _write_cell(self, name, cell):
        folder = self.folder / "cells" / name
        folder.mkdir(parents=True, exist_ok=True)
        samples = None
        if cell["outcome"] == "measured":
            samples = self.samples_file(cell)
            (folder / "samples.lgs").write_bytes(samples)
        (folder / "commands.txt").write_text(
            f"qemu-system-aarch64 -machine virt -append 'kernel={cell['kernel']} <x>'\n"
        )
        (folder / "console.log").write_text(
            cell.get("console", "[    0.000000] Booting Linux\n[    1.2] loopgate: ready\n")
        )
        ok = cell.get("load_ok", True)
        evidence = {
            "format": 2,
            "kernel": {
                "release": "6.12.117",
                "version": "#1 SMP",
                "command_line": "nokaslr",
                "realtime": None,
            },
            "asked_for": [
                asked("kernel", "argument", "threadirqs", "in effect", "3 irq threads"),
                asked("kernel", "argument", "preempt=full", "unknown", "the kernel hands it to user space"),
                asked("kernel", "tuning", "/proc/sys/kernel/sched_rt_runtime_us = -1", "in effect", "-1"),
                asked("kernel", "check", "as expected: /sys/kernel/realtime is 1", "in effect", "1"),
                asked("load", "rate", "mixed: fork at least 100 a second", "in effect" if ok else "not in effect", "812.4 a second" if ok else "0 a second"),
                asked("suite", "payload's option", "--chip gpio", "not told", ""),
            ],
            "payload": None,
        }
        (folder / "evidence.json").write_text(json.dumps(evidence))
        if cell["outcome"] == "unfinished":
            return
        outcome = {
            "format": 4,
            "cell": name,
            "suite": "irq-to-gpio",
            "board": "qemu-virt-arm64",
            "kernel": cell["kernel"],
            "load": cell["load"],
            "repetition": cell["repetition"],
            "time_base": self.time_base,
            "measured_from": self.measured_from(name),
            "outcome": cell["outcome"],
            "reason": cell["reason"],
            "next_step": cell.get("next_step", ""),
            "artifacts": {file: {"sha256": hashlib.sha256((folder / file).read_bytes()).hexdigest()} for file in BOUND if (folder / file).exists()},
            "records": self.count + WARM_UP + SELF_CHECKS,
            "self_check": {"passed": True, "checks": [{"known_ns": 1000, "measured_ns": 1000}] * SELF_CHECKS},
            "spurious_responses": 0,
            "host_seconds": {"boot": 0.0, "to_first_stimulus": 1.1, "total": 20.5},
        }
        (folder / "outcome.json").write_text(sealed(outcome))

    def samples_file(self, cell):
        answered = len(cell["latencies"])
        counted = answered + cell["unanswered"] + cell["not_sent"]
        total = SELF_CHECKS + WARM_UP + counted
        records = numpy.zeros(total, RECORD)
        random = numpy.random.default_rng(5)
        records["due_ns"] = 2_000_000_000 + numpy.cumsum(random.integers(*self._interval_ns(), total))
        records["stimulus_ns"] = records["due_ns"]
        records["index"] = numpy.arange(total)
        latency = numpy.concatenate(
            [
                numpy.full(SELF_CHECKS, 1000),
                numpy.full(WARM_UP, 77_777_000),
                cell["latencies"],
                numpy.zeros(cell["unanswered"] + cell["not_sent"]),
            ]
        ).astype(numpy.int64)
        records["response_ns"] = records["stimulus_ns"] + latency
        records["flags"] = 1 | 2 | numpy.where(latency > self.deadline_ns, 4, 0)
        records["flags"][:SELF_CHECKS] |= 16
        records["flags"][SELF_CHECKS : SELF_CHECKS + WARM_UP] |= 8
        first = SELF_CHECKS + WARM_UP + answered
        records["flags"][first:] = 1 | 32
        records["response_ns"][first:] = -1
        records["flags"][first + cell["unanswered"] :] = 0
        records["stimulus_ns"][first + cell["unanswered"] :] = -1
        header = struct.pack(
            "<8s4I3QqQ",
            b"LOOPGATE",
            1,
            64,
            32,
            1 if self.time_base == "virtual" else 2,
            7,
            total,
            total,
            self.deadline_ns,
            0,
        )
        return header + records.tobytes()

    def _interval_ns(self):
        return [48_000_000, 52_000_000] if self.decisions else [600_000, 1_400_000]

    def _cells_of(self, kernel, load):
        return {name: c for name, c in self.cells.items() if (c["kernel"], c["load"]) == (kernel, load)}

    def _pooled(self, kernel, load):
        parts = [c["latencies"] for c in self._cells_of(kernel, load).values() if c["outcome"] == "measured"]
        return (
            numpy.sort(numpy.concatenate(parts)).astype(numpy.int64) if parts else numpy.zeros(0, numpy.int64)
        )

    def _group(self, kernel, load):
        cells = self._cells_of(kernel, load)
        measured = [c for c in cells.values() if c["outcome"] == "measured"]
        values = self._pooled(kernel, load)
        figures = figures_of(values)
        unanswered, not_sent = (sum(c[key] for c in measured) for key in ("unanswered", "not_sent"))
        newer = {
            "decisions": self._decisions(measured, values),
            "stages": self._stages(measured, values),
            "work": self.work.get(kernel),
        }
        return {
            **({} if self.old else newer),
            "kernel": kernel,
            "load": load,
            "cells": list(cells),
            "invalid": [
                {
                    "cell": name,
                    "outcome": "invalid" if c["outcome"] == "unfinished" else c["outcome"],
                    "reason": c["reason"],
                }
                for name, c in cells.items()
                if c["outcome"] != "measured"
            ],
            "same_kernel_as": [k for k in self.same_kernels if kernel in self.same_kernels and k != kernel],
            "replicates": [self._replicate(name, c) for name, c in cells.items() if c["outcome"] == "measured"],
            **({"stationarity": self.stationarity[kernel]} if kernel in self.stationarity else {}),
            "unit": "ns",
            "deadline_ns": self.deadline_ns,
            "scheduled": len(values) + unanswered + not_sent,
            "count": len(values),
            "late": int((values > self.deadline_ns).sum()),
            "unanswered": unanswered,
            "not_sent": not_sent,
            "warm_up": WARM_UP * len(measured),
            "self_checks": SELF_CHECKS * len(measured),
            "latency_ns": figures,
            "latency_with_not_sent_ns": figures,
            "half_jitter_ns": figures["jitter"] / 2 if figures else None,
            "worst": [
                {
                    "cell": next(iter(cells)),
                    "index": i,
                    "stimulus_ns": 3_000_000_000 + i,
                    "latency_ns": int(v),
                }
                for i, v in enumerate(values[::-1][:10])
            ],
        }

    def _replicate(self, name, cell):
        values = numpy.sort(cell["latencies"]).astype(numpy.int64)
        return {
            "cell": name,
            "scheduled": len(values) + cell["unanswered"] + cell["not_sent"],
            "count": len(values),
            "late": int((values > self.deadline_ns).sum()),
            "unanswered": cell["unanswered"],
            "not_sent": cell["not_sent"],
            "latency_ns": figures_of(values),
            "latency_with_not_sent_ns": figures_of(values),
        }

    def _decisions(self, measured, values):
        if not self.decisions or not measured:
            return None
        total = {
            key: sum(c[key] for c in measured) for key in ("unanswered", "not_sent", "wrong", "wrong_frame", "unjudged")
        }
        span_ns = 50_000_000 * (len(values) + total["unanswered"] + total["not_sent"])
        return {
            "count": len(values),
            "ok": len(values) // 2,
            "ng": len(values) - len(values) // 2,
            "wrong": total["wrong"],
            "wrong_frame": total["wrong_frame"],
            "unjudged": total["unjudged"],
            "span_ns": span_ns,
            "per_second": len(values) / (span_ns / 1e9) if len(values) else None,
        }

    def _stages(self, measured, values):
        left_out = sum(c["left_out"] for c in measured)
        staged = values[left_out:]
        if not self.decisions or not len(staged):
            return None
        parts = numpy.array([stages_of(latency, self.scene_ns) for latency in staged])
        parts.sort(axis=0)
        return {
            "count": len(staged),
            "left_out": left_out,
            "stages": [
                {
                    "name": name,
                    "mean_ns": float(column.mean()),
                    "p50_ns": quantile_of(column, "p50"),
                    "p99_ns": quantile_of(column, "p99"),
                    "max_ns": int(column[-1]),
                }
                for name, column in zip(STAGES, parts.T)
            ],
            "median": self._staged(staged[-(-len(staged) // 2) - 1]),
            "worst": self._staged(staged[-1]),
        }

    def _staged(self, latency_ns):
        return {"sample": 12, "latency_ns": int(latency_ns), "ns": stages_of(latency_ns, self.scene_ns)}

    def _curves(self, kernel, load):
        values = self._pooled(kernel, load)
        grid = sorted({0, *(round(10 ** (i / 64)) for i in range(64 * 11))})
        counts, _ = numpy.histogram(values, bins=grid)
        filled = numpy.nonzero(counts)[0]
        distinct = numpy.unique(values)
        if len(distinct) > 2000:
            distinct = numpy.concatenate(
                [distinct[:-500][:: math.ceil((len(distinct) - 500) / 1500)], distinct[-500:]]
            )
        return {
            "kernel": kernel,
            "load": load,
            "histogram": {
                "lower_ns": [grid[i] for i in filled],
                "upper_ns": [grid[i + 1] for i in filled],
                "count": [int(counts[i]) for i in filled],
            },
            "exceedance": {
                "latency_ns": distinct.tolist(),
                "count_above": (len(values) - numpy.searchsorted(values, distinct, side="right")).tolist(),
                "of": len(values),
            },
        }
