import base64
import contextlib
import io
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

sys.dont_write_bytecode = True
REPORTS = Path(__file__).resolve().parent.parent
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
sys.path[:0] = [str(REPORTS), str(Path(__file__).resolve().parent)]


def run_program(*arguments):
    """As a user does."""
    return subprocess.run(
        [str(REPORTS / "report"), *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


# What every page of ours has in its head, of every version.
PAGE_OF_OURS = "<meta content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">an earlier one"


def run_report(*arguments, png=False, text_only=False):
    """The same without a process of its own, which takes most of the time.

    Each picture is drawn as SVG, in which texts can be read. Unless `png` it is not drawn a second time as pixels, which are two
    thirds of the time that is left and which no test reads: what stands there is one grey pixel. With `text_only` nothing is drawn of
    an instrument's run but such a pixel for each load: for a test that reads the page, of a run whose like is drawn elsewhere.
    """
    from loopgate_report import pictures
    from loopgate_report.command import main
    from loopgate_report.sheet import Sheet

    def stand_ins(run):
        return [pictures.Picture(f"{load}-not-drawn", load, "not drawn", "", ONE_PIXEL, b"<svg/>") for load in run.loads]

    out, err = io.StringIO(), io.StringIO()
    pixels = contextlib.nullcontext() if png else mock.patch.object(Sheet, "png", lambda _: ONE_PIXEL)
    drawing = mock.patch.object(pictures, "draw_all", stand_ins) if text_only else contextlib.nullcontext()
    with pixels, drawing, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse
            status = ended.code
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """The usual run and its report: three kernels, one load."""
    from made_up_run import MadeUpRun

    run = MadeUpRun(tmp_path_factory.mktemp("whole") / "run", count=600)
    cell = run.cells["generic.mixed"]
    cell.update(latencies=cell["latencies"][4:], not_sent=4)
    run.write()
    result = run_program(run.folder)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    run.page = (run.folder / "report" / "index.html").read_text()
    return run
