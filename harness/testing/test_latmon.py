"""loopgate capture latmon against a latmon of our own that follows the published structures, over the loopback interface."""

import json
import socket
import threading

import numpy
import pytest
from conftest import FAIL, INCONCLUSIVE, INVALID, PASS, USAGE
from fake_latmon import FakeLatmon


@pytest.fixture
def measure(loopgate, tmp_path):
    def call(fake, *arguments, seconds=1, cells=200, period=1000, out="out"):
        with fake:
            done = loopgate("capture", "latmon", "--host", "127.0.0.1", "--port", fake.port, "--period-us", period, "--cells", cells,
                            "--seconds", seconds, "--silence-s", 1, "--board", "rpi-4b", "--kernel", "preempt-rt", "--load", "mixed",
                            "--out", tmp_path / out, *arguments, limit_s=60)  # fmt: skip
        file = tmp_path / out / "latmon.json"
        return done, json.loads(file.read_text()) if file.exists() else None

    return call


def check_against(fake, document):
    """The figures are those of what the fake measured, and its quantiles lie within the bounds."""
    truth = numpy.sort(numpy.array(fake.measured))
    assert document["samples"] == len(truth) > 1000
    assert document["latency_ns"]["min"] == truth[0] and document["latency_ns"]["max"] == truth[-1]
    assert document["latency_ns"]["mean"] == pytest.approx(truth.mean(), rel=1e-12)
    resolved = {"p50": (500_000, 5), "p90": (900_000, 29), "p99": (990_000, 299), "p99_9": (999_000, 2_995), "p99_99": (999_900, 29_956)}
    for key, (per_million, needed) in resolved.items():
        if len(truth) < needed:
            assert document["quantile_bounds_ns"][key] is None, "so few samples do not resolve it"
            continue
        rank = -(-len(truth) * per_million // 1_000_000)
        lower, upper = document["quantile_bounds_ns"][key]
        assert lower <= truth[rank - 1] <= upper


@pytest.mark.parametrize("zephyr", [True, False], ids=["as Zephyr's library counts", "as EVL's first one counts"])
def test_a_good_session(measure, zephyr):
    fake = FakeLatmon(warm_up_in_histogram=zephyr, folds=zephyr)
    done, document = measure(fake)
    assert done.returncode == PASS, done.stderr
    assert fake.requests == [(1000, 200), (0, 0)]
    assert document["complete"] and document["why_incomplete"] == ""
    assert (document["board"], document["kernel"], document["load"], document["time_base"]) == ("rpi-4b", "preempt-rt", "mixed", "wall")
    assert document["overruns"] == 0
    assert len(document["histogram"]["count"]) == 200
    assert document["histogram"]["samples_of_no_record"] == (1000 if zephyr else 0)
    check_against(fake, document)
    if not zephyr:  # nothing is open but the place within a cell
        assert all(upper - lower < 1000 for lower, upper in filter(None, document["quantile_bounds_ns"].values()))
    assert not (set(document) & {"worst", "samples_sha256"}), "it must not pass for a cell with samples"


def test_overruns(measure):
    """Every 50th answer comes after one and a half periods: Zephyr sorts it into a low cell, and the bounds know it."""
    fake = FakeLatmon(latency_ns=lambda i: 1_500_000 if i % 50 == 49 else 30_000)
    done, document = measure(fake, cells=400)
    assert done.returncode == PASS, done.stderr
    assert document["overruns"] == sum(ns == 1_500_000 for ns in fake.measured) > 0
    assert document["latency_ns"]["max"] == 1_500_000
    assert document["quantile_bounds_ns"]["p99"][1] == 1_500_000, "although no cell says so"
    assert any("above the period" in text for text in document["not_known"])
    check_against(fake, document)


def test_the_gate_judges_by_the_bounds(measure, loopgate, tmp_path):
    done, document = measure(FakeLatmon(), seconds=2)
    assert done.returncode == PASS, done.stderr
    largest = -(-document["latency_ns"]["max"] // 1000)
    policy = tmp_path / "policy.toml"

    def gate(limits, suite="capture"):
        policy.write_text(f'title = "t"\nsuite = "{suite}"\ntime_base = "wall"\n[[budget]]\nkernel = "preempt-rt"\nload = "mixed"\n{limits}\n')
        status = loopgate("gate", tmp_path / "out", "--policy", policy).returncode
        file = tmp_path / "out" / "verdict.json"
        return status, json.loads(file.read_text())["verdict"] if file.exists() else None

    assert gate(f"max_us = {largest}") == (PASS, "PASS")
    assert gate(f"max_us = {largest - 1}") == (FAIL, "FAIL")
    assert gate("p50_us = 24") == (FAIL, "FAIL")
    assert gate(f"p99_99_us = {largest - 1}")[0] in (FAIL, INCONCLUSIVE), "too few samples resolve it"
    before = (tmp_path / "out" / "verdict.json").read_text()
    assert gate("max_us = 100", suite="irq-to-gpio")[0] == USAGE
    assert (tmp_path / "out" / "verdict.json").read_text() == before, "a usage error judges nothing, and leaves what there is"
    file = tmp_path / "out" / "latmon.json"
    file.write_text(file.read_text()[:-200])
    assert gate("max_us = 100") == (INVALID, None)


def test_its_page_is_of_bounds_and_an_instruments(measure, loopgate, tmp_path):
    done, document = measure(FakeLatmon())
    assert done.returncode == PASS, done.stderr
    shown = loopgate("stats", tmp_path / "out")
    assert shown.returncode == PASS and "kernel preempt-rt" in shown.stdout and "self-measured" not in shown.stdout
    bounds = json.loads((tmp_path / "out" / "bounds.json").read_text())
    assert bounds["measured_by"] == "latmon" and bounds["self_measured"] is False and bounds["count"] == document["samples"]
    assert bounds["latency_bounds_ns"]["max"] == [document["latency_ns"]["max"]] * 2
    assert bounds["latency_bounds_ns"]["p50"] == document["quantile_bounds_ns"]["p50"]
    drawn = loopgate("report", tmp_path / "out", limit_s=120)
    assert drawn.returncode == PASS, drawn.stderr
    page = (tmp_path / "out" / "report" / "index.html").read_text()
    assert "measured by latmon" in page and "SELF-MEASURED" not in page


def test_no_cells(measure):
    done, document = measure(FakeLatmon(), cells=0)
    assert done.returncode == PASS, done.stderr
    assert document["histogram"]["count"] == []
    assert document["quantile_bounds_ns"]["p50"] == [document["latency_ns"]["min"], document["latency_ns"]["max"]]


@pytest.mark.parametrize(
    "fault, says",
    [
        ("disconnects", "the connection ended after 2 records"),
        ("cut", "the connection ended after 2 records"),
        ("absurd", "2147483647 samples, and holds 1000 at most"),
        ("little-endian", "a record"),
        ("floods", "more than the time can hold"),
        ("short histogram", "no data for 1 s"),
        ("long histogram", "4 bytes came after the end"),
        ("never ends", "no data for 1 s"),
    ],
)
def test_a_broken_latmon(measure, tmp_path, fault, says):
    done, document = measure(FakeLatmon(fault=fault))
    assert done.returncode == INVALID, done.stderr
    assert says in done.stderr
    assert document is None and not (tmp_path / "out").exists(), "a file that is there is whole"


def test_silence_from_the_start(measure):
    done, document = measure(FakeLatmon(fault="silent"), seconds=3)
    assert done.returncode == INVALID
    assert "measured nothing" in done.stderr and document is None


def test_a_latmon_that_stalls_gives_what_it_has(measure):
    fake = FakeLatmon(fault="stalls")
    done, document = measure(fake, seconds=30)
    assert done.returncode == INVALID
    assert "fell silent after 2 records" in done.stderr
    assert document["complete"] is False and "fell silent" in document["why_incomplete"]
    check_against(fake, document)


def test_a_stimulus_without_an_answer(measure):
    """Zephyr's monitor ends at it, and tells nobody."""
    fake = FakeLatmon(latency_ns=lambda i: None if i == 2500 else 30_000)
    done, document = measure(fake, seconds=30)
    assert done.returncode == INVALID
    assert "unanswered" in done.stderr
    assert document["overruns"] == 1 and document["complete"] is False
    assert document["samples"] == 1500


def test_nobody_listens(loopgate, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    done = loopgate("capture", "latmon", "--host", "127.0.0.1", "--port", port, "--board", "b", "--kernel", "k", "--load", "l",
                    "--out", tmp_path / "out", limit_s=60)  # fmt: skip
    assert done.returncode == INVALID and "Connection refused" in done.stderr


def test_a_latmon_that_announces_itself(loopgate, tmp_path):
    """One that got its address by DHCP sends it to everybody, every 5 s, until somebody connects."""
    fake = FakeLatmon()
    over = threading.Event()

    def announce():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not over.wait(0.1):
                sender.sendto(b"127.0.0.1", ("127.0.0.1", fake.port))

    announcer = threading.Thread(target=announce, daemon=True)
    announcer.start()
    with fake:
        done = loopgate("capture", "latmon", "--host", "broadcast", "--port", fake.port, "--seconds", 1, "--silence-s", 2, "--board", "b",
                        "--kernel", "k", "--load", "l", "--out", tmp_path / "out", limit_s=60)  # fmt: skip
    over.set()
    announcer.join(5)
    assert done.returncode == PASS, done.stderr
    assert json.loads((tmp_path / "out" / "latmon.json").read_text())["peer"] == f"127.0.0.1:{fake.port}"


def test_usage(loopgate, tmp_path, measure):
    (tmp_path / "there").mkdir()
    done, _ = measure(FakeLatmon(), out="there")
    assert done.returncode == USAGE and "exists" in done.stderr
    for wrong in (["--period-us", "0"], ["--period-us", "1000001"], ["--cells", "1001"], ["--kernel", "../x"], ["--kernel", "a b"]):
        done, _ = measure(FakeLatmon(), *wrong, out="x")
        assert done.returncode == USAGE, wrong
