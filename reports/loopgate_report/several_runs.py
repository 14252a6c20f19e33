"""Several runs for one page: read, and refused by name where their figures must not stand side by side."""
import hashlib
from dataclasses import dataclass
from pathlib import Path

from loopgate_report import programs_page
from loopgate_report.fields import Fields
from loopgate_report.problem import BadUse
from loopgate_report.programs_page import ProgramRun
from loopgate_report.run_directory import Run, read_run

_OTHER_KINDS = ("imported.json", "latmon.json", "calibration.json")


@dataclass
class Part:
    """One of the runs."""

    folder: Path
    run: Run | ProgramRun

    @property
    def info(self) -> Fields:
        return self.run.info

    @property
    def suite(self):
        return self.info.child("suite").get("name", str)

    @property
    def is_of_programs(self):
        return isinstance(self.run, ProgramRun)

    @property
    def kernels(self):
        return [kernel.get("name", str) for kernel in self.info.children("kernels")]

    @property
    def loads(self):
        return [load.get("name", str) for load in self.info.children("loads")]

    def verdict_of(self, kernel, load):
        return self.run.verdict.of(kernel, load) if self.run.verdict else None


def read_several(folders) -> list[Part]:
    """All of one board, one time base and the same kernels. BadUse where they are not, BadRun where one is damaged."""
    _check_folders(folders)
    parts = [Part(folder, _read(folder)) for folder in folders]
    for part in parts:
        if not _finished(part):
            raise BadUse(f"{part.folder}: no cell of it is finished: go on with `loopgate run --resume`, or leave it out")
    for part in parts[1:]:
        _check_alike(parts[0], part)
    _check_kernels(parts)
    _check_measured_once(parts)
    return parts


def differing_definitions(parts):
    """The kernels whose TOML files differ between runs: the image is the same, and arguments or tuning may not be."""
    return [
        name
        for name, entries in _kernels(parts).items()
        if len({entry.get("sha256", str, "") for _, entry in entries}) > 1
    ]


def _check_folders(folders):
    """By path and by content: a copy of a run is the same run."""
    seen = {}
    for folder in folders:
        if not (folder / "run.json").is_file():
            other = next((name for name in _OTHER_KINDS if (folder / name).is_file()), None)
            if other:
                raise BadUse(f"{folder}: holds {other}, and is no run: it has a page of its own (`loopgate report {folder}`)")
            raise BadUse(f"{folder}: has no run.json, so it is no run's folder")
        digest = hashlib.sha256((folder / "run.json").read_bytes()).digest()
        for key in (folder.resolve(), digest):
            if key in seen:
                raise BadUse(f"{folder}: is the same run as {seen[key]}: name each once")
            seen[key] = folder


def _read(folder):
    if programs_page.holds_programs(folder):
        return programs_page.read_program_run(folder)
    return read_run(folder)


def _finished(part):
    if part.is_of_programs:
        return any(
            group.children("replicates", optional=True)
            or any(program.children("replicates") for program in group.children("programs"))
            or any(cell.get("outcome", str) != "missing" for cell in group.children("invalid"))
            for group in part.run.groups
        )
    return any(cell.outcome != "unfinished" for cell in part.run.cells)


def _check_alike(first, other):
    def refuse(what, ours, theirs):
        raise BadUse(f"{first.folder} is {what} {ours}, and {other.folder} {theirs}: their figures can't be compared")

    if first.run.time_base != other.run.time_base:
        refuse("of the time base", first.run.time_base, other.run.time_base)
    one, two = (part.info.child("board") for part in (first, other))
    if one.get("name", str) != two.get("name", str):
        refuse("of the board", one.get("name", str), two.get("name", str))
    if one.get("sha256", str, "") != two.get("sha256", str, ""):
        raise BadUse(f"{first.folder} and {other.folder} are of different boards that are both called {one.get('name', str)}: their definitions differ")
    shifts = [icount_shift(part) for part in (first, other)]
    if shifts[0] != shifts[1]:
        refuse("of an icount shift of", *shifts)
    probes = [part.info.get("probe", str, "") for part in (first, other)]
    if probes[0] != probes[1]:  # its own cost is in the latencies
        refuse("measured", *(f"with the probe {name}" if name else "without a probe" for name in probes))


def icount_shift(part):
    machine = part.info.child("machine", optional=True)
    return machine.get("icount_shift", int, None) if machine else None


def _kernels(parts):
    """name -> (part, what run.json says of the kernel)."""
    kernels = {}
    for part in parts:
        for entry in part.info.children("kernels"):
            kernels.setdefault(entry.get("name", str), []).append((part, entry))
    return kernels


def _check_kernels(parts):
    for name, entries in _kernels(parts).items():
        known = [(part, entry.get("image_sha256", str, "")) for part, entry in entries]
        known = [(part, digest) for part, digest in known if digest]
        for part, digest in known[1:]:
            if digest != known[0][1]:
                raise BadUse(
                    f"the kernel {name} is one image in {known[0][0].folder} ({known[0][1][:12]}) and another in {part.folder} ({digest[:12]}):"
                    " a row can hold one of them"
                )


def _check_measured_once(parts):
    """What two runs have would be two figures in one place."""
    seen = {}
    for part in parts:
        programs = [program.get("name", str) for program in part.info.children("programs", optional=True)]
        for load in part.loads:
            for kernel in part.kernels:
                for program in programs or [""]:
                    key = (part.suite, load, kernel, program)
                    if key in seen:
                        what = f"{part.suite}'s {program}" if program else part.suite
                        raise BadUse(
                            f"{seen[key].folder} and {part.folder} have both measured {what} of {kernel} under {load}: give one of them"
                            " (`loopgate gate --baseline` compares two)"
                        )
                    seen[key] = part
