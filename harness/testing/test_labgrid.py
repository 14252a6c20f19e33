"""A board that labgrid hands out, by its own coordinator and exporter on the loopback interface: found, waited for, locked, measured, switched and given
back however the run ends. Where labgrid is not installed these are skipped; its recorded words are played in harness/board/."""

import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest
from bench import free_port, is_measured, on_bench
from conftest import BUILD, FAIL, INVALID, ROOT, USAGE
from test_board import BOARD, candidate, impatient_board, is_home, outcome, suite, words_for  # noqa: F401

PROGRAMS = ("labgrid-client", "labgrid-coordinator", "labgrid-exporter")
MISSING = [program for program in PROGRAMS if not shutil.which(program)]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed: Debian 13 has labgrid 26.0 in trixie-backports, Debian 12 no coordinator")

LIMIT_S = 60  # for what takes labgrid a second or two on a quiet machine


def until(what, holds, limit_s=LIMIT_S):
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, f"{what}: not within {limit_s} s"
        time.sleep(0.2)


class Labgrid:
    """A coordinator and an exporter with the places `nano-1` and `nano-2`."""

    def __init__(self, folder, exports):
        self.folder, self.port, self.running = folder, free_port(), []
        (folder / "exports.yaml").write_text(json.dumps(exports))
        self.start("labgrid-coordinator", "-l", f"127.0.0.1:{self.port}")
        until("the coordinator listens", lambda: self.client("places").returncode == 0)
        self.start("labgrid-exporter", "-c", f"127.0.0.1:{self.port}", "-n", "lab", folder / "exports.yaml")
        until("the exporter exports", lambda: self.client("resources").stdout.count("\n") == sum(map(len, exports.values())))
        for place in exports:
            self.ask("-p", place, "create")
            self.ask("-p", place, "add-match", f"lab/{place}/*")
            self.ask("-p", place, "set-tags", "board=nano", f"name_of={place}")

    def start(self, *words):
        with open(self.folder / f"{words[0]}.log", "w") as log:
            self.running.append(subprocess.Popen(list(map(str, words)), cwd=self.folder, stdout=log, stderr=log))

    def client(self, *words, user=None):
        environment = dict(os.environ, **({"LG_USERNAME": user} if user else {}))
        argv = ["labgrid-client", "-x", f"127.0.0.1:{self.port}", *words]
        return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def ask(self, *words, **options):
        done = self.client(*words, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def holder(self, place):
        """host/user, or None."""
        text = self.ask("-p", place, "show")
        return None if "  acquired: None\n" in text else re.search(r"^  acquired: (\S+)$", text, re.M).group(1)

    def reservations(self):
        return self.ask("reservations").count("Reservation '")

    def end(self):
        for program in reversed(self.running):
            program.terminate()
            program.wait(30)


@pytest.fixture
def silence():
    """A board's address where somebody takes the connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def labgrid(tmp_path, monkeypatch, silence):
    for name in ("LG_ENV", "LG_PLACE", "LG_TOKEN", "LG_STATE"):
        monkeypatch.delenv(name, raising=False)
    service = {"NetworkService": {"address": "127.0.0.1", "username": "root", "port": silence}}
    folder = tmp_path / "labgrid"
    folder.mkdir()
    lab = Labgrid(folder, {"nano-1": service, "nano-2": service})
    try:
        yield lab
    finally:
        lab.end()


@pytest.fixture
def lab_file(tmp_path, labgrid):
    def make(which, wait_s=60, more=""):
        path = tmp_path / "lab.toml"
        path.write_text(f'[{BOARD}]\n{more}\n[{BOARD}.machine]\nvia = "labgrid"\ncoordinator = "127.0.0.1:{labgrid.port}"\n{which}\nacquire_timeout_s = {wait_s}\n')
        return path

    return make


def is_free(labgrid):
    return labgrid.holder("nano-1") is None and labgrid.holder("nano-2") is None and labgrid.reservations() == 0


def test_doctor_holds_the_place_while_it_asks(loopgate, labgrid, lab_file, silence):
    done = loopgate("doctor", "--board", BOARD, "--lab", lab_file('place = "nano-1"'))
    assert f"place nano-1 of 127.0.0.1:{labgrid.port}" in done.stdout
    assert f"ssh://root@127.0.0.1:{silence}" in done.stdout
    assert done.returncode == INVALID, "nobody lets it in"
    assert is_free(labgrid)


def test_who_has_it_is_told(loopgate, labgrid, lab_file):
    labgrid.ask("-p", "nano-1", "acquire", user="bob")
    done = loopgate("doctor", "--board", BOARD, "--lab", lab_file('place = "nano-1"'))
    assert done.returncode == INVALID
    assert re.search(r"labgrid's place nano-1 is in use: nano-1 by bob on \S+ since 20\d\d-", done.stdout), done.stdout
    assert labgrid.holder("nano-1").endswith("/bob")
    assert labgrid.reservations() == 0


@pytest.mark.parametrize("which", ['place = "nano"', 'tags = { board = "nano", name_of = "nano-3" }'])
def test_a_place_that_nobody_knows_is_a_usage_error(loopgate, labgrid, lab_file, which):
    done = loopgate("doctor", "--board", BOARD, "--lab", lab_file(which))
    assert done.returncode == USAGE
    assert "has no place" in done.stderr and "nano-1 (board=nano, name_of=nano-1)" in done.stderr
    assert is_free(labgrid)


def test_a_coordinator_that_is_away_is_the_benchs_fault(loopgate, labgrid, lab_file):
    lab = lab_file('place = "nano-1"')
    lab.write_text(lab.read_text().replace(str(labgrid.port), str(free_port())))
    done = loopgate("doctor", "--board", BOARD, "--lab", lab)
    assert done.returncode == INVALID and "Could not connect to coordinator" in done.stdout


@pytest.fixture
def start(suite, tmp_path):  # noqa: F811
    """A run of the lab file's board, and its end."""
    running = []

    def call(lab):
        words = words_for(suite, type("Bench", (), {"folder": lab.parent}), tmp_path / "run", ["preempt-rt"])
        running.append(subprocess.Popen([str(BUILD / "loopgate"), *words], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True))
        return running[-1]

    yield call
    for program in running:
        program.kill()
        program.communicate()


@pytest.mark.parametrize("signals", [[signal.SIGKILL], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]], ids=["killed", "interrupted twice", "told to end twice"])
def test_the_place_is_given_back_when_the_run_is_ended(labgrid, lab_file, start, signals, fresh_states, tmp_path):
    running = start(lab_file('tags = { name_of = "nano-2" }'))
    until("the run holds it", lambda: labgrid.holder("nano-2") is not None)
    assert labgrid.reservations() == 0, "it has done its work"
    for number in signals:
        time.sleep(1)
        running.send_signal(number)
    errors = running.communicate(timeout=LIMIT_S)[1]
    assert "released labgrid place" not in errors, "who reads them does not wait for that"
    log = tmp_path / "cache" / "labgrid.log"
    until("the place was given back", lambda: log.exists() and "released labgrid place nano-2" in log.read_text())
    assert is_free(labgrid)


