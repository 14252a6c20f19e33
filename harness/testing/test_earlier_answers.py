"""An earlier answer does not outlive a call that came to none, but for a mistake of the user's, which leaves all on disk as it was."""

import shutil

import pytest

from conftest import INVALID, USAGE

VERDICT = ("verdict.json", "junit.xml", "verdict.md")


@pytest.fixture
def judged(tmp_path):
    """A latmon measurement with a verdict that was passed once: the gate needs no kernel to fail on it."""
    folder = tmp_path / "measured"
    (folder / "report").mkdir(parents=True)
    (folder / "report" / "index.html").write_text("PASS")
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
def test_a_mistake_leaves_the_earlier_verdict_and_its_page(loopgate, judged, words):
    done = loopgate("gate", judged, *words)
    assert done.returncode == USAGE and "\n  -> " in done.stderr, done.stderr
    assert all((judged / name).exists() for name in (*VERDICT, "report/index.html"))


@pytest.mark.parametrize("words", [["--polcy", "p.toml", "RUN"], ["--policy", "p.toml", "--baselin", "OTHER", "RUN"], ["RUN", "--policy", "p.toml", "--baselin", "OTHER"]])
def test_a_misspelt_option_touches_neither_run(loopgate, judged, words):
    other = judged.parent / "other"
    shutil.copytree(judged, other)
    named = {"RUN": judged, "OTHER": other}
    assert loopgate("gate", *(named.get(word, word) for word in words)).returncode == USAGE
    assert all((folder / name).exists() for name in (*VERDICT, "report/index.html") for folder in (judged, other))


def test_no_verdict_outlives_a_gate_on_damaged_files(loopgate, judged):
    done = loopgate("gate", judged, "--policy", "suites/irq-to-gpio/release.toml")
    assert done.returncode == INVALID and "the earlier verdict and its report are removed" in done.stderr
    assert not [name for name in (*VERDICT, "report") if (judged / name).exists()]


def test_help_removes_nothing(loopgate, judged):
    assert loopgate("gate", judged, "--help").returncode == 0
    assert all((judged / name).exists() for name in VERDICT)


def test_a_folder_that_holds_no_measurement_is_left_alone(loopgate, judged):
    (judged / "latmon.json").unlink()
    assert loopgate("gate", judged, "--policy", "suites/irq-to-gpio/release.toml").returncode == USAGE
    assert all((judged / name).exists() for name in VERDICT)


@pytest.mark.parametrize("words", [["--rules", "/nowhere"], ["--rulse", "x"]])
def test_a_mistake_leaves_the_earlier_audit(loopgate, tmp_path, words):
    answer = tmp_path / "audit.json"
    answer.write_text("all good")
    assert loopgate("audit", "--json", answer, *words).returncode == USAGE
    assert answer.read_text() == "all good"


def test_no_audit_outlives_one_of_damaged_facts(loopgate, tmp_path):
    answer, facts = tmp_path / "audit.json", tmp_path / "board.facts"
    answer.write_text("all good")
    facts.write_text("loopgate facts 1\nthat is cut off")
    assert loopgate("audit", "--json", answer, "--facts", facts).returncode == INVALID
    assert not answer.exists()


def test_no_audit_outlives_one_of_damaged_facts_behind_a_link(loopgate, tmp_path):
    answer = tmp_path / "audit.json"
    answer.write_text("all good")
    link = tmp_path / "link.json"
    link.symlink_to(answer.name)
    (tmp_path / "board.facts").write_text("loopgate facts 1\nthat is cut off")
    assert loopgate("audit", "--json", link, "--facts", tmp_path / "board.facts").returncode == INVALID
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
    for file in ("table.txt", "kernels.png"):
        (folder / file).write_text("all good")
    (folder / "index.html").write_text("<meta content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">all good")
    (tmp_path / "run" / "report").mkdir(parents=True)
    (tmp_path / "run" / "report" / "index.html").write_text("of one run")
    (tmp_path / "run" / "run.json").write_text("{")
    words = [] if out == "run/kernels" else ["--out", folder]
    assert loopgate("report", tmp_path / "run", tmp_path / "other", *words).returncode == USAGE
    assert (folder / "index.html").exists(), "there is no other run"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run.json").write_text("{")
    assert loopgate("report", tmp_path / "run", tmp_path / "other", *words).returncode == INVALID
    assert not folder.exists() and (tmp_path / "run" / "report" / "index.html").exists()
