"""A latmon to measure with where there is no board: written from the published structures (Zephyr's subsys/net/lib/latmon,
EVL's latmon.h), knowing nothing of the harness. It listens, takes {u32 period_usecs, u32 histogram_cells}, sends a record
{i32 sum_hi, i32 sum_lo, i32 min, i32 max, u32 overruns, u32 samples} for each 1,000,000 / period samples, and on a request
whose period is 0 what is left, an empty record and the histogram."""

import random
import socket
import struct
import threading
import time

REQUEST = struct.Struct("!II")
RECORD = struct.Struct("!IIIIII")
NOTHING_YET = 0xFFFFFFFF


class FakeLatmon:
    """`latency_ns(i)` is the i-th answer's, or None when there is none. `fault` is what it does wrong."""

    def __init__(self, latency_ns=None, fault="", warm_up_in_histogram=True, folds=True, hurry=5):
        draw = random.Random(4)
        self.latency_ns = latency_ns or (lambda i: 25_000 + int(draw.expovariate(1 / 4_000)))
        self.fault, self.warm_up_in_histogram, self.folds, self.hurry = fault, warm_up_in_histogram, folds, hurry
        self.requests, self.measured = [], []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(20)
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.stopped = threading.Event()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.server.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() does not
        self.server.close()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def serve(self):
        try:
            self.connection, _ = self.server.accept()
        except OSError:
            return
        with self.connection:
            try:
                self.talk()
            except (BrokenPipeError, ConnectionResetError):
                pass  # the other side gave up: that is its right

    def talk(self):
        self.connection.settimeout(20)
        request = self.connection.recv(REQUEST.size)  # in one piece, as latmon does
        if len(request) != REQUEST.size:
            return
        self.requests.append(REQUEST.unpack(request))
        self.period, self.cells = self.requests[0]
        self.histogram = [0] * self.cells
        self.reset()
        self.connection.setblocking(False)
        self.measure()

    def reset(self):
        self.sum, self.min, self.max, self.overruns, self.samples = 0, NOTHING_YET, 0, 0, 0

    def word(self, data):
        """Like the board's own send: all of it, whatever the socket takes at once."""
        self.connection.setblocking(True)
        self.connection.sendall(data)
        self.connection.setblocking(False)

    def send_record(self):
        self.word(RECORD.pack(self.sum >> 32, self.sum & 0xFFFFFFFF, self.min, self.max, self.overruns, self.samples))
        self.reset()

    def stop_came(self):
        try:
            request = self.connection.recv(REQUEST.size)
        except BlockingIOError:
            return False
        if not request:
            raise ConnectionResetError
        self.requests.append(REQUEST.unpack(request))
        return True

    def take(self, ns, counted):
        us = rest = ns // 1000
        while rest > self.period:
            self.overruns += 1
            rest -= self.period
        if self.folds:
            us = rest
        if self.cells and (counted or self.warm_up_in_histogram):
            self.histogram[min(us, self.cells - 1)] += 1
        self.sum, self.min, self.max, self.samples = self.sum + ns, min(self.min, ns), max(self.max, ns), self.samples + 1
        if counted:
            self.measured.append(ns)

    def measure(self):
        """The time that a record takes is `hurry` times shorter than a board's."""
        a_record = 1_000_000 // self.period
        i, warm, records = 0, False, 0
        while not self.stop_came() and not self.stopped.is_set():
            if self.fault == "silent" or (self.fault == "stalls" and records == 2):
                time.sleep(0.01)
                continue
            for _ in range(a_record):
                ns = self.latency_ns(i)
                i += 1
                if ns is None:  # not answered: Zephyr's monitor ends, and says nothing until it is stopped
                    self.overruns += 1
                    self.fault = "silent"
                    break
                self.take(ns, warm)
            else:
                if warm:
                    self.faulty_record(records)
                    records += 1
                self.reset()
                warm = True
            time.sleep(1 / self.hurry)
        if self.stopped.is_set():
            return
        self.trailing()

    def faulty_record(self, records):
        if self.fault == "disconnects" and records == 2:
            self.connection.close()
            raise ConnectionResetError
        if self.fault == "cut" and records == 2:
            self.word(RECORD.pack(0, 1, 1, 1, 0, 1)[:10])
            self.connection.close()
            raise ConnectionResetError
        if self.fault == "absurd":
            self.samples = 0x7FFFFFFF
        if self.fault == "little-endian":
            self.word(struct.pack("<IIIIII", 0, self.sum, self.min, self.max, self.overruns, self.samples))
            return
        self.send_record()
        if self.fault == "floods":
            for _ in range(200):
                self.word(RECORD.pack(0, 25_000, 25_000, 25_000, 0, 1))

    def trailing(self):
        if self.fault == "never ends":
            while not self.stopped.wait(0.01):
                pass
            return
        if self.samples:
            self.send_record()
        self.send_record()  # empty: what follows is the histogram
        histogram = struct.pack(f"!{self.cells}I", *self.histogram)
        if self.fault == "short histogram":
            histogram = histogram[:-4]
        if self.fault == "long histogram":
            histogram += b"\0\0\0\0"
        self.word(histogram)
        # The board waits for the next request; the other side ends the connection.
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not self.stopped.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except BlockingIOError:
                time.sleep(0.01)
