"""A kernel, its image, a load and a board of the user's own, named by relative paths through a link: every later step finds them from another
working directory, or names the one that is gone or has changed. What needs none of them does without."""

import json
import os
import shutil
import subprocess

import pytest

from conftest import BUILD, PASS, POLICY, ROOT, USAGE

CELL = "mine.quiet"
RUN = ["run", "irq-to-gpio", "--kernel", "link/mine.toml", "--load", "link/quiet.toml", "--board", "link/bench.toml", "--samples", "60", "--out", "run"]


def call(folder, *arguments):
    return subprocess.run([BUILD / "loopgate", *map(str, arguments)], capture_output=True, text=True, timeout=600, cwd=folder, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    own = folder / "own"
    own.mkdir()
    fetched = subprocess.run([ROOT / "fixtures/kernels/fetch", "--package", "linux-image-arm64", "--suite", "trixie", "--arch", "arm64"],
                             stdout=subprocess.PIPE, text=True, timeout=600, check=True)  # fmt: skip
    shutil.copy(json.loads(fetched.stdout)["image"], own / "Image")
    (own / "mine.toml").write_text('title = "an image of ours"\n[source]\nimage = "Image"\n')
    shutil.copy(ROOT / "fixtures/loads/idle.toml", own / "quiet.toml")
    shutil.copy(ROOT / "boards/qemu-virt-arm64.toml", own / "bench.toml")
    (folder / "policy.toml").write_text(POLICY.replace('"generic"', '"mine"') + "unanswered = 0\n")
    (folder / "link").symlink_to("own")
    done = call(folder, *RUN)
    assert done.returncode == PASS, done.stderr
    (folder / "link").unlink()
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy that a test may spoil, at the same place."""
    shutil.copytree(made, tmp_path / "kept", symlinks=True)
    yield made
    shutil.rmtree(made)
    shutil.copytree(tmp_path / "kept", made, symlinks=True)


def explain(folder):
    return call("/", "explain", folder / "run", "--cell", CELL, "--worst", "1")


def test_every_step_finds_them_from_elsewhere_without_the_link(folder):
    circumstances = json.loads((folder / "run" / "run.json").read_text())["circumstances"]
    assert circumstances["images"] == {"mine": str(folder / "own" / "Image")}
    assert circumstances["files"]["kernels"] == {"mine": str(folder / "own" / "mine.toml")}
    done = explain(folder)
    assert done.returncode == PASS, done.stderr
    resumed = call("/", *[str(folder / word.replace("link", "own")) if word.endswith(".toml") or word == "run" and at > 0 else word
                          for at, word in enumerate(RUN)], "--resume")  # fmt: skip
    assert resumed.returncode == PASS and "finished by an earlier run" in resumed.stderr, resumed.stderr


@pytest.mark.parametrize("name", ["mine.toml", "quiet.toml", "bench.toml", "Image"])
def test_what_is_gone_is_named(folder, name):
    (folder / "own" / name).rename(folder / "own" / "elsewhere")
    done = explain(folder)
    assert done.returncode == USAGE and str(folder / "own" / name) in done.stderr, done.stderr
    (folder / "link").symlink_to("own")
    resumed = call(folder, *RUN, "--resume")
    assert resumed.returncode == USAGE and f"link/{name}" in resumed.stderr, resumed.stderr


@pytest.mark.parametrize("name", ["mine.toml", "quiet.toml", "bench.toml"])
def test_what_has_changed_is_named(folder, name):
    with open(folder / "own" / name, "a", encoding="utf-8") as file:
        file.write("# another text\n")
    done = explain(folder)
    assert done.returncode == USAGE and f"it was made from {folder / 'own' / name}, which has changed since" in done.stderr, done.stderr
    (folder / "link").symlink_to("own")
    resumed = call(folder, *RUN, "--resume")
    assert resumed.returncode == USAGE and "holds another run" in resumed.stderr, resumed.stderr


def test_another_image_of_the_same_name_is_refused(folder):
    with open(folder / "own" / "Image", "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    done = explain(folder)
    assert done.returncode == USAGE and "the image of kernel mine has sha256" in done.stderr, done.stderr


def test_statistics_verdict_and_report_need_none_of_them(folder):
    shutil.rmtree(folder / "own")
    for command in (["stats", folder / "run"], ["gate", folder / "run", "--policy", folder / "policy.toml"], ["report", folder / "run"]):
        done = call("/", *command)
        assert done.returncode == PASS, done.stderr
