"""The command: reads, draws, writes.

Exit status: 0, 2 for a mistake in how it was called, 3 for a run that can't be drawn.
"""
import argparse
import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from loopgate_report.problem import BadRun, BadUse
from streams import tell

_OURS = (".png", ".svg", ".pdf")
_PAGE, _TABLE, _RUNS, _HISTORY = "index.html", "table.txt", "runs.txt", "history.json"


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="report",
        description="Draws a run: pictures, and one page that opens from disk (RUN/report/index.html). Of several runs it draws one page"
        " that holds their kernels against each other (RUN/kernels/index.html and table.txt, in the first of them).",
        epilog="example: report runs/today; report runs/today runs/rt runs/primitives",
    )
    parser.add_argument(
        "runs",
        type=Path,
        nargs="+",
        metavar="RUN",
        help="folder of a run, with comparison.json and distribution.json in it",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (RUN/report; of several runs RUN/kernels)")
    chosen = parser.parse_args(arguments)
    out = chosen.out or chosen.runs[0] / ("report" if len(chosen.runs) == 1 else "kernels")
    return exit_status(lambda: report(chosen.runs, out), out)


def exit_status(draw, out):
    """Of drawing into `out`; what went wrong is told in a sentence."""
    try:
        draw()
    except BadUse as problem:
        tell("loopgate: " + str(problem).replace(" -> ", "\n  -> ", 1))
        return 2
    except BadRun as problem:
        tell(f"loopgate: {problem}")
        return 3
    except OSError as error:
        tell(f"loopgate: {error.filename or out}: cannot be written or read: {error.strerror}")
        return 3
    return 0


def report(run_folders, out):
    write(out, lambda: _several(run_folders) if len(run_folders) > 1 else _of_one(run_folders[0]))


def write(out, read):
    """Writes everything into a folder beside `out` and renames it: `out` is whole, or not there. `read` gives the pictures, what makes the page
    of them, and other files' texts or bytes by name.

    An earlier report must not stand for one that could not be drawn; but a mistake in the call changes nothing.
    """
    _check_replaceable(out)
    try:
        pictures, page, files = read()
    except BadUse:
        raise
    except BaseException:
        _remove(out)
        raise
    _remove(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    _remove_left(out)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.part.", dir=out.parent))
    held = _lock(folder)
    try:
        drawn = []
        for picture in pictures:
            (folder / f"{picture.name}.png").write_bytes(picture.png)
            (folder / f"{picture.name}.svg").write_bytes(picture.svg)
            drawn.append(picture)
        (folder / _PAGE).write_text(page(drawn), encoding="utf-8")
        for name, text in files.items():
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        _allow_reading(folder)
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove(out):
    if out.exists():
        shutil.rmtree(out)


def _several(folders):
    """As _parts(), and the table and what it is of as text."""
    from loopgate_report.kernels_page import kernels_parts

    *parts, table = kernels_parts(folders)
    return (*parts, {_TABLE: table, _RUNS: "".join(f"{folder.absolute()}\n" for folder in folders)})


def _of_one(folder):
    """As _parts(), and the files beside the page."""
    from loopgate_report.acceptance import holds_acceptance

    return _acceptance_parts(folder) if holds_acceptance(folder) else (*_parts(folder), {})


def _parts(folder):
    """The pictures, one after the other, and what makes the page of them; all that can be refused is read."""
    # Here, so that --help does not wait for NumPy and matplotlib.
    from loopgate_report.bounds import holds_bounds, read_bounds

    if holds_bounds(folder):
        from loopgate_report.bounds_page import bounds_page, bounds_pictures

        bounds = read_bounds(folder)
        return bounds_pictures(bounds), lambda drawn: bounds_page(bounds, drawn)
    from loopgate_report import programs_page

    if programs_page.holds_programs(folder):
        words = programs_page.texts(programs_page.read_program_run(folder))
        return (), lambda drawn: programs_page.page(words)
    from loopgate_report.run_directory import read_run

    run = read_run(folder)
    from loopgate_report.page import page, texts
    from loopgate_report.pictures import draw_all

    words = texts(run)
    return draw_all(run), lambda drawn: page(run, words, drawn)


def _acceptance_parts(folder):
    from loopgate_report.acceptance import read_acceptance
    from loopgate_report.acceptance_page import PDF, acceptance_page, acceptance_pdf, acceptance_pictures

    acceptance = read_acceptance(folder)
    pictures = list(acceptance_pictures(acceptance))
    return pictures, lambda drawn: acceptance_page(acceptance, drawn), {PDF: acceptance_pdf(acceptance, pictures)}


def _lock(folder):
    """The descriptor that holds it. An OSError when another one does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove_left(out):
    """What reports that were killed have left beside `out`: nobody holds it."""
    for left in out.parent.glob(f".{out.name}.part.*"):
        with contextlib.suppress(OSError):
            held = _lock(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(held)


def _check_replaceable(out):
    """What is replaced must be a report: not somebody's folder by a slip of the hand."""
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir() or out.is_symlink():
        raise BadUse(f"{out}: is not a folder: move it away")
    strange = [
        entry.name for entry in out.iterdir() if entry.name not in (_PAGE, _TABLE, _RUNS, _HISTORY) and entry.suffix not in _OURS
    ]
    if not strange and (out / _PAGE).exists() and not _is_drawn(out / _PAGE):
        strange = [_PAGE]
    if not strange and any(out.iterdir()) and not (out / _PAGE).exists():
        strange = [entry.name for entry in out.iterdir()]  # pictures alone are somebody's
    if strange:
        raise BadUse(f'{out}: holds "{min(strange)}", which no report has written: move it away')


def _is_drawn(page):
    """Whether it is one of ours: each has this policy in its head, of every version."""
    with page.open("rb") as file:
        return b"default-src 'none'; img-src data:; style-src 'unsafe-inline'" in file.read(4096)


def _allow_reading(folder):
    """mkdtemp lets only the owner in; a report is as readable as any new folder."""
    mask = os.umask(0)
    os.umask(mask)
    folder.chmod(0o777 & ~mask)
