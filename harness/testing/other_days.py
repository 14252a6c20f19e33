"""Runs of other days, made of one that was measured: for a history of a thousand. reports/ must be on the path, for the seal."""

import datetime
import hashlib
import json
import os
import shutil

import numpy
from loopgate_report.samples import RECORD, SELF_CHECK, WARM_UP
from loopgate_report.seal import sealed

HEADER = 64
NOT_COUNTED = WARM_UP | SELF_CHECK


def replace(path, data):
    """Not written into: other runs have the same file under their names."""
    path.unlink()
    path.write_bytes(data)


def another_day(run, folder, day, slower_ns=0, kernel="generic"):
    """The same run on another day; with latencies of one kernel that are longer."""
    shutil.copytree(run, folder, copy_function=os.link)  # of what is altered below, the name alone
    started = (datetime.datetime(2020, 1, 1) + datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
    record = json.loads((folder / "run.json").read_text())
    record["circumstances"]["started"] = started
    replace(folder / "run.json", json.dumps(record).encode())
    for path in folder.glob("cells/*/outcome.json"):
        outcome = json.loads(path.read_text())
        outcome["measured_from"]["started"] = started
        samples = path.parent / "samples.lgs"
        if slower_ns and outcome["kernel"] == kernel:
            data = samples.read_bytes()
            records = numpy.frombuffer(data, dtype=RECORD, offset=HEADER).copy()
            counted = (records["flags"] & NOT_COUNTED) == 0
            records["response_ns"][counted] += slower_ns
            replace(samples, data[:HEADER] + records.tobytes())
            outcome["artifacts"]["samples.lgs"]["sha256"] = hashlib.sha256(samples.read_bytes()).hexdigest()
        replace(path, sealed(outcome).encode())
    if slower_ns:
        (folder / "verdict.json").unlink()  # it is not of these
    return folder
