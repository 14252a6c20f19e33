"""loopgate import, and what gate, stats, report and stats --export make of it: on recordings, without QEMU."""

import csv
import io
import json
import pathlib
import resource
import subprocess

import pytest
from conftest import BUILD, FAIL, INCONCLUSIVE, PASS, ROOT, USAGE

RESULTS = ROOT / "fixtures" / "recordings" / "results"
KNOWN = RESULTS / "cyclictest-2.8-h60.json"


@pytest.fixture
def imported(loopgate, tmp_path):
    def call(program, *files, out="theirs", load="mixed", status=PASS):
        done = loopgate("import", program, *files, "--board", "my-board", "--kernel", "preempt-rt", "--load", load, "--out", tmp_path / out, limit_s=60)
        assert done.returncode == status, done.stderr
        assert (tmp_path / out).exists() == (status == PASS), "what failed leaves nothing"
        return done, tmp_path / out

    return call


@pytest.fixture
def gated(loopgate, tmp_path):
    def call(folder, limits, suite="cyclictest", time_base="wall", more=""):
        policy = tmp_path / "policy.toml"
        policy.write_text(f'title = "t"\nsuite = "{suite}"\ntime_base = "{time_base}"\n{more}\n[[budget]]\nkernel = "*"\nload = "*"\n{limits}\n')
        done = loopgate("gate", folder, "--policy", policy, limit_s=60)
        return done

    return call


def verdict_of(folder):
    return json.loads((folder / "verdict.json").read_text())


def test_the_known_answer(imported, gated, loopgate):
    """2,998,821 binned and 604 above 59 us, 1475 us at the most."""
    done, folder = imported("cyclictest", KNOWN)
    assert "self-measured by cyclictest" in done.stdout and "wall-clock time" in done.stdout
    shown = loopgate("stats", folder)
    assert shown.returncode == PASS
    lines = {line.split()[0]: line.split() for line in shown.stdout.splitlines() if line.startswith("  ")}
    assert lines["p99.9"][2:6] == ["22", "us", "to", "22.999"]
    assert lines["p99.99"][2:6] == ["60", "us", "to", "1,475.999"]
    judged = gated(folder, "p99_99_us = 50")
    assert " of 2,999,425 cycles exceeded 50 us" in judged.stdout and "stimul" not in judged.stdout + (folder / "verdict.md").read_text()
    assert judged.returncode == FAIL and "FAIL: p99.99 at most 50 us" in judged.stdout and "self-measured by cyclictest" in judged.stdout
    assert verdict_of(folder)["self_measured_by"] == "cyclictest"
    for name in ("junit.xml", "verdict.md"):
        assert "cyclictest" in (folder / name).read_text()
    assert gated(folder, "p99_99_us = 500").returncode == INCONCLUSIVE
    assert gated(folder, "p99_9_us = 23\nmax_us = 1476").returncode == PASS
    done = gated(folder, "late = 0")
    assert done.returncode == USAGE and "late = 0: cyclictest makes no such count" in done.stderr


def test_it_is_held_against_nothing_else(imported, gated, loopgate, tmp_path):
    _, folder = imported("cyclictest", KNOWN)
    assert gated(folder, "max_us = 2000").returncode == PASS
    for option in ("--baseline", "--compare-order", "--calibration"):
        done = loopgate("gate", folder, "--policy", tmp_path / "policy.toml", option, folder)
        assert done.returncode == USAGE and "a measurement in bounds" in done.stderr
        assert "\n  -> " in done.stderr and (folder / "verdict.json").exists(), "a mistake touches nothing"
    ratio = '[[compare]]\nkernel = "preempt-rt"\nagainst = "generic"\nload = "mixed"\nquantity = "max"\nmax_ratio = 1.0'
    done = gated(folder, f"max_us = 2000\n{ratio}")
    assert done.returncode == USAGE and "figures are bounds, which are not compared" in done.stderr


def test_it_is_of_wall_clock_time(imported, gated):
    _, folder = imported("cyclictest", KNOWN)
    for limits, named in ((dict(time_base="virtual"), "virtual time"), (dict(suite="rtla"), "suite rtla"), (dict(more='count = "replicates"'), "replicates")):
        done = gated(folder, "max_us = 2000", **limits)
        assert done.returncode == USAGE and named in done.stderr
        assert not (folder / "verdict.json").exists()


@pytest.mark.parametrize(
    "program, name",
    [
        ("cyclictest", "cyclictest-2.4-H60-2threads.txt"),
        ("cyclictest", "cyclictest-2.10-h60.txt"),
        ("rtla", "rtla-timerlat.txt"),
        ("rtla", "rtla-osnoise.txt"),
        ("rteval", "rteval-cyclictest.xml"),
        ("rteval", "rteval-3.11-cyclictest.xml"),
        ("jitterdebugger", "jitterdebugger.json"),
        ("jitterdebugger", "jitterdebugger-0.3.json"),
        ("jitterdebugger", "jitterdebugger-samples.raw"),
        ("osadl", "osadl.json"),
        ("osadl", "osadl-mk-rtdataset.json"),
    ],
)
def test_each_program_has_a_verdict_and_a_page(imported, gated, loopgate, program, name):
    _, folder = imported(program, RESULTS / name, load="idle" if program == "osadl" else "mixed")
    assert gated(folder, "max_us = 1", suite=program).returncode == FAIL
    assert gated(folder, "max_us = 20000", suite=program).returncode == PASS
    drawn = loopgate("report", folder, limit_s=120)
    assert drawn.returncode == PASS, drawn.stderr
    page = (folder / "report" / "index.html").read_text()
    assert "SELF-MEASURED" in page and "wall-clock time, self-measured by" in page and '<div class="word">PASS</div>' in page


