"""The loopback program, which measures on a board itself, on the virtual bench: there the bench's own instrument monitors both jumpers, and
its samples are the pins' own moments, to the nanosecond of virtual time."""

import base64
import hashlib
import json
import pathlib

import numpy
import pytest
from conftest import FAIL, INVALID, PASS, RECORD, RESPONDER, Run

KERNELS = ["generic", "preempt-rt"]
STAMP = [("number", "<u8"), ("first_ns", "<i8"), ("second_ns", "<i8"), ("third_ns", "<i8")]
STAMPS_HEADER = [("magic", "S8"), ("version", "<u4"), ("record_size", "<u4"), ("capacity", "<u8"), ("written", "<u8"), ("kind", "<u4"),
                 ("zero", "<u4"), ("monotonic_ns", "<i8"), ("counter", "<u8"), ("counter_hz", "<u8")]  # fmt: skip
SELF_CHECKS, WARM_UP, SAMPLES = 8, 20, 300
SENT_AND_ANSWERED = 3

# The guest's counter has 62.5 MHz: a reading of its clock is up to a tick behind the instant at which it is read.
TICK_NS = 16
# How well one pair of readings ties the guest's clock to the instrument's: what reading both takes.
CLOCK_ERROR_NS = 200


class Stamps:
    def __init__(self, raw):
        self.header = numpy.frombuffer(raw, dtype=STAMPS_HEADER, count=1)[0]
        written = int(self.header["written"])
        stamps = numpy.frombuffer(raw, dtype=STAMP, offset=64, count=written)
        self.number, self.times = stamps["number"], [stamps[key] for key in ("first_ns", "second_ns", "third_ns")]

    def clock_offset_ns(self):
        """From CLOCK_MONOTONIC to virtual time, which is the counter's."""
        ticks_ns = int(self.header["counter"]) * 1_000_000_000 // int(self.header["counter_hz"])
        return ticks_ns - int(self.header["monotonic_ns"])


class Cell:
    """What the bench saw at the pins, and what program and payload said of the same stimuli."""

    def __init__(self, run, name):
        instrument = run.evidence(name)["report"]["instrument"]
        self.files = {path.rsplit("/", 1)[1]: base64.b64decode(text) for path, text in instrument["files"].items()}
        self.check, self.end = instrument["check"], instrument["end"]
        samples = numpy.frombuffer(self.files["samples.lgs"], dtype=RECORD, offset=64)
        self.self_checks, self.program = samples[:SELF_CHECKS], samples[SELF_CHECKS:]
        self.pins = run.samples(name)[SELF_CHECKS:]
        self.own, self.payload = Stamps(self.files["loopback.lst"]), Stamps(self.files["stamps.lst"])
        self.before, self.after, self.response = self.own.times
        self.edge, self.woke, self.done = self.payload.times

    def on_pins_clock(self, times):
        return times + self.own.clock_offset_ns()


def measured(loopgate, folder, kernel):
    done = loopgate("run", "loopback", "--kernel", kernel, "--load", "idle", "--out", folder)
    assert done.returncode == PASS, done.stderr + done.stdout
    return Run(pathlib.Path(folder), done.returncode, done.stderr, done.stdout)


def is_short(way):
    """Of usually 1.3 us between a program's clock and its pin. Which stimulus the kernel's tick meets there hangs on the build: one of 328
    took 5.1 us."""
    return numpy.quantile(way, 0.98) < 5_000 and way.max() < 50_000


@pytest.fixture(scope="module", params=KERNELS)
def run(request, loopgate, tmp_path_factory):
    run = measured(loopgate, tmp_path_factory.mktemp("loopback") / "run", request.param)
    run.kernel = request.param
    return run


@pytest.fixture(scope="module")
def cell(run):
    return Cell(run, f"{run.kernel}.idle")


