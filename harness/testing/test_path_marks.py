"""The marks of a measured path are the instructions that protocol/path_marks.h says, on each architecture. Starts no QEMU: the compiler of
the target's programs makes them, and their bytes are read from the object file."""

import re
import subprocess

import pytest
from conftest import ROOT

SOURCE = """
#include "target/path_marks.h"
extern "C" void path_begin() { loopgate::target::path_begins(); }
extern "C" void path_end() { loopgate::target::path_ends(); }
extern "C" void part_begin() { loopgate::target::part_begins(); }
extern "C" void part_end() { loopgate::target::part_ends(); }
extern "C" void part_later(long ns) { loopgate::target::part_begins_in(ns); }
"""
RETURN = {"arm64": bytes.fromhex("c0035fd6"), "amd64": bytes.fromhex("c3")}
MARKS = ["path_begin", "path_end", "part_begin", "part_end", "part_later"]
TARGETS = {"arm64": "aarch64-linux-gnu", "amd64": "x86_64-linux-gnu"}


def said(mark, architecture):
    """The bytes that the header promises."""
    text = (ROOT / "harness/protocol/path_marks.h").read_text(encoding="utf-8")
    (found,) = re.findall(rf"{mark}_{architecture} = {{(.*?)}};", text)
    return bytes(int(byte, 16) for byte in found.split(","))


def code_of(path, section):
    """A section's bytes; readelf reads objects of any architecture."""
    dump = subprocess.run(["readelf", f"--hex-dump={section}", path], check=True, capture_output=True, text=True).stdout
    return b"".join(bytes.fromhex(line[13:48].replace(" ", "")) for line in dump.splitlines() if line.startswith("  0x"))


@pytest.fixture(scope="module", params=sorted(TARGETS))
def compiled(request, tmp_path_factory):
    """(architecture, object file)"""
    out = tmp_path_factory.mktemp("marks") / "marks.o"
    subprocess.run(["clang++-19", f"--target={TARGETS[request.param]}", "-std=c++20", "-O2", "-fomit-frame-pointer", "-ffunction-sections", "-c", "-x", "c++", "-", "-o", out,
                    f"-I{ROOT}/harness/target/include"], input=SOURCE, text=True, check=True)
    return request.param, out


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_one_instruction_of_known_bytes(compiled, mark):
    architecture, out = compiled
    assert code_of(out, f".text.{mark}") == said(mark, architecture) + RETURN[architecture]


def test_no_two_marks_are_alike():
    assert len({said(mark, architecture) for mark in MARKS for architecture in TARGETS}) == 10