def test_a_file_of_another_kind_is_named(imported):
    done, _ = imported("cyclictest", RESULTS / "rtla-timerlat.txt", status=USAGE)
    assert "looks like rtla's histogram" in done.stderr and "loopgate import rtla" in done.stderr
    done, _ = imported("rteval", RESULTS / "rteval-timerlat.xml", status=USAGE)
    assert "adds the latencies of interrupt, thread and user-space thread up" in done.stderr
    done, _ = imported("oslat", KNOWN, status=USAGE)
    assert "oslat" in done.stderr


def test_what_is_not_whole_is_refused_with_its_line(imported, tmp_path):
    text = (RESULTS / "cyclictest-2.4-h60.txt").read_text()
    for name, content, says in (
        ("cut.txt", text[: text.index("# Max")], "the file ends before"),
        ("words.txt", text.replace("000003 900000", "000003 nine"), 'line 6: "nine" stands where a number should'),
        ("sums.txt", text.replace("000003 900000", "000003 900001"), "contradicts itself"),
        ("empty.txt", "", "is empty"),
        ("help.txt", "cyclictest V 2.40\nUsage:\n", "is no file of cyclictest"),
    ):
        (tmp_path / name).write_text(content)
        done, _ = imported("cyclictest", tmp_path / name, status=USAGE)
        assert f"{name}: " in done.stderr and says in done.stderr, done.stderr
    (tmp_path / "there").mkdir()
    done, _ = imported("cyclictest", tmp_path / "none", status=USAGE)
    assert "can't be read" in done.stderr


def test_a_load_that_the_file_contradicts_is_refused(imported):
    done, _ = imported("osadl", RESULTS / "osadl.json", status=USAGE)
    assert "measured under load idle, and --load says mixed\n  -> give --load idle" in done.stderr
    done, _ = imported("rteval", RESULTS / "rteval-cyclictest.xml", load="idle", status=USAGE)
    assert "give --load the name of that load" in done.stderr


def test_rtlas_columns_are_chosen_by_name(imported, tmp_path):
    largest = {}
    for column in ("irq", "thread", "user"):
        _, folder = imported("rtla", RESULTS / "rtla-timerlat.txt", "--column", column, out=column)
        (file,) = json.loads((folder / "imported.json").read_text())["files"]
        largest[column] = file["histogram"]["max_ns"]
    assert largest == {"irq": 7000, "thread": 16000, "user": 19000}


def test_threads_are_chosen_as_the_file_names_them(imported):
    """rtla's three CPUs: 1, 2 and 3."""
    file = RESULTS / "rtla-timerlat.txt"
    counts = {}
    for name, arguments in (("one", ("--thread", "2")), ("two", ("--thread", "1", "--thread", "3")), ("all", ())):
        _, folder = imported("rtla", file, *arguments, out=name)
        (read,) = json.loads((folder / "imported.json").read_text())["files"]
        counts[name] = {thread["name"]: thread["count"] for thread in read["threads"]}
    assert counts["one"] == {"2": 600_000} and set(counts["two"]) == {"1", "3"}
    assert counts["all"] == {**counts["one"], **counts["two"]}
    done, _ = imported("rtla", file, "--thread", "9", status=USAGE, out="none")
    assert "has no thread or CPU 9" in done.stderr


def test_export_and_import_again(imported, loopgate, tmp_path):
    _, folder = imported("cyclictest", KNOWN)
    rows = list(csv.DictReader(io.StringIO(loopgate("stats", "--export", "csv", folder).stdout)))
    assert sum(int(row["count"]) for row in rows) == 2_999_425 and {row["measured_by"] for row in rows} == {"cyclictest"}
    assert (rows[-1]["lower_ns"], rows[-1]["upper_ns"], rows[-1]["count"]) == ("60000", "1475999", "604")
    for form in ("cyclictest-json", "histfile"):
        done = loopgate("stats", "--export", form, folder)
        assert done.returncode == PASS and "not in the export: the mean" in done.stderr
        (tmp_path / form).write_text(done.stdout)
        _, again = imported("cyclictest", tmp_path / form, out=f"again-{form}")
        figures = [json.loads((each / "imported.json").read_text())["files"][0]["histogram"] for each in (folder, again)]
        assert figures[0]["count"] == figures[1]["count"] and figures[0]["max_ns"] == figures[1]["max_ns"]
    assert loopgate("stats", "--export", "csv", KNOWN).returncode == PASS, "a file without a folder"
    assert loopgate("stats", folder, "--kernel", "preempt-rt").returncode == USAGE


def cpu_seconds_of_children():
    """Beside other work a wall clock says nothing."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_large_file_takes_little_memory_and_time(tmp_path):
    """A tenth of what 100 MB are: those took 0.5 s, and 50 MB of memory, on one core."""
    rows = "".join(f"{us:06} " + "\t".join(f"{1_000_000 // (us + 1):06}" for _ in range(14)) + "\n" for us in range(100_000))
    least, most = " 00000" * 14, " 99999" * 14
    file = tmp_path / "large.txt"
    file.write_text(f"# Histogram\n{rows}# Min Latencies:{least}\n# Max Latencies:{most}\n# Histogram Overflows:{' 00000' * 14}\n\n")
    assert file.stat().st_size > 10_000_000
    before = cpu_seconds_of_children()
    argv = [BUILD / "loopgate", "import", "cyclictest", file, "--board", "b", "--kernel", "k", "--load", "l", "--out", tmp_path / "out"]
    # A limit, since what a child has used at most begins with what its parent had.
    most = (64 << 20, 64 << 20)
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, most))
    assert done.returncode == PASS, done.stderr
    assert cpu_seconds_of_children() - before < 10
    assert pathlib.Path(tmp_path / "out" / "imported.json").exists()