def test_a_run_waits_in_the_queue_and_leaves_it_when_interrupted(labgrid, lab_file, start):
    labgrid.ask("-p", "nano-1", "acquire", user="bob")
    running = start(lab_file('place = "nano-1"'))
    said = ""
    while "waiting at most 60 s" not in said:
        line = running.stderr.readline()
        assert line, said
        said += line
    assert "nano-1 by bob" in said
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=LIMIT_S)
    until("the reservation is cancelled", lambda: labgrid.reservations() == 0)
    assert labgrid.holder("nano-1").endswith("/bob")


def test_a_run_that_waited_gets_it_and_gives_it_back_after_an_error(labgrid, lab_file, start, tmp_path):
    labgrid.ask("-p", "nano-1", "acquire", user="bob")
    running = start(lab_file('place = "nano-1"'))
    until("it waits", lambda: labgrid.reservations() == 1)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "other").write_text("of somebody's")
    labgrid.ask("-p", "nano-1", "release", user="bob")
    errors = running.communicate(timeout=LIMIT_S)[1]
    assert running.returncode == USAGE, errors
    assert "acquired labgrid's place nano-1" in errors and "run exists" in errors
    assert is_free(labgrid)


class PowerSwitch(http.server.BaseHTTPRequestHandler):
    """What labgrid's `rest` model switches: PUT 0 or 1."""

    def do_PUT(self):
        value = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.switched.append(value)
        self.server.board.switch("on" if value == "1" else "off")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def board(tmp_path):
    folder = tmp_path / "bench"
    folder.mkdir()
    with on_bench(folder) as board:
        yield board


def test_a_whole_run_on_a_board_of_labgrids(loopgate, labgrid, lab_file, board, suite, candidate, impatient_board, tmp_path):  # noqa: F811
    """Address, console and power are labgrid's; one kernel is measured, and one hangs and is switched off."""
    pdu = http.server.ThreadingHTTPServer(("127.0.0.1", 0), PowerSwitch)
    pdu.board, pdu.switched = board, []
    threading.Thread(target=pdu.serve_forever, daemon=True).start()
    folder = tmp_path / "lab-of-the-board"
    folder.mkdir()
    exports = {
        "emulated": {
            "NetworkService": {"address": "127.0.0.1", "username": "root", "port": board.ssh_port},
            "NetworkSerialPort": {"host": "127.0.0.1", "port": board.console_port, "protocol": "raw"},
            "NetworkPowerPort": {"model": "rest", "host": f"http://127.0.0.1:{pdu.server_port}/relay/{{index}}", "index": "1"},
        }
    }
    lab = Labgrid(folder, exports)
    out = tmp_path / "run"
    try:
        file = lab_file('place = "emulated"', more=f'ssh_config = "{board.folder}/ssh_config"')
        file.write_text(file.read_text().replace(f":{labgrid.port}", f":{lab.port}"))
        hangs = candidate("hangs", "rdinit=/bin/cat")  # waits for somebody who types
        words = words_for(suite, board, out, ["preempt-rt", hangs], file=impatient_board)
        words[words.index("--lab") + 1] = str(file)
        done = loopgate(*words, limit_s=1800)
        assert lab.holder("emulated") is None and lab.reservations() == 0
    finally:
        lab.end()
        pdu.shutdown()
    assert done.returncode == FAIL, done.stderr
    is_measured(out, "preempt-rt.idle")
    assert outcome(out, "hangs.idle")["outcome"] == "kernel_failed"
    assert (out / "cells/preempt-rt.idle/console.log").stat().st_size > 1000
    assert pdu.switched[:2] == ["0", "1"]
    machine = json.loads((out / "run.json").read_text())["machine"]
    assert (machine["reached_by"], machine["address"]) == ("labgrid", f"127.0.0.1:{board.ssh_port}")
    assert machine["labgrid"] == {"place": "emulated", "coordinator": f"127.0.0.1:{lab.port}"}
    is_home(board)
