"""loopgate kernel build, on a tree whose Makefile plays kbuild: what it answers, and whose fault a failure is."""

import json
import os
import pathlib

import pytest
from conftest import INVALID, PASS, USAGE

USUAL_CACHE = os.environ.get("LOOPGATE_CACHE")
MAKEFILE = r"""
%:: ;
.PHONY: tinyconfig olddefconfig Image vmlinux
tinyconfig:
	echo CONFIG_BASE=y > $(O)/.config
olddefconfig:
Image:
	test ! -e broken || { echo "text.c:1:1: error: broken" >&2; exit 1; }
	mkdir -p $(O)/arch/arm64/boot $(O)/include/config
	echo 6.12.0-test > $(O)/include/config/kernel.release
	head -c 56 /dev/zero > $(O)/arch/arm64/boot/Image
	printf 'ARM\144' >> $(O)/arch/arm64/boot/Image
vmlinux:
	echo elf > $(O)/vmlinux
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty one, and compilers that only say their version."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("clang-19", "ld.lld-19", "llvm-objcopy-19", "flex", "bison", "bc", "ccache", "pahole"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} 19.1\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("LOOPGATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def kernel(cache, tmp_path):
    """Writes a kernel's file of a made-up tree; the answer is its path."""
    tree = tmp_path / "linux"
    for name in ("arch", "init", "scripts"):
        (tree / name).mkdir(parents=True)
    for name, text in {"Kbuild": "", "Kconfig": "", "Makefile": MAKEFILE}.items():
        (tree / name).write_text(text, encoding="utf-8")

    def write(name, more="", tree="linux"):
        file = tmp_path / f"{name}.toml"
        file.write_text(f'title = "made up"\n[source]\ntree = "{tree}"\nbase = "tinyconfig"\n{more}', encoding="utf-8")
        return file

    return write


def test_a_kernel_is_built_and_then_kept(loopgate, kernel):
    mine = kernel("mine")
    done = loopgate("kernel", "build", mine)
    assert done.returncode == PASS, done.stderr
    assert done.stdout.startswith("kernel mine: Linux 6.12.0-test, built in ")
    assert "\n  image sha256   " in done.stdout and "\n  toolchain      clang-19: clang-19 19.1\n" in done.stdout
    assert loopgate("kernel", "build", mine).stdout.startswith("kernel mine: kept from an earlier build: Linux 6.12.0-test")


def test_scripts_read_json(loopgate, kernel):
    mine, other = kernel("mine"), kernel("other", 'toolchain = "clang-19"\n')
    one, two = json.loads(loopgate("kernel", "build", "--json", mine, other).stdout)
    assert (one["kernel"], two["kernel"], one["image"] == two["image"]) == ("mine", "other", True)
    assert (one["from_cache"], two["from_cache"], one["modules"], one["package"]) == (False, True, None, None)
    assert all(pathlib.Path(one[name]).is_file() for name in ("image", "config", "vmlinux"))


def test_a_mistake_of_the_users_is_told_from_what_the_machine_lacks(loopgate, kernel, tmp_path):
    done = loopgate("kernel", "build", kernel("mine"), kernel("none", tree="absent"))
    assert done.returncode == USAGE and done.stdout.startswith("kernel mine: ")
    assert "loopgate: kernel none: " in done.stderr and "absent: there is no such folder or file" in done.stderr
    done = loopgate("kernel", "build", kernel("mine", 'toolchain = "clang-99"\n'))
    assert done.returncode == INVALID and "clang-99 is needed" in done.stderr
    (tmp_path / "linux/broken").touch()
    done = loopgate("kernel", "build", kernel("mine"))
    assert done.returncode == USAGE and "kernel mine: " in done.stderr and "text.c:1:1: error: broken" in done.stderr
    done = loopgate("kernel", "build", "generic")
    assert done.returncode == USAGE and "kernel generic: is not built from source" in done.stderr


def test_what_a_tree_does_not_have_is_refused_or_told(loopgate, kernel, monkeypatch, tmp_path):
    (tmp_path / "mine.config").write_text("CONFIG_NONESUCH=y\n", encoding="utf-8")
    asked = 'fragments = ["mine.config"]\n'
    (tmp_path / "linux/Makefile").write_text(MAKEFILE.replace("olddefconfig:\n", "olddefconfig:\n\tsed -i /NONESUCH/d $(O)/.config\n"), encoding="utf-8")
    done = loopgate("kernel", "build", kernel("strict", asked))
    assert done.returncode == USAGE and "CONFIG_NONESUCH=y, and Kconfig made it n: no Kconfig file of this tree has such an option" in done.stderr
    mine = kernel("mine", asked + 'unknown_options = "allowed"\n')
    done = loopgate("kernel", "build", mine)
    assert done.returncode == PASS, done.stderr
    assert "  left out       CONFIG_NONESUCH=y: no Kconfig file of the sources has such an option\n" in done.stdout
    (answer,) = json.loads(loopgate("kernel", "build", "--json", mine).stdout)
    assert answer["unknown_options"] == ["CONFIG_NONESUCH=y"]
    if USUAL_CACHE is None:
        monkeypatch.delenv("LOOPGATE_CACHE")
    else:
        monkeypatch.setenv("LOOPGATE_CACHE", USUAL_CACHE)
    planned = loopgate("plan", "irq-to-gpio", "--kernel", mine)
    assert ", without what its sources do not have: CONFIG_NONESUCH=y\n" in planned.stdout, planned.stderr


def test_a_plan_builds_nothing(loopgate, kernel, monkeypatch, tmp_path):
    mine = kernel("mine")
    (tmp_path / "linux/broken").touch()
    if USUAL_CACHE is None:  # with the target image, which a plan wants
        monkeypatch.delenv("LOOPGATE_CACHE")
    else:
        monkeypatch.setenv("LOOPGATE_CACHE", USUAL_CACHE)
    done = loopgate("plan", "irq-to-gpio", "--kernel", mine, "--commands")
    assert done.returncode == PASS, done.stderr
    assert f"kernel mine: {tmp_path}/linux, not built yet: `run` builds it first" in done.stdout
    assert "/built/" in done.stdout and "-kernel" in done.stdout, "the command lines say where it will be"
