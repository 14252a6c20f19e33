"""What outcome.json must repeat of run.json: harness/record/measured_from.h, computed again."""
import hashlib
import json

_SCHEDULE = (
    "seed", "samples", "warm_up", "self_checks", "repeat", "deadline_ns", "response_timeout_ns", "interval_ns",
    "back_to_back", "decisions",
)


def measured_from(run: dict, cell: dict) -> dict:
    """In the order in which the fields are compared. `run` is run.json, `cell` one of its cells."""
    kernel, load = _named(run["kernels"], cell["kernel"]), _named(run["loads"], cell["load"])
    target = run.get("target") or {}
    machine = run.get("machine") or {}
    texts = {
        "image_sha256": kernel.get("image_sha256"),
        "initrd_sha256": kernel.get("initrd_sha256"),
        "kernel_sha256": kernel.get("sha256"),
        "kernel_arguments": kernel.get("command_line") or kernel.get("arguments"),
        "suite_sha256": run["suite"].get("sha256"),
        "load_sha256": load.get("sha256"),
        "board_sha256": run["board"].get("sha256"),
        "base_sha256": target.get("base_sha256"),
        "programs_sha256": target.get("programs_sha256"),
        "payload_sha256": _payload_digest(run, kernel),
        "instrument_sha256": machine.get("instrument_sha256"),
        "machine_sha256": _digest(_parts(run, "machine")),
        "schedule_sha256": _digest(_parts(run, *_SCHEDULE)),
        "seed": str(cell["seed"]),
        "loopgate": run.get("loopgate"),
        "started": _started(run, cell),
        "plan_sha256": _plan_digest(run),
    }
    return {key: value or "" for key, value in texts.items()}


def first_misfit(seen: dict, wanted: dict) -> str:
    """The first that differs, with both values; empty where none does."""
    for key, value in wanted.items():
        if seen.get(key) != value:
            return f"{key} is {seen.get(key) or 'nothing'}, and run.json has {value or 'nothing'}"
    return ""


def _started(run, cell):
    """Of a merged run, when the cell's own shard began."""
    circumstances = run.get("circumstances") or {}
    shards = [shard for shard in circumstances.get("shards") or [] if isinstance(shard, dict)]
    own = (shard for shard in shards if cell["cell"] in (shard.get("cells") or []))
    return next(own, circumstances).get("started")


def _named(inputs, name):
    return next((each for each in inputs if each.get("name") == name), {})


def _payload_digest(run, kernel):
    """Where a suite has several payloads, its own command is the first one's alone."""
    contender = kernel.get("contender")
    return _digest(_parts(run, "payload", "payload_files") | ({"contender": contender["command"]} if contender else {}))


def _plan_digest(run):
    """All of run.json but its circumstances, and which shard it is; the cells stand behind it, a line each."""
    shared = {key: value for key, value in run.items() if key not in ("cells", "shard", "circumstances")}
    keys = ("cell", "kernel", "load", "repetition", "seed")
    lines = ["\t".join([*(str(cell.get(key)) for key in keys), cell.get("boot") or ""]) + "\n" for cell in run["cells"]]
    return _sha256(_canonical(shared) + "\n" + "".join(lines))


def _parts(run, *keys):
    return {key: run.get(key) for key in keys}


def _digest(parts):
    return _sha256(_canonical(parts))


def _canonical(parts):
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _sha256(text):
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
