"""loopgate cost over the options that kernels are built with, in a tree that is made up: either of two real kernels."""

import json

import pytest
from bench import long
from conftest import PASS
from made_up_tree import builder, own_builds, tree, write_kernel  # noqa: F401 (fixtures)

ONE_IS_SLOW = 'grep -q ^CONFIG_ONE=y "$O/.config"\n'
NAMES = ("A", "ONE", "BASE", "D")


@pytest.fixture
def cost(loopgate, builder, tmp_path):  # noqa: F811
    def call(*more, to=tmp_path / "to.toml"):
        arguments = ["--load", "idle", "--samples", 200, "--repeat", 4, "--jobs", 2, "--out", tmp_path / "c"]
        done = loopgate("cost", "irq-to-gpio", "--from", tmp_path / "from.toml", "--to", to, *arguments, *more, env=builder)
        path = tmp_path / "c" / "cost.json"
        return done, json.loads(path.read_text()) if path.exists() else None

    return call


def costs(record):
    """The names of the options of each row that is a cost."""
    return [[record["changes"][i]["becomes"] for i in row["changes"]] for row in record["rows"] if abs(row["added"]["ns"]) >= record["least_ns"]]


def test_the_option_that_costs_is_found_and_equal_images_are_measured_once(cost, tree, tmp_path):  # noqa: F811
    (tree / "slow").write_text(ONE_IS_SLOW)
    write_kernel(tmp_path, "from", "CONFIG_SAME=y\n")
    write_kernel(tmp_path, "to", "CONFIG_SAME=y\n" + "".join(f"CONFIG_{name}=y\n" for name in NAMES))
    done, record = cost()
    assert done.returncode == PASS, done.stderr
    assert costs(record) == [["CONFIG_ONE=y"]]
    (row,) = [row for row in record["rows"] if len(row["functions"]) > 0]
    assert row["taken_out"]["ns"] == pytest.approx(row["added"]["ns"])
    measured = [step["name"] for step in record["steps"] if not step["same_as"]]
    assert measured == ["from", "to", "from-again", "to-again"], "there are two images, however many configurations"


@long  # another build
def test_options_that_depend_on_others_go_in_behind_them(cost, tree, tmp_path):  # noqa: F811
    """ONE goes in only with BASE, which comes later; D stays behind without ONE, so that ONE is not taken out alone."""
    (tree / "slow").write_text(ONE_IS_SLOW)
    (tree / "kconfig").write_text('grep -q ^CONFIG_BASE=y "$O/.config" || sed -i /^CONFIG_ONE=/d "$O/.config"\n'
                                  'grep -q ^CONFIG_ONE=y "$O/.config" || sed -i /^CONFIG_D=/d "$O/.config"\n')  # fmt: skip
    write_kernel(tmp_path, "from", "CONFIG_SAME=y\n")
    write_kernel(tmp_path, "to", "CONFIG_SAME=y\n" + "".join(f"CONFIG_{name}=y\n" for name in NAMES))
    done, record = cost("--without-functions")
    assert done.returncode == PASS, done.stderr
    assert costs(record) == [["CONFIG_ONE=y"]], done.stdout
    (row,) = [row for row in record["rows"] if abs(row["added"]["ns"]) >= record["least_ns"]]
    assert row["taken_out"] is None and row["not_taken_out"] == "CONFIG_D=y can't be without it"


@long  # another build
def test_a_package_is_built_again_from_the_first_kernels_sources(cost, tree, tmp_path):  # noqa: F811
    """Its options are told apart, and the rest is what the package itself is."""
    (tree / "slow").write_text('grep -q ^CONFIG_AUDIT=y "$O/.config"\n')
    write_kernel(tmp_path, "from", "CONFIG_SAME=y\n")
    done, record = cost("--option", "CONFIG_AUDIT", "--option", "CONFIG_JUMP_LABEL", "--without-functions", to="preempt-rt")
    assert done.returncode == PASS, done.stderr
    assert {change["becomes"] for change in record["changes"]} == {"CONFIG_AUDIT=y", "CONFIG_JUMP_LABEL=y"}
    assert costs(record) == [["CONFIG_AUDIT=y"]]
    assert record["rows"][-1]["what"].startswith("the rest: preempt-rt as it is, with its sources, compiler and patches, and ")
    assert abs(record["rows"][-1]["added"]["ns"]) < record["least_ns"], "what was built hands out the very package"
    assert {change["kind"] for change in record["left_out"]} >= {"module", "text", "not asked for"}
    assert "options differ and are in no step: " in done.stdout
