"""harness/record/formats.json declares the binary files; what reads them here, and the page about them, must agree with it."""
import json
import re
from pathlib import Path

import made_up_run
import numpy
import pytest
from loopgate_report import samples

RECORD = Path(__file__).resolve().parents[2] / "harness" / "record"
FORMATS = json.loads((RECORD / "formats.json").read_text())
TYPES = {"u16": "<u2", "u32": "<u4", "u64": "<u8", "i64": "<i8"}
LETTERS = {"char[8]": "8s", "u16": "H", "u32": "I", "u64": "Q", "i64": "q"}


def numpy_type(fields):
    return numpy.dtype([(field["name"], TYPES[field["type"]]) for field in fields])


def section(file):
    page = (RECORD / "README.md").read_text()
    return page.split(f"\n## {file}, version ", 1)[1].split("\n## ", 1)[0]


def test_the_reader_of_samples():
    declared = FORMATS["samples.lgs"]
    assert samples.RECORD == numpy_type(declared["record"]) == made_up_run.RECORD
    assert samples.RECORD.itemsize == declared["record_size"]
    letters = "".join(LETTERS[field["type"]] for field in declared["header"])
    assert re.sub(r"(\d)([IQ])", lambda m: m[2] * int(m[1]), samples._HEADER.format[1:]) == letters
    assert samples._HEADER.size == declared["header_size"]


@pytest.mark.parametrize("file", FORMATS)
def test_what_the_page_tells_people_to_paste(file):
    code = re.search(r"```python\n(.*?)```", section(file), re.S)[1]
    shown = {}
    exec(code.split("\n" + ("samples" if "samples" in file else "frames" if "frames" in file else "probe" if "probe" in file else "written"))[0], shown)
    parts = [part for part in ("header", "record") if part in shown]
    assert "record" in parts
    for part in parts:
        assert numpy.dtype(shown[part]) == numpy_type(FORMATS[file][part]), part
        assert numpy.dtype(shown[part]).itemsize == FORMATS[file][f"{part}_size"]


def test_the_pages_tables_of_samples():
    rows = re.findall(r"^\| (\d+) \| (\S+) \| (.*) \|$", section("samples.lgs"), re.M)
    declared = FORMATS["samples.lgs"]
    fields = [*declared["header"], *declared["record"]]
    assert [(int(offset), kind) for offset, kind, _ in rows] == [(field["offset"], field["type"]) for field in fields]
    for (_, _, text), field in zip(rows, fields):
        assert field["name"].split("_")[0] in text.replace("time base", "time_base"), field