def test_program_and_bench_count_the_same(run, cell):
    assert len(cell.program) == len(cell.pins) == WARM_UP + SAMPLES
    assert (cell.program["index"] == cell.pins["index"]).all()
    assert (cell.program["flags"] == cell.pins["flags"]).all()
    assert ((cell.pins["flags"] & SENT_AND_ANSWERED) == SENT_AND_ANSWERED).all()
    end = cell.end
    assert (end["planned"], end["due"], end["answered"], end["spurious"]) == (328, 328, 328, 0)
    assert run.outcome(f"{run.kernel}.idle")["self_check"]["passed"]  # the bench's own, of known delays


def test_the_guests_clock_is_the_instruments_cut_to_ticks(cell):
    """Between any two stamps of both programs there are whole ticks, so the clock neither drifts nor is it rounded otherwise. The offset
    comes out the same from both programs' pairs of readings; and from the pin to the kernel's stamp of its edge it takes equally long each
    time, but for the tick that the stamp is cut to."""
    times = numpy.concatenate(cell.own.times + cell.payload.times)
    assert ((times - times[0]) % TICK_NS == 0).all()
    assert cell.own.header["counter_hz"] == 1_000_000_000 // TICK_NS
    assert cell.payload.clock_offset_ns() % TICK_NS == cell.own.clock_offset_ns() % TICK_NS
    assert abs(cell.payload.clock_offset_ns() - cell.own.clock_offset_ns()) <= CLOCK_ERROR_NS
    for pin, stamps in ((cell.pins["stimulus_ns"], cell.edge), (cell.pins["response_ns"], cell.response)):
        to_stamp = cell.on_pins_clock(stamps) - pin
        usual = numpy.median(to_stamp)
        assert (numpy.abs(to_stamp - usual) < TICK_NS).mean() > 0.9


def test_each_pin_rose_where_the_programs_say(cell):
    """Before the stimulus is set, the pin, after it; the payload wakes up, the pin, its call is over; each pin before its stamp."""
    stimulus, response = cell.pins["stimulus_ns"], cell.pins["response_ns"]
    assert (cell.before == cell.program["stimulus_ns"]).all() and (cell.response == cell.program["response_ns"]).all()
    assert (cell.on_pins_clock(cell.before) <= stimulus).all() and (stimulus <= cell.on_pins_clock(cell.after)).all()
    assert (cell.on_pins_clock(cell.woke) <= response).all() and (response <= cell.on_pins_clock(cell.done)).all()
    assert (stimulus <= cell.on_pins_clock(cell.edge)).all()
    assert (response <= cell.on_pins_clock(cell.response)).all()
    assert (cell.program["stimulus_ns"] >= cell.program["due_ns"]).all()


def test_the_latencies_differ_by_what_lies_around_the_pins(cell):
    """The program's is never the shorter one. It is longer by the way from its clock to the pin, and from the pin to the kernel's stamp."""
    latency = cell.program["response_ns"] - cell.program["stimulus_ns"]
    at_pins = cell.pins["response_ns"] - cell.pins["stimulus_ns"]
    to_pin = cell.pins["stimulus_ns"] - cell.on_pins_clock(cell.before)
    to_stamp = cell.on_pins_clock(cell.response) - cell.pins["response_ns"]
    assert (latency - at_pins == to_pin + to_stamp).all()
    for way in (to_pin, to_stamp):
        assert 0 <= way.min() and is_short(way)
    assert is_short((latency - at_pins) - (latency - at_pins).min()) and numpy.median(latency) > 5_000


def test_the_path_adds_up(cell):
    assert (cell.payload.number == numpy.arange(1, WARM_UP + SAMPLES + 1)).all()
    path = [cell.edge - cell.before, cell.woke - cell.edge, cell.response - cell.woke]
    assert all((part >= 0).all() for part in path)
    assert (sum(path) == cell.program["response_ns"] - cell.program["stimulus_ns"]).all()


