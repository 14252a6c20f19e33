"""loopgate capture sigrok: captures made by hand with known edges, by sigrok-cli from them, and live from its demo device."""

import json
import random
import resource
import shutil
import subprocess
import zipfile

import numpy
import pytest
from conftest import FAIL, INCONCLUSIVE, INVALID, PASS, RECORD, USAGE

RATE = 1_000_000
BOARD = ["--board", "rpi-4b", "--kernel", "preempt-rt", "--load", "mixed"]

with_sigrok = pytest.mark.skipif(shutil.which("sigrok-cli") is None, reason="sigrok-cli is not installed (Debian's sigrok-cli)")


def write_session(path, levels, names=("D0", "D1"), rate="1 MHz", part=1 << 20):
    """A session file after sigrok's description of it; `levels` has a row of 0 and 1 a sample."""
    units = numpy.packbits(levels, axis=1, bitorder="little").tobytes()
    probes = "".join(f"probe{i + 1}={name}\n" for i, name in enumerate(names))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as session:
        session.writestr("version", "2")
        session.writestr("metadata", f"[global]\nsigrok version=0.5.2\n\n[device 1]\ncapturefile=logic-1\ntotal probes={len(names)}\n"
                         f"samplerate={rate}\ntotal analog=0\n{probes}unitsize=1\n")  # fmt: skip
        for i in range(0, len(units), part):
            session.writestr(f"logic-1-{i // part + 1}", units[i : i + part])


def pulses(count, seed=5, period=1000):
    """Stimuli with known answers (in samples), and the levels of both pins."""
    draw = random.Random(seed)
    levels = numpy.zeros((count * period + 3000, 2), dtype=numpy.uint8)
    latencies = [draw.randint(5, 200) for _ in range(count)]
    for i, latency in enumerate(latencies):
        at = 500 + i * period + draw.randint(0, 100)
        levels[at : at + 10, 0] = 1
        levels[at + latency : at + latency + 3, 1] = 1
    return levels, latencies


def samples_of(run):
    return numpy.fromfile(run / "cells" / "preempt-rt.mixed" / "samples.lgs", dtype=RECORD, offset=64)


@pytest.fixture
def capture(loopgate, tmp_path):
    def call(*arguments, out="run", stimulus="D0", response="D1", **options):
        run = tmp_path / out
        done = loopgate("capture", "sigrok", "--stimulus", stimulus, "--response", response, *BOARD, "--out", run, *arguments, **options)
        return done, run

    return call


def test_stats_gate_and_report_read_it(capture, loopgate, tmp_path):
    levels, latencies = pulses(3000)
    write_session(tmp_path / "known.sr", levels)
    done, run = capture("--file", tmp_path / "known.sr")
    assert done.returncode == PASS, done.stderr
    samples = samples_of(run)
    assert (samples["response_ns"] - samples["stimulus_ns"]).tolist() == [latency * 1000 for latency in latencies]
    assert loopgate("stats", run).returncode == PASS
    group = json.loads((run / "comparison.json").read_text())["groups"][0]
    assert group["count"] == 3000 and group["latency_ns"]["max"] == max(latencies) * 1000
    policy = tmp_path / "policy.toml"
    for limit, verdict in ((200, INCONCLUSIVE), (199, FAIL)):  # one capture is of one boot, and boots are what is counted
        policy.write_text('title = "t"\nsuite = "capture"\ntime_base = "wall"\nmin_stimuli = 1\n[[budget]]\nkernel = "preempt-rt"\nload = "mixed"\n'
                          f"max_us = {limit}\np99_us = 199\n")  # fmt: skip
        gated = loopgate("gate", run, "--policy", policy)
        assert gated.returncode == verdict, gated.stdout + gated.stderr
    policy.write_text(policy.read_text().replace('"wall"', '"virtual"'))
    assert loopgate("gate", run, "--policy", policy).returncode == USAGE, "wall and virtual figures never meet"
    reported = loopgate("report", run)
    assert reported.returncode == PASS, reported.stderr
    page = (run / "report" / "index.html").read_text()
    assert "rpi-4b" in page and "wall-clock" in page and "a sample every 1,000 ns" in page
    assert "came from elsewhere" in page and "drawn from the seed" not in page, "what the page says of a run of ours is not so here"


def test_altered_samples_are_noticed(capture, loopgate, tmp_path):
    write_session(tmp_path / "known.sr", pulses(50)[0])
    _, run = capture("--file", tmp_path / "known.sr")
    file = run / "cells" / "preempt-rt.mixed" / "samples.lgs"
    file.write_bytes(file.read_bytes()[:-32])
    loopgate("stats", run)
    assert json.loads((run / "comparison.json").read_text())["groups"][0]["invalid"]


@with_sigrok
@pytest.mark.parametrize("options", ["", ":label=channel", ":time=true", ":label=channel:time=true:dedup=true:trigger=true"])
def test_csv_that_sigrok_makes_comes_to_the_same(capture, tmp_path, options):
    write_session(tmp_path / "known.sr", pulses(100)[0])
    text = subprocess.run(["sigrok-cli", "-i", tmp_path / "known.sr", "-O", "csv" + options], check=True, timeout=60, capture_output=True).stdout
    (tmp_path / "known.csv").write_bytes(text)
    done, run = capture("--file", tmp_path / "known.csv")
    assert done.returncode == PASS, done.stderr
    _, of_session = capture("--file", tmp_path / "known.sr", out="of-session")
    assert (samples_of(run) == samples_of(of_session)).all()


