"""An earlier answer does not outlive a call that came to none, however that call failed."""

import shutil

import pytest

from conftest import INVALID, USAGE

VERDICT = ("verdict.json", "junit.xml", "verdict.md")


@pytest.fixture
def judged(tmp_path):
    """A latmon measurement with a verdict that was passed once: the gate needs no kernel to fail on it."""
    folder = tmp_path / "measured"
    folder.mkdir()
    (folder / "latmon.json").write_text("{}")
    for name in VERDICT:
        (folder / name).write_text("PASS")
    return folder


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--policy"],
        ["--polcy", "suites/irq-to-gpio/release.toml"],
        ["--policy", "/nowhere/release.toml"],
        ["--policy", "README.md"],
        ["--policy", "suites/irq-to-gpio/release.toml", "--baseline", "/nowhere"],
        ["--policy", "suites/irq-to-gpio/release.toml", "--virtual", "/nowhere"],
    ],
)
def test_no_verdict_outlives_a_gate_that_was_mistaken(loopgate, judged, words):
    assert loopgate("gate", judged, *words).returncode == USAGE
    assert not [name for name in VERDICT if (judged / name).exists()]


@pytest.mark.parametrize("words", [["--polcy", "p.toml", "RUN"], ["--policy", "p.toml", "--baselin", "OTHER", "RUN"], ["RUN", "--policy", "p.toml", "--baselin", "OTHER"]])
def test_a_misspelt_options_value_is_not_taken_for_the_run(loopgate, judged, words):
    other = judged.parent / "other"
    shutil.copytree(judged, other)
    named = {"RUN": judged, "OTHER": other}
    assert loopgate("gate", *(named.get(word, word) for word in words)).returncode == USAGE
    assert not [name for name in VERDICT if (judged / name).exists()]
    assert all((other / name).exists() for name in VERDICT), "nobody asked for its verdict"


def test_no_verdict_outlives_a_gate_on_damaged_files(loopgate, judged):
    assert loopgate("gate", judged, "--policy", "suites/irq-to-gpio/release.toml").returncode == INVALID
    assert not [name for name in VERDICT if (judged / name).exists()]


def test_help_removes_nothing(loopgate, judged):
    assert loopgate("gate", judged, "--help").returncode == 0
    assert all((judged / name).exists() for name in VERDICT)


def test_a_folder_that_holds_no_measurement_is_left_alone(loopgate, judged):
    (judged / "latmon.json").unlink()
    assert loopgate("gate", judged, "--policy", "suites/irq-to-gpio/release.toml").returncode == USAGE
    assert all((judged / name).exists() for name in VERDICT)


@pytest.mark.parametrize("words", [["--rules", "/nowhere"], ["--rulse", "x"]])
def test_no_audit_outlives_one_that_failed(loopgate, tmp_path, words):
    answer = tmp_path / "audit.json"
    answer.write_text("all good")
    assert loopgate("audit", "--json", answer, *words).returncode == USAGE
    assert not answer.exists()


@pytest.mark.parametrize("words", [["--rules", "/nowhere"], ["--rulse", "x"]])
def test_no_audit_outlives_one_that_failed_behind_a_link(loopgate, tmp_path, words):
    answer = tmp_path / "audit.json"
    answer.write_text("all good")
    link = tmp_path / "link.json"
    link.symlink_to(answer.name)
    assert loopgate("audit", "--json", link, *words).returncode == USAGE
    assert not answer.exists() and link.is_symlink()
    loopgate("audit", "--json", link)
    assert link.is_symlink() and answer.read_text().startswith("{")


def test_no_report_outlives_one_that_failed(loopgate, tmp_path):
    page = tmp_path / "run" / "report" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("PASS")
    (tmp_path / "run" / "run.json").write_text("{")
    (tmp_path / "run" / "comparison.json").write_text("{}")
    assert loopgate("report", tmp_path / "run").returncode == INVALID
    assert not page.parent.exists() and not (tmp_path / "run" / "comparison.json").exists()


@pytest.mark.parametrize("out", ["run/kernels", "elsewhere"])
def test_no_page_of_several_runs_outlives_one_that_failed(loopgate, tmp_path, out):
    folder = tmp_path / out
    folder.mkdir(parents=True)
    for file in ("index.html", "table.txt", "kernels.png"):
        (folder / file).write_text("all good")
    (tmp_path / "run" / "report").mkdir(parents=True)
    (tmp_path / "run" / "report" / "index.html").write_text("of one run")
    (tmp_path / "run" / "run.json").write_text("{")
    words = [] if out == "run/kernels" else ["--out", folder]
    assert loopgate("report", tmp_path / "run", tmp_path / "other", *words).returncode == INVALID
    assert not folder.exists() and (tmp_path / "run" / "report" / "index.html").exists()
