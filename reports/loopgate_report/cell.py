"""One cell of a run: how it ended, what the agent saw, and its raw samples."""
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from loopgate_report.amendments import read_amendments
from loopgate_report.asked_for import EVIDENCE_FORMAT, read_asked_for
from loopgate_report.audit import read_audit
from loopgate_report.environment import read_environment
from loopgate_report.explanation import Explanation, read_explanation
from loopgate_report.fields import Fields, read_json
from loopgate_report.measured_from import first_misfit, measured_from
from loopgate_report.payload import read_payload
from loopgate_report.problem import BadRun
from loopgate_report.samples import Samples, read_samples
from loopgate_report.seal import is_sealed

CONSOLE_TAIL_BYTES = 8_000
CONSOLE_TAIL_LINES = 40
COMMANDS_BYTES = 200_000
# What people look at and nothing is computed from: record/artifacts.h. Earlier versions left them without a digest.
_SHOWN = ("commands.txt", "console.log", "discarded-console.log", "environment.json", "audit.json", "report.json", "check.json", "loopback.lst")

_NOT_BOUND = "(not bound: outcome.json has no digest of this file, so that an edit would not be found out)\n"
_OUTCOMES = ("measured", "kernel_failed", "invalid")
_ESCAPE_SEQUENCE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])")
# Control, private and unassigned characters, and those that are not seen or turn the writing's direction.
_UNPRINTABLE = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\ud7ff\uf900-\ufffd\U00010000-\U000dffff]"
    r"|[\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


@dataclass
class Cell:
    name: str
    kernel: str
    load: str
    repetition: int
    folder: Path
    time_base: str
    outcome: str = "unfinished"  # no outcome.json: not finished, which counts as INVALID
    reason: str = "the cell was not finished: it has no outcome.json"
    next_step: str = ""
    result: Fields | None = None  # outcome.json
    why_not_counted: str | None = None  # of comparison.json
    samples: Samples | None = None
    asked_for: list = field(default_factory=list)  # evidence.json, what did nothing first
    facts: Fields | None = None  # evidence.json: kernel
    payload_counters: list | None = None
    has_evidence: bool = False
    discarded_state: str = ""  # what a saved state showed before the cell was measured from a fresh boot
    environment: dict | None = None  # environment.json, of a board
    audit: dict | None = None  # audit.json, of the first cell of a boot
    commands: str = ""
    console_tail: str = ""
    explanation: Explanation | None = None  # explain.json

    @property
    def samples_sha256(self):
        """None where the cell left no samples."""
        digest = self.result.child("artifacts").child("samples.lgs", optional=True) if self.result else None
        return digest.get("sha256", str) if digest else None

    def load_samples(self):
        path = self.folder / "samples.lgs"
        self.samples = read_samples(path, str(path), self.time_base, self.samples_sha256)


def read_cell(run_folder: Path, entry: Fields, run: Fields) -> Cell:
    name = entry.get("cell", str)
    if not name or name in (".", "..") or re.search(r"[/\0]", name):
        entry.refuse('"cell" must name a folder in cells/')
    cell = Cell(
        name,
        entry.get("kernel", str),
        entry.get("load", str),
        entry.get("repetition", int),
        run_folder / "cells" / name,
        run.get("time_base", str),
    )
    _read_outcome(cell, run, entry)
    _read_evidence(cell)
    unbound = _check_shown(cell)
    cell.environment = read_environment(cell.folder)
    cell.audit = read_audit(cell.folder)
    cell.commands = printable(_head(cell.folder / "commands.txt"))
    cell.console_tail = _tail(cell.folder / "console.log")
    if "commands.txt" in unbound:
        cell.commands = _NOT_BOUND + cell.commands
    if "console.log" in unbound:
        cell.console_tail = _NOT_BOUND + cell.console_tail
    if cell.result:
        cell.explanation = read_explanation(cell.folder, cell.samples_sha256)
    return cell


