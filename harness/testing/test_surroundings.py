"""What the environment holds for other programs, or lacks, changes no answer and is blamed on nothing else."""

import os
import subprocess

import pytest

from conftest import BUILD, ROOT

ODD = {
    "another Python's modules": {"PYTHONPATH": "{folder}"},
    "another Python's home": {"PYTHONHOME": "/nonexistent"},
    "an unknown backend of matplotlib": {"MPLBACKEND": "nonsense"},
    "no PATH": {"PATH": None},
    "an empty PATH": {"PATH": ""},
    "an unknown time zone": {"TZ": "Nowhere/Odd"},
    "no folder for scratch files": {"TMPDIR": "/nonexistent"},
    "another repository": {"GIT_DIR": "/nonexistent", "GIT_WORK_TREE": "/nonexistent"},
    "a display that nobody serves": {"DISPLAY": ":77"},
    "a library that is not there": {"LD_PRELOAD": "/nonexistent/library.so"},
    "a proxy that does not answer": {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"},
}


def answer(odd, folder, *arguments):
    environment = {**os.environ}
    for key, text in odd.items():
        environment.pop(key, None)
        if text is not None:
            environment[key] = text.format(folder=folder)
    done = subprocess.run([BUILD / "loopgate", *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT, check=False, env=environment)
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ODD)
def test_plan_and_doctor_answer_the_same(name, tmp_path):
    for module in ("json", "numpy"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('a module of another Python')\n")
    plan = ["plan", "irq-to-gpio", "--kernel", "generic"]
    assert answer(ODD[name], tmp_path, *plan) == answer({}, tmp_path, *plan)
    status, told = answer(ODD[name], tmp_path, "doctor")
    assert "reports          matplotlib" in told
    assert status == answer({}, tmp_path, "doctor")[0]


@pytest.mark.parametrize("odd", [{"XDG_CACHE_HOME": "relative"}, {"XDG_CACHE_HOME": None, "HOME": ""}], ids=str)
def test_no_cache_is_made_in_the_working_directory(odd, tmp_path):
    before = set(os.listdir(ROOT))
    _, told = answer({"LOOPGATE_CACHE": None, **odd}, tmp_path, "doctor")
    assert "cache            /" in told, told
    assert set(os.listdir(ROOT)) == before
