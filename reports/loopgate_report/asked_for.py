"""What the files of a cell asked for, and what became of it: evidence.json's `asked_for`."""
from dataclasses import dataclass

EVIDENCE_FORMAT = 2
# What did nothing first, then what nobody tells.
STATES = ("not in effect", "unknown", "not told", "known", "in effect")


@dataclass
class AskedFor:
    by: str  # whose file asks for it: kernel, load, suite or board
    kind: str
    asked: str
    became: str
    read_back: str

    @property
    def did_nothing(self):
        return self.became in STATES[:2]


def read_asked_for(evidence, printable):
    rows = _rows(evidence) if evidence.get("format", int) == EVIDENCE_FORMAT else _rows_of_format_1(evidence)
    return [AskedFor(*map(printable, row)) for row in sorted(rows, key=lambda row: STATES.index(row[3]))]


def _rows(evidence):
    rows = []
    for entry in evidence.children("asked_for"):
        row = [entry.get(key, str) for key in ("by", "kind", "asked", "became", "read_back")]
        if row[3] not in STATES:
            entry.refuse(f'"became" is "{row[3]}", which is unknown')
        rows.append(row)
    return rows


def _rows_of_format_1(evidence):
    """It had a table of its own for each of these, and nothing of the rest."""
    rows = []
    for row in evidence.children("arguments", optional=True):
        became = row.get("became", str, "").replace("no effect", "not in effect")
        rows.append(("kernel", "argument", row.get("argument", str, ""), became, row.get("why", str, "")))
        if became not in STATES:
            row.refuse(f'"became" is "{became}", which is unknown')
    for row in evidence.children("tuning", optional=True):
        asked = f"{row.get('what', str, '')}: {row.get('wanted', str, '')}"
        rows.append(("kernel", "tuning", asked, _state(row, "ok"), row.get("read_back", str, "")))
    for row in evidence.children("checks", optional=True):
        asked = f"{row.get('name', str, '')}: {row.get('expected', str, '')}"
        rows.append(("kernel", "check", asked, _state(row, "passed"), row.get("seen", str, "")))
    for row in evidence.children("load", optional=True):
        part, metric = row.get("part", str, ""), row.get("metric", str, "")
        asked = f"{part}: {metric} at least {row.get('at_least', float):.6g} a second"
        rows.append(("load", "rate", asked, _state(row, "ok"), f"{row.get('per_second', float):.6g} a second"))
    for row in evidence.children("payload_checks", optional=True):
        asked = f"{row.get('name', str, '')}: {row.get('wanted', str, '')}"
        rows.append(("suite", "payload's check", asked, _state(row, "passed"), row.get("seen", str, "")))
    return rows


def _state(row, key):
    return "in effect" if row.get(key, bool) else "not in effect"


def asked_for_parts(run):
    """A table of each cell, and those that have none."""
    return {
        "cells": [
            {
                "name": cell.name,
                "rows": cell.asked_for,
                "counts": _counts(cell.asked_for),
                "did_nothing": any(row.did_nothing for row in cell.asked_for),
            }
            for cell in run.cells
            if cell.has_evidence
        ],
        "missing": [cell.name for cell in run.cells if not cell.has_evidence],
    }


def _counts(rows):
    """ "1 not in effect, 12 in effect" """
    counts = {state: sum(row.became == state for row in rows) for state in STATES}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "nothing was asked for"
