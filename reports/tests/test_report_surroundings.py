"""The same pictures whatever the user's environment holds for other programs."""
import os
import subprocess

import pytest
from conftest import REPORTS

BROKEN_STYLE = "text.usetex: True\nfont.size: 40\nsavefig.dpi: 10\n"


@pytest.mark.parametrize(
    "odd",
    [
        # What works on different parts shares a process, which takes most of the time.
        {"MPLBACKEND": "nonsense", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict", "PYTHONPATH": "{folder}"},
        {"MPLBACKEND": "TkAgg", "DISPLAY": ":77", "MPLCONFIGDIR": "/proc/none", "HOME": "/proc/none", "TZ": "Nowhere/Odd"},
        {"MATPLOTLIBRC": "{folder}/matplotlibrc", "PYTHONHOME": "/nonexistent", "TMPDIR": "/nonexistent", "COLUMNS": "3", "TERM": "dumb"},
    ],
    ids=str,
)
def test_a_report_is_the_same(whole, tmp_path, odd):
    (tmp_path / "matplotlibrc").write_text(BROKEN_STYLE)
    (tmp_path / "numpy.py").write_text("raise SystemExit('a module of another Python')\n")
    environment = {**os.environ, **{key: text.format(folder=tmp_path) for key, text in odd.items()}}
    drawn = subprocess.run(
        [str(REPORTS / "report"), str(whole.folder), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,  # where matplotlib looks for a style, too
        env=environment,
    )
    assert (drawn.returncode, drawn.stdout) == (0, ""), drawn.stderr
    usual = whole.folder / "report"
    assert {file.name for file in (tmp_path / "out").iterdir()} == {file.name for file in usual.iterdir()}
    for file in usual.iterdir():
        assert (tmp_path / "out" / file.name).read_bytes() == file.read_bytes(), file.name
