"""A kernel tree that is made up: its Makefile plays kbuild and hands out one of two real kernels, by what is planted in the options or in a commit.
So each kernel boots and is measured, and none takes minutes to compile."""

import json
import os
import pathlib
import subprocess

import pytest
from conftest import ROOT

# Plays kbuild: `slow` is a shell condition over the .config, in $(O), and `kconfig` may take options back out of it.
MAKEFILE = r"""
%:: ;
.PHONY: tinyconfig olddefconfig Image vmlinux
tinyconfig:
	: > $(O)/.config
olddefconfig:
	O=$(O) sh ./kconfig
Image:
	O=$(O) sh ./compile
	mkdir -p $(O)/arch/arm64/boot $(O)/include/config
	if O=$(O) sh ./slow; then echo rt; else echo generic; fi > $(O)/chosen
	cp "$$(cat $$(cat $(O)/chosen))" $(O)/arch/arm64/boot/Image
	cp $$(cat $(O)/chosen).release $(O)/include/config/kernel.release
vmlinux:
	echo elf > $(O)/vmlinux
"""
KCONFIG = "".join(f'config {name}\n\tbool "{name}"\n' for name in ("SAME", "A", "B", "ONE", "TWO"))
TOOLS = ("clang-19", "ld.lld-19", "llvm-objcopy-19", "flex", "bison", "bc")


def of_package(package):
    done = subprocess.run([ROOT / "fixtures" / "kernels" / "fetch", "--package", package, "--suite", "trixie", "--arch", "arm64"], capture_output=True, text=True, timeout=600, check=True)
    found = json.loads(done.stdout)
    return found["image"], found["release"] + "\n"


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "linux"
    for name in ("arch", "init", "scripts"):
        (folder / name).mkdir(parents=True)
        (folder / name / "kept").write_text("")
    files = {"Kbuild": "", "Kconfig": KCONFIG, "Makefile": MAKEFILE, "compile": "true\n", "slow": "false\n", "kconfig": "true\n"}
    for name, package in {"generic": "linux-image-arm64", "rt": "linux-image-rt-arm64"}.items():
        files[name], files[f"{name}.release"] = of_package(package)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def own_builds(tmp_path):
    """A cache with all that the user's has, but for what is built: made-up kernels would push real ones out."""
    users = pathlib.Path(os.environ.get("LOOPGATE_CACHE", pathlib.Path.home() / ".cache" / "loopgate"))
    cache = tmp_path / "cache"
    (cache / "kernels").mkdir(parents=True)
    for path in users.iterdir():
        if path.name != "kernels":
            (cache / path.name).symlink_to(path)
    for path in (users / "kernels").iterdir():
        if path.name not in ("built", "objects", "sources"):
            (cache / "kernels" / path.name).symlink_to(path)
    return cache


@pytest.fixture
def builder(own_builds, tmp_path):
    """The environment of a command that builds: compilers that only say their version, and a cache of its own."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).write_text(f"#!/bin/sh\necho {name} 19.1\n")
        (tools / name).chmod(0o755)
    return {**os.environ, "LOOPGATE_CACHE": str(own_builds), "PATH": f"{tools}:{os.environ['PATH']}"}


def write_kernel(folder, name, fragment, more=""):
    (folder / f"{name}.config").write_text(fragment)
    (folder / f"{name}.toml").write_text(f'title = "{name}"\n[source]\ntree = "linux"\nbase = "tinyconfig"\nfragments = ["{name}.config"]\n{more}')
