"""The marks of a measured path are the instructions that protocol/path_marks.h says, on each architecture. Starts no QEMU: the compiler of
the target's programs makes them, and their bytes are read from the object file."""

import pathlib
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


TIMED = """
#include "timed.h"
using namespace loopgate::primitives;
extern "C" long long all(long long ns) {
  return path_begins_ns() + part_begins_ns() + part_begins_after_ns(ns) + part_ends_ns() + path_ends_ns();
}
"""
EDGES = ["path_begins_ns", "part_begins_ns", "part_begins_after_ns", "part_ends_ns", "path_ends_ns"]


@pytest.mark.parametrize("architecture", sorted(TARGETS))
def test_at_every_edge_as_many_instructions_lie_between_mark_and_clock(architecture, tmp_path):
    """So what is counted between two marks is what the clock saw between two readings, but for the mark at the end."""
    out = tmp_path / "timed.o"
    sysroot = subprocess.run([ROOT / "fixtures/sysroot/make", "--arch", architecture], check=True, capture_output=True, text=True).stdout.strip()
    gcc = next(iter((pathlib.Path(sysroot) / "usr/lib/gcc" / TARGETS[architecture]).iterdir()))
    subprocess.run(["clang++-19", f"--target={TARGETS[architecture]}", f"--sysroot={sysroot}", f"--gcc-install-dir={gcc}", "-std=c++20", "-O2", "-DNDEBUG", "-ffunction-sections", "-c",
                    "-x", "c++", "-", "-o", out, f"-I{ROOT}/harness/target/include", f"-I{ROOT}/harness", f"-I{ROOT}/suites/primitives"], input=TIMED, text=True, check=True)
    between = {}
    for edge in EDGES:
        listing = subprocess.run(["llvm-objdump-19", "--disassemble", "--demangle", "--no-show-raw-insn", f"--disassemble-symbols=loopgate::primitives::{edge}({'long' if 'after' in edge else ''})", out],
                                 check=True, capture_output=True, text=True).stdout
        lines = [line.split("\t")[1].split()[0] for line in listing.splitlines() if "\t" in line]
        mark = next(i for i, word in enumerate(lines) if word in ("hint", "nopl"))
        call = next(i for i, word in enumerate(lines) if word in ("bl", "b", "callq", "call", "jmp"))
        assert call > mark, listing
        between[edge] = call - mark
    assert len(set(between.values())) == 1, between


def test_no_two_marks_are_alike():
    assert len({said(mark, architecture) for mark in MARKS for architecture in TARGETS}) == 10