def _read_outcome(cell, run, entry):
    path = cell.folder / "outcome.json"
    if not path.exists():
        return
    outcome = read_json(path, str(path), known=4)
    cell.result = outcome
    cell.outcome = outcome.get("outcome", str)
    cell.reason = outcome.get("reason", str, "")
    cell.next_step = outcome.get("next_step", str, "")
    cell.discarded_state = printable(outcome.get("discarded_state", str, ""))
    if cell.outcome not in _OUTCOMES:
        outcome.refuse(f'the outcome "{cell.outcome}" is unknown')
    if not is_sealed(path.read_bytes().decode("utf-8")):
        cell.outcome, cell.reason = "invalid", f"{path}: was altered: its sha256 is not that of the text before it"
        cell.next_step = "measure this cell again with --resume"
        return
    names = {
        "cell": cell.name,
        "suite": run.child("suite").get("name", str),
        "board": run.child("board").get("name", str),
        "kernel": cell.kernel,
        "load": cell.load,
        "repetition": cell.repetition,
        "time_base": cell.time_base,
    }
    misfit = first_misfit(outcome.values, names) or first_misfit(
        outcome.child("measured_from").values, measured_from(run.values, entry.values)
    )
    if misfit:
        cell.outcome, cell.reason = "invalid", f"{path}: is of another run or cell: its {misfit}"
        cell.next_step = "measure this cell again with --resume"
        return
    for amendment in read_amendments(cell.folder, cell.name):
        cell.outcome, cell.reason, cell.next_step = "invalid", amendment.reason, amendment.next_step


def _check_shown(cell):
    """The names of those that are there and have no digest in outcome.json; one that was altered is refused."""
    if not cell.result:
        return []
    bound = cell.result.child("artifacts")
    unbound = []
    for name in _SHOWN:
        path, wanted = cell.folder / name, bound.child(name, optional=True)
        if not wanted:
            unbound += [name] if path.is_file() else []
        elif not path.is_file():
            raise BadRun(f"{path}: is gone, and outcome.json has its digest; measure this cell again")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != wanted.get("sha256", str):
            raise BadRun(f"{path}: was altered: its sha256 is not the one in outcome.json; measure this cell again")
    return unbound


def _read_evidence(cell):
    path = cell.folder / "evidence.json"
    wanted = cell.result.child("artifacts").child("evidence.json", optional=True) if cell.result else None
    if not path.exists():
        if wanted:
            raise BadRun(f"{path}: is gone, and outcome.json has its digest; measure this cell again")
        return
    if wanted and hashlib.sha256(path.read_bytes()).hexdigest() != wanted.get("sha256", str):
        raise BadRun(f"{path}: was altered: its sha256 is not the one in outcome.json; measure this cell again")
    evidence = read_json(path, str(path), known=EVIDENCE_FORMAT, oldest=1)
    cell.has_evidence = True
    cell.facts = evidence.child("kernel", optional=True)
    cell.asked_for = read_asked_for(evidence, printable)
    cell.payload_counters = read_payload(evidence)


def printable(text):
    """Without terminal escapes, control, formatting and private characters: a console is hostile input."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", _ESCAPE_SEQUENCE.sub("", text.replace("\r", "")))


def _head(path):
    return _bytes(path, lambda file: file.read(COMMANDS_BYTES)).decode("utf-8", "replace")


def _tail(path):
    def last(file):
        size = file.seek(0, 2)
        file.seek(max(0, size - CONSOLE_TAIL_BYTES))
        return file.read(CONSOLE_TAIL_BYTES)

    lines = printable(_bytes(path, last).decode("utf-8", "replace")).splitlines()
    return "\n".join(lines[-CONSOLE_TAIL_LINES:])


def _bytes(path, read):
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as file:
            return read(file)
    except OSError as error:
        raise BadRun(f"{path}: cannot be read: {error.strerror}") from None
