"""The command: reads, draws, writes.

Exit status: 0, 2 for a mistake in how it was called, 3 for a run that can't be drawn.
"""
import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from loopgate_report.problem import BadRun, BadUse

_OURS = (".png", ".svg")


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="report",
        description="Draws a run: pictures, and one page that opens from disk (RUN/report/index.html).",
        epilog="example: report runs/today",
    )
    parser.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        help="folder of the run, with comparison.json and distribution.json in it",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (RUN/report)")
    chosen = parser.parse_args(arguments)
    try:
        report(chosen.run, chosen.out or chosen.run / "report")
    except BadUse as problem:
        print(f"report: {problem}", file=sys.stderr)
        return 2
    except BadRun as problem:
        print(f"report: {problem}", file=sys.stderr)
        return 3
    except OSError as error:
        print(
            (
                f"report: {error.filename or chosen.out or chosen.run}: cannot be written or read:"
                f" {error.strerror}"
            ),
            file=sys.stderr,
        )
        return 3
    return 0


def report(run_folder, out):
    """Writes everything into a folder beside `out` and renames it: `out` is whole, or not there.

    An earlier report goes before anything is read: it must not stand for one that could not be drawn.
    """
    _check_replaceable(out)
    if out.exists():
        shutil.rmtree(out)
    from loopgate_report.run_directory import (
        read_run,
    )  # here, so that --help does not wait for NumPy and matplotlib

    run = read_run(run_folder)
    from loopgate_report.page import page, texts
    from loopgate_report.pictures import draw_all

    words = texts(run)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        pictures = []
        for picture in draw_all(run):
            (folder / f"{picture.name}.png").write_bytes(picture.png)
            (folder / f"{picture.name}.svg").write_bytes(picture.svg)
            pictures.append(picture)
        (folder / "index.html").write_text(page(run, words, pictures), encoding="utf-8")
        _allow_reading(folder)
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_replaceable(out):
    """What is replaced must be a report: not somebody's folder by a slip of the hand."""
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir() or out.is_symlink():
        raise BadUse(f"{out}: is not a folder; choose another --out")
    strange = [
        entry.name for entry in out.iterdir() if entry.name != "index.html" and entry.suffix not in _OURS
    ]
    if strange:
        raise BadUse(f'{out}: holds "{min(strange)}", which no report has written; choose another --out')


def _allow_reading(folder):
    """mkdtemp lets only the owner in; a report is as readable as any new folder."""
    mask = os.umask(0)
    os.umask(mask)
    folder.chmod(0o777 & ~mask)
