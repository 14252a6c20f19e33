"""loopgate bisect over kernels that are really compiled: what is planted in Linux's own sources is found."""

import json
import shutil

import pytest
from bench import long
from conftest import PASS, ROOT
from planted_history import BROKEN, COMMITS, SLOW, History, sources_in_cache

NEEDED = ("clang-19", "ld.lld-19", "llvm-objcopy-19", "make", "flex", "bison", "bc", "git")
FRAGMENTS = ["virtual-bench.config", "models.config", "preempt-voluntary.config"]
LIMIT_S = 8 * 3600  # with nothing compiled before, on two slow cores
ENDS = ("good", "bad")


@pytest.fixture(scope="module")
def history():
    lacking = [tool for tool in NEEDED if shutil.which(tool) is None]
    if lacking:
        pytest.skip(f"{lacking[0]} is not installed: ci/setup --with-kernels")
    sources = sources_in_cache()
    if sources is None:
        pytest.skip("no sources of Linux 6.12 are in the cache: loopgate kernel build trimmed-rt fetches them")
    return History(sources)


@pytest.fixture
def bisect(loopgate, history, tmp_path):
    def write(name, commit, options):
        (tmp_path / f"{name}.config").write_text("# Beside the fragments\n" + "".join(f"{option}=y\n" for option in options))
        fragments = [str(ROOT / "fixtures/kernels/fragments" / each) for each in FRAGMENTS] + [f"{name}.config"]
        source = f'tree = "{history.tree}"\ncommit = "{history.commits[commit]}"\nbase = "tinyconfig"\nfragments = {json.dumps(fragments)}\narchitecture = "arm64"\n'
        (tmp_path / f"{name}.toml").write_text(f'title = "{name}"\n[source]\n{source}')
        return tmp_path / f"{name}.toml"

    def call(good, bad, options):
        ends = ["--good", write("good", good, []), "--bad", write("bad", bad, options)]
        done = loopgate("bisect", "irq-to-gpio", *ends, "--load", "idle", "--samples", 200, "--repeat", 4, "--jobs", 2, "--out", tmp_path / "b", limit_s=LIMIT_S)
        assert done.returncode == PASS, done.stderr + done.stdout
        record = json.loads((tmp_path / "b" / "bisect.json").read_text())
        for step in record["steps"]:
            print(f"{step['total_s']:7.1f} s  {step['result']:11s}  {step['name']:4s}  {step['what']}  {step['same_as']}")
        return record

    return call


def seen(record, name):
    """Its p50, as a part of the good end's."""
    return next(step["seen"] for step in record["steps"] if step["name"] == name)


@long
def test_a_commit_of_64_is_found_with_the_option_that_it_stands_behind(bisect, history):
    """It adds 2 us with interrupts off to each interrupt; three of the others do not build."""
    before = history.git("status", "--porcelain"), history.git("rev-parse", "HEAD")
    record = bisect(0, COMMITS, ["CONFIG_PLANTED_COUNT"])
    answer = record["answer"]
    assert answer["commits"] == [history.commits[SLOW]]
    assert [record["changes"][i]["kind"] for i in answer["changes"]] == ["commits", "option"]
    assert record["changes"][answer["changes"][1]]["becomes"] == "CONFIG_PLANTED_COUNT=y"
    assert answer["sure"] and answer["taken_back"] == "good"
    assert 1.2 < seen(record, "bad") < 1.5
    between = [step for step in record["steps"] if step["name"] not in ENDS and not step["reverted"]]
    built = [step for step in between if step["result"] != "cannot test"]
    assert len(built) <= 8, "six halvings, the commits without the option, and the option without the commits"
    for step in between:
        if step["result"] == "cannot test":
            assert step["commit"] in [history.commits[i] for i in BROKEN] and "planted_missing" in step["why"]
    assert (history.git("status", "--porcelain"), history.git("rev-parse", "HEAD")) == before


@long
def test_a_pair_of_options_that_only_together_cost_is_found_as_a_pair(bisect):
    """5 us with interrupts off in each interrupt, in a kernel that has both; CRC7 is a real option, and no cost."""
    record = bisect(COMMITS, COMMITS, ["CONFIG_PLANTED_ONE", "CONFIG_CRC7", "CONFIG_PLANTED_TWO"])
    answer = record["answer"]
    assert [record["changes"][i]["becomes"] for i in answer["changes"]] == ["CONFIG_PLANTED_ONE=y", "CONFIG_PLANTED_TWO=y"]
    assert answer["sure"] and answer["taken_back"] == "good"
    assert 1.6 < seen(record, "bad") < 2.1
