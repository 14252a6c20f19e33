"""acceptance.json and the runs beside it, as `loopgate accept` and an unpacked bundle have them (harness/accept/acceptance.h): read, checked against
each other, and put into the blocks that the page and the PDF both show."""
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from loopgate_report.fields import Fields, read_json
from loopgate_report.problem import BadRun
from loopgate_report.verdict import Verdict, read_verdict

FILE, BUNDLE = "acceptance.json", "acceptance.lgb"
NOT_TOLD = "not told"
_RANK = ("PASS", "INCONCLUSIVE", "FAIL", "INVALID")


@dataclass
class Told:
    """Our own sentence with commands in it. Others' texts are plain ones: a backtick of theirs is one."""

    parts: tuple  # texts; each second one is a command

    @property
    def plain(self):
        return "".join(self.parts)


@dataclass
class Text:
    text: object  # str or Told


@dataclass
class Facts:
    rows: list  # (name, value); a value is a str or Told


@dataclass
class Items:
    """Sentences; `none` stands where there are none."""

    items: list
    none: str


@dataclass
class Table:
    caption: str
    columns: list
    rows: list
    numbers: tuple = ()  # columns that are set to the right
    verdict: int | None = None  # the column that holds one
    widths: tuple = ()  # of each column, as shares; equal ones where there are none


@dataclass
class Pictures:
    of: object  # what picks them from those that were drawn: the run's name


@dataclass
class Section:
    title: str
    blocks: list


@dataclass
class AcceptedRun:
    fields: Fields
    name: str
    verdict: Verdict
    run: object | None  # run_directory.Run; None where its programs measured by themselves
    folder: Path


@dataclass
class Acceptance:
    fields: Fields
    runs: list
    bundle_sha256: str | None
    verdict: str
    summary: list = field(default_factory=list)  # the first page's blocks
    sections: list = field(default_factory=list)

    @property
    def stamp(self):
        return "INVALID" if self.verdict == "INVALID" else ""


def holds_acceptance(folder):
    return (folder / FILE).is_file()


def read_acceptance(folder):
    fields = read_json(folder / FILE, str(folder / FILE))
    runs = [_read_run(folder, each, fields) for each in fields.children("runs")]
    for key in ("deviations", "not_tested"):
        fields.get(key, list)  # one that is missing is not one without a sentence
    if not runs:
        fields.refuse("it has no run")
    verdict = fields.get("verdict", str)
    whole = _whole_of([run.verdict for run in runs])
    if verdict != whole:
        fields.refuse(f"says {verdict}, and its runs come to {whole}: it was altered; `loopgate verify` on its bundle tells more")
    acceptance = Acceptance(fields, runs, _bundle_sha256(folder), verdict)

    from loopgate_report.acceptance_parts import sections, summary

    acceptance.summary, acceptance.sections = summary(acceptance), sections(acceptance)
    return acceptance


def _whole_of(verdicts):
    """As the gate has it (harness/gate/verdict.h): a kernel that failed outranks what is INVALID."""
    if any(check.rule == "cell" and check.verdict == "FAIL" for verdict in verdicts for check in verdict.checks):
        return "FAIL"
    return max((verdict.verdict for verdict in verdicts), key=_RANK.index)


def _read_run(folder, entry, fields):
    name, inside = entry.get("name", str), entry.get("folder", str)
    if inside != f"runs/{name}" or "/" in name or name in ("", ".", ".."):
        entry.refuse(f'its folder "{inside}" is not runs/ and its name')
    place = folder / inside
    time_base = fields.child("item").get("time_base", str)
    verdict = read_verdict(place, time_base)
    if verdict is None:
        raise BadRun(f"{place / 'verdict.json'}: there is no such file: an acceptance has a verdict of each run")
    if verdict.verdict != entry.get("verdict", str):
        entry.refuse(f"says {entry.get('verdict', str)} of {name}, and its verdict.json {verdict.verdict}: one of them was altered")
    from loopgate_report import programs_page
    from loopgate_report.run_directory import read_run

    run = None if programs_page.holds_programs(place / "run") else read_run(place / "run", verdict_folder=place)
    return AcceptedRun(entry, name, verdict, run, place)


def _bundle_sha256(folder):
    """What the signatures are of. None where the folder is an unpacked bundle: nobody can tell from what is in it."""
    bundle = folder / BUNDLE
    if not bundle.is_file():
        return None
    with bundle.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