@with_sigrok
def test_live_from_the_demo_device(capture, loopgate):
    """sigrok's demo pattern on D0 and D1: pulses of a few us. What they mean is nothing; that they are all there, the file says."""
    done, run = capture("--driver", "demo", "--samplerate", "1M", "--seconds", 1, "--deadline-us", 100, "--response-timeout-ms", 1, limit_s=180)
    cell = run / "cells" / "preempt-rt.mixed"
    facts = json.loads((cell / "capture.json").read_text())
    assert facts["samples"] == 1_000_000 and facts["samplerate_hz"] == RATE and facts["resolution_ns"] == 1000
    assert facts["stimulus"]["edges"] > 1000 and facts["response"]["edges"] > 1000
    assert (cell / "capture.sr").exists() and "sigrok-cli" in (cell / "commands.txt").read_text()
    outcome = json.loads((cell / "outcome.json").read_text())
    assert outcome["records"] + facts["cut_off_at_end"] == facts["stimulus"]["edges"]
    assert done.returncode == (PASS if outcome["outcome"] == "measured" else INVALID), done.stderr
    assert loopgate("stats", run).returncode == PASS
    again, of_file = capture("--file", cell / "capture.sr", "--deadline-us", 100, "--response-timeout-ms", 1, out="of-file")
    assert again.returncode == done.returncode
    assert (samples_of(run) == samples_of(of_file)).all()


@with_sigrok
def test_live_failures(capture):
    done, run = capture("--driver", "no-such-driver", "--samplerate", "1M")
    assert done.returncode == INVALID and "sigrok-cli" in done.stderr and not run.exists()
    done, run = capture("--driver", "demo", "--samplerate", "1M", "--seconds", 1, response="D77")
    assert done.returncode == INVALID and not run.exists(), done.stderr


def test_live_without_sigrok(capture, tmp_path):
    (tmp_path / "empty").mkdir()
    done, run = capture("--driver", "demo", "--samplerate", "1M", env={"PATH": str(tmp_path / "empty"), "HOME": str(tmp_path)})
    assert done.returncode == INVALID and "sigrok-cli is not installed" in done.stderr and not run.exists()


def test_an_analyser_that_loses_samples(capture, tmp_path):
    """A sigrok-cli of the test's own that writes half of what it was asked for, and exits 0."""
    write_session(tmp_path / "half.sr", pulses(480)[0])
    fake = tmp_path / "sigrok-cli"
    fake.write_text(f'#!/bin/sh\nfor file; do :; done\ncp "{tmp_path / "half.sr"}" "$file"\n')
    fake.chmod(0o755)
    done, run = capture("--driver", "fx2lafw", "--samplerate", "1M", "--seconds", 1, env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)})
    assert done.returncode == INVALID and "483,000 of 1,000,000 samples" in done.stderr
    assert json.loads((run / "cells" / "preempt-rt.mixed" / "outcome.json").read_text())["outcome"] == "invalid"


def test_falling_edges(capture, tmp_path):
    levels, latencies = pulses(20)
    write_session(tmp_path / "inverted.sr", 1 - levels)
    done, run = capture("--file", tmp_path / "inverted.sr", "--stimulus-edge", "falling", "--response-edge", "falling")
    assert done.returncode == PASS, done.stderr
    samples = samples_of(run)
    assert ((samples["response_ns"] - samples["stimulus_ns"]) // 1000).tolist() == latencies


def test_usage(capture, tmp_path):
    write_session(tmp_path / "known.sr", pulses(5)[0])
    for wrong in ([], ["--driver", "demo"], ["--driver", "demo", "--samplerate", "2.5"], ["--file", "none.sr"],
                  ["--file", tmp_path / "known.sr", "--driver", "demo"], ["--file", tmp_path / "known.sr", "--samplerate", "1M"],
                  ["--file", tmp_path / "known.sr", "--deadline-us", "1000000"]):  # fmt: skip
        done, run = capture(*wrong)
        assert done.returncode == USAGE, (wrong, done.stderr)
        assert not run.exists()
    done, _ = capture("--file", tmp_path / "known.sr", response="D5")
    assert done.returncode == USAGE and "no channel D5" in done.stderr and "D0, D1" in done.stderr


def test_the_earlier_name_of_an_option_is_refused_with_its_new_one(capture, tmp_path):
    done, run = capture("--file", tmp_path / "any.sr", "--abandon-ms", 1)
    assert done.returncode == USAGE and "--abandon-ms is now --response-timeout-ms" in done.stderr
    assert not run.exists()


def test_a_hundred_million_samples_take_no_memory(capture, tmp_path):
    part = numpy.zeros(10_000_000, dtype=numpy.uint8)
    for at in range(1000, len(part) - 1000, 10_000):
        part[at : at + 10] = 1
        part[at + 50 : at + 55] = 2
    with zipfile.ZipFile(tmp_path / "long.sr", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as session:
        session.writestr("version", "2")
        session.writestr("metadata", "[device 1]\ncapturefile=logic-1\nsamplerate=1 MHz\nprobe1=D0\nprobe2=D1\nunitsize=1\n")
        for i in range(10):
            session.writestr(f"logic-1-{i + 1}", part.tobytes())
    limit = 512 << 20  # of address space, libraries included
    done, run = capture("--file", tmp_path / "long.sr", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    assert done.returncode == PASS, done.stderr
    assert len(samples_of(run)) == 10_000
    assert json.loads((run / "cells" / "preempt-rt.mixed" / "capture.json").read_text())["samples"] == 100_000_000
