"""The script's refusals, and that the shipped model, its digest and its card speak of the same file. Nothing is trained here."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys

import pytest

MODEL = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(MODEL))
import recipe


def call(*arguments, **environment):
    argv = [str(MODEL / "train"), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment})


def refused(done, status, *words):
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr.strip().splitlines()[-1]


@pytest.fixture
def shipped(tmp_path):
    """A copy to break."""
    for name in ("scratch.onnx", "model_card.json"):
        (tmp_path / name).write_bytes((MODEL / name).read_bytes())
    return tmp_path


def test_the_card_and_the_digest_are_of_the_shipped_file():
    data = (MODEL / "scratch.onnx").read_bytes()
    card = json.loads((MODEL / "model_card.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(data).hexdigest()
    assert card["sha256"] == digest
    assert (MODEL / "scratch.onnx.sha256").read_text(encoding="utf-8") == f"{digest}  scratch.onnx\n"
    assert card["bytes"] == len(data) <= recipe.SIZE_LIMIT


def test_the_shipped_model_is_of_this_recipe_and_good_enough():
    card = json.loads((MODEL / "model_card.json").read_text(encoding="utf-8"))
    assert card["sets"] == recipe.SETS
    assert card["epochs"] == recipe.EPOCHS
    assert card["int8"]["accuracy"] >= recipe.ACCURACY_WANTED
    confusion = card["int8"]["confusion"]
    assert sum(confusion.values()) == recipe.SETS["test"]["count"]
    right = confusion["NG as NG"] + confusion["OK as OK"]
    assert card["int8"]["accuracy"] == round(right / sum(confusion.values()), 5)


@pytest.mark.parametrize("quick", [False, True])
def test_no_part_is_in_two_sets(quick):
    ranges = sorted((one["first_seed"], one["first_seed"] + one["count"]) for one in recipe.sets(quick).values())
    assert all(before[1] <= after[0] for before, after in zip(ranges, ranges[1:]))


def test_help_has_an_example():
    done = call("--help")
    assert done.returncode == 0
    assert "Example: reference-app/model/train" in done.stdout


def test_quick_does_not_overwrite_the_shipped_model():
    refused(call("--quick"), 2, "--out")


def test_a_folder_that_is_not_there(tmp_path):
    refused(call("--evaluate-only", "--out", tmp_path / "none"), 2, "none: no such folder")


def test_an_altered_model(shipped, tmp_path):
    with open(shipped / "scratch.onnx", "ab") as file:
        file.write(b"x")
    refused(call("--evaluate-only", "--out", shipped, LOOPGATE_CACHE=str(tmp_path / "cache")), 2, "scratch.onnx", "not the file")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"sha256": 1}'])
def test_a_card_that_is_none(shipped, tmp_path, text):
    (shipped / "model_card.json").write_text(text, encoding="utf-8")
    refused(call("--evaluate-only", "--out", shipped, LOOPGATE_CACHE=str(tmp_path / "cache")), 2, "model_card.json")


def test_a_missing_model(shipped, tmp_path):
    (shipped / "scratch.onnx").unlink()
    refused(call("--evaluate-only", "--out", shipped, LOOPGATE_CACHE=str(tmp_path / "cache")), 3, "scratch.onnx")


def test_a_compiler_that_fails(tmp_path):
    done = call("--quick", "--out", tmp_path, CXX="false", LOOPGATE_CACHE=str(tmp_path / "cache"))
    refused(done, 3, "render_parts cannot be built")
    assert not (tmp_path / "scratch.onnx").exists()