def test_the_own_share_is_told(cell):
    share = cell.after - cell.before
    told = cell.end["own_share_ns"]
    assert (told["min"], told["max"]) == (share.min(), share.max())
    assert told["p50"] == numpy.sort(share)[(len(share) - 1) // 2]
    assert cell.end["late_by_ns"]["max"] == (cell.program["stimulus_ns"] - cell.program["due_ns"]).max()
    assert cell.end["shares_payloads_cpu"] is True  # there is one
    assert cell.end["timer_resolution_ns"] == 1 and cell.end["clock_step_ns"] % TICK_NS == 0
    assert cell.end["minor_faults"] == cell.end["major_faults"] == 0 and cell.end["priority_read_back"] == 90


def test_the_checks_pulses_are_the_self_checks(cell):
    """Never shorter than the known delay, and longer by the overhead of both jumpers."""
    pulses = json.loads(cell.files["check.json"])["pulses"]
    assert len(pulses) == cell.check["pulses_sent"] == 100 and cell.check["passed"]
    known = numpy.array([pulse["known_ns"] for pulse in pulses[:SELF_CHECKS]])
    excess = cell.self_checks["response_ns"] - cell.self_checks["stimulus_ns"] - known
    assert (excess >= 0).all() and excess.max() < 20_000
    assert 0 < cell.check["stimulus_to_edge_ns"]["min"] <= cell.check["stimulus_to_edge_ns"]["max"] < 50_000


def test_an_equal_run_leaves_equal_files(run, cell, loopgate, tmp_path):
    again = measured(loopgate, tmp_path / "again", run.kernel)
    name = f"{run.kernel}.idle"
    digests = [hashlib.sha256((each.cell(name) / "samples.lgs").read_bytes()).digest() for each in (run, again)]
    assert digests[0] == digests[1]
    assert Cell(again, name).files == cell.files


# Where the bench has its usual wire, from line 6 to line 7, and none from 1 to 0.
def check(stimulus_out, stimulus, response, response_in, more=""):
    lines = f"--stimulus-out {stimulus_out} --stimulus {stimulus} --response {response} --response-in {response_in}"
    return f"/bin/loopback check --chip {{chip}} {lines} --out /tmp/check.json {more}"


AS_NOBODY = "busybox start-stop-daemon -S -c nobody -x /bin/loopback --"


@pytest.mark.parametrize(
    "script, words",
    [
        (check(6, 7, 1, 0), "nothing arrives at line 0 (response_in) when line 1 (response) rises: the jumper between them is missing"),
        (check(1, 0, 6, 7), "nothing arrives at line 0 (stimulus) when line 1 (stimulus_out) rises: the jumper between them is missing"),
        (check(6, 0, 1, 7), "the jumper from line 6 (stimulus_out) leads to line 7 (response_in) and not to line 0 (stimulus): the jumpers are swapped"),
        (check(6, 4, 1, 7), "line 4 of 9030000.pl061 is in use by"),
        (check(6, 9, 1, 7), "line 9 of 9030000.pl061 is not there"),
        (check(6, 7, 1, 0, "--cpu 1"), "CPU 1 can't be had"),
        (check(6, 7, 1, 0).replace("/bin/loopback", AS_NOBODY), "can't be opened (Permission denied): run as root"),
        ("chmod 666 /dev/gpiochip*; " + check(6, 7, 1, 0).replace("/bin/loopback", AS_NOBODY), "real-time priority 90 can't be had"),
    ],
)
def test_the_check_finds(measure, suite_file, script, words):
    suite = suite_file("checked", ["/bin/sh", "-c", script])
    run = measure(suite, kernel="generic", load="idle", samples=20)
    assert run.status == INVALID
    assert words in run.outcome("generic.idle")["reason"]


def test_a_kernel_that_hangs_while_the_program_measures_fails(measure, suite_file):
    """A machine that is put to sleep, with nothing that wakes it, stands in for a kernel that hangs: virtual time passes at once, and the
    bench sees the same, which is nothing. The agent's own limit for the program sleeps, too."""
    payload = ["/bin/sh", "-c", f"(sleep 0.1; echo freeze > /sys/power/state) & exec {' '.join(RESPONDER)} \"$@\"", "payload"]
    run = measure(suite_file("hang", payload, of="loopback"), kernel="generic", load="idle")
    assert run.status == FAIL, run.errors
    assert "the kernel hung while measuring" in run.outcome("generic.idle")["reason"]
