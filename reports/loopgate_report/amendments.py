"""cells/CELL/amendments.jsonl: what was found out of a cell after it was finished."""
import hashlib
from dataclasses import dataclass

from loopgate_report.fields import parse_json
from loopgate_report.problem import BadRun


@dataclass
class Amendment:
    """Why the cell is INVALID, whatever its outcome.json says."""

    reason: str
    next_step: str


def read_amendments(folder, cell):
    """In the order in which they were found. Each must be about the outcome.json that is there."""
    path = folder / "amendments.jsonl"
    if not path.is_file():
        return []
    sha256 = hashlib.sha256((folder / "outcome.json").read_bytes()).hexdigest()
    lines = path.read_bytes().split(b"\n")
    if lines.pop():
        raise BadRun(f"{path}: its last line was cut off")
    return [_amendment(line, f"{path}, line {n}", cell, sha256) for n, line in enumerate(lines, 1)]


def _amendment(line, name, cell, sha256):
    fields = parse_json(line, name)
    if (fields.get("cell", str), fields.get("outcome_sha256", str)) != (cell, sha256):
        fields.refuse("is about another outcome.json than the one beside it")
    if fields.get("outcome", str) != "invalid":
        fields.refuse('"outcome" must be invalid')
    return Amendment(fields.get("reason", str), fields.get("next_step", str))
