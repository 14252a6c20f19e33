import contextlib
import io
import subprocess
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(Path(__file__).resolve().parent)]


def run_program(*arguments):
    """As a user does."""
    return subprocess.run(
        [str(REPORTS / "report"), *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def run_report(*arguments):
    """The same without a process of its own, which takes most of the time."""
    from loopgate_report.command import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
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
