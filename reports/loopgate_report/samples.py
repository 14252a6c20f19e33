"""samples.lgs, version 1: every stimulus that fell due, raw."""
import hashlib
import struct

import numpy

from loopgate_report.problem import BadRun

ANSWERED, WARM_UP, SELF_CHECK, UNANSWERED = 2, 8, 16, 32

_HEADER = struct.Struct("<8s4I3QqQ")
RECORD = numpy.dtype(
    [("due_ns", "<i8"), ("stimulus_ns", "<i8"), ("response_ns", "<i8"), ("flags", "<u4"), ("index", "<u4")]
)
_TIME_BASES = {1: "virtual", 2: "wall"}


class Samples:
    """The counted stimuli of a cell (no warm-up, no self-checks), in the order in which they fell due."""

    def __init__(self, records):
        self.warm_up, self.self_checks = (
            int(((records["flags"] & flag) != 0).sum()) for flag in (WARM_UP, SELF_CHECK)
        )
        counted = records[(records["flags"] & (WARM_UP | SELF_CHECK)) == 0]
        answered = (counted["flags"] & ANSWERED) != 0
        unanswered = (counted["flags"] & UNANSWERED) != 0
        self.stimulus_ns = counted["stimulus_ns"][answered]
        self.latency_ns = counted["response_ns"][answered] - counted["stimulus_ns"][answered]
        self.unanswered_ns = counted["stimulus_ns"][unanswered]
        self.not_sent_ns = counted["due_ns"][~answered & ~unanswered]


def read_samples(path, name, time_base, sha256):
    """Refuses a file that is damaged, of another time base than the run's, or not the one that was hashed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadRun(f"{name}: cannot be read: {error.strerror}") from None
    if len(content) < _HEADER.size:
        raise BadRun(f"{name}: is {len(content)} bytes long, shorter than a header: it was truncated")
    _check_header(_HEADER.unpack_from(content), len(content), name, time_base)
    seen = hashlib.sha256(content).hexdigest()
    if sha256 is None or seen != sha256:
        raise BadRun(
            f"{name}: its sha256 is {seen}, not the one in outcome.json: it was altered; measure this cell"
            " again"
        )
    return Samples(numpy.frombuffer(content, dtype=RECORD, offset=_HEADER.size))


def _check_header(header, size, name, time_base):
    magic, version, header_size, record_size, base, _seed, _planned, written, _deadline, _zero = header
    if magic != b"LOOPGATE":
        raise BadRun(f"{name}: is not a samples file (wrong magic)")
    if (version, header_size, record_size) != (1, _HEADER.size, RECORD.itemsize):
        raise BadRun(
            f"{name}: has version {version} with a header of {header_size} and records of"
            f" {record_size} bytes, and only version 1 with 64 and 32 is known"
        )
    if written == 0:
        raise BadRun(f"{name}: was cut off while it was being written")
    if size != _HEADER.size + written * RECORD.itemsize:
        raise BadRun(
            f"{name}: is {size} bytes long, which does not fit its {written} records: it was truncated or"
            " altered"
        )
    if _TIME_BASES.get(base) != time_base:
        raise BadRun(
            f"{name}: its time base is {_TIME_BASES.get(base, 'unknown')}, and run.json says {time_base}: "
            "they can't be compared"
        )
