"""The page of several runs: the classic table, what is published for orientation, and the rest, each figure with its load and source."""
from loopgate_report import published
from loopgate_report.axis import clock
from loopgate_report.kernel_table import kernel_table
from loopgate_report.kernel_table_text import table_text
from loopgate_report.kernels_picture import kernels_pictures
from loopgate_report.page import render, shown
from loopgate_report.program_rows import HALF
from loopgate_report.several_runs import differing_definitions, read_several
from loopgate_report.sheet import time_text


def kernels_parts(folders):
    """The pictures, what makes the page of them, and table.txt; all that can be refused is read."""
    parts = read_several(folders)
    table = kernel_table(parts)
    return kernels_pictures(table, parts), lambda drawn: page(table, parts, drawn), table_text(table, parts)


def page(table, parts, pictures):
    first = parts[0]
    return render(
        "kernels.html.j2",
        board={key: first.info.child("board").get(key, str, "").rstrip(".") for key in ("name", "title")},
        clock=clock(first.run.time_base),
        time_text=time_text(first.run),
        emulator=first.run.emulator,
        kernels=table.kernels,
        classic=[_row(row, table.kernels) for row in table.classic],
        rest=_by_suite(table),
        invalid=table.invalid,
        notes=table.notes(table.rows),
        half=HALF,
        published=published,
        runs=[_run(part) for part in parts],
        titles=_titles(parts),
        differing=differing_definitions(parts),
        pictures=[shown(picture) for picture in pictures],
    )


def _row(row, kernels):
    return {
        "quantity": row.quantity,
        "load": row.load or "–",
        "figures": [row.figures[kernel] for kernel in kernels],
        "count": row.count,
        "source": row.source,
    }


def _by_suite(table):
    suites = list(dict.fromkeys(row.suite for row in table.rest))
    return [(suite, [_row(row, table.kernels) for row in table.rest if row.suite == suite]) for suite in suites]


def _run(part):
    info = part.info
    machine = info.child("machine", optional=True)
    return {
        "folder": str(part.folder),
        "suite": part.suite,
        "title": info.child("suite").get("title", str, "").rstrip("."),
        "loads": ", ".join(part.loads),
        "kernels": ", ".join(part.kernels),
        "verdict": part.run.verdict.verdict if part.run.verdict else None,
        "policy": part.run.verdict.policy.get("file", str) if part.run.verdict else "",
        "started": info.child("circumstances").get("started", str),
        "loopgate": info.get("loopgate", str, "not recorded"),
        "qemu": (machine.get("qemu", str, "") if machine else "") or "–",
        "seed": str(info.get("seed", int)),
    }


def _titles(parts):
    """What each kernel and load is, once: name, title, release or nothing, digest of the image or of the file."""
    kernels, loads = {}, {}
    for part in parts:
        for entry in part.info.children("kernels"):
            kernels.setdefault(entry.get("name", str), entry)
        for entry in part.info.children("loads"):
            loads.setdefault(entry.get("name", str), entry)
    return {
        "kernels": [
            (name, entry.get("title", str, ""), entry.get("release", str, ""), entry.get("image_sha256", str, ""))
            for name, entry in kernels.items()
        ],
        "loads": [(name, entry.get("title", str, ""), entry.get("sha256", str, "")) for name, entry in loads.items()],
    }
