"""loopgate bisect over what kernels are built of, in a tree that is made up."""

import json
import subprocess

import pytest
from bench import long
from conftest import PASS, USAGE
from made_up_tree import builder, own_builds, tree, write_kernel  # noqa: F401 (fixtures)

PAIR = 'grep -q ^CONFIG_ONE=y "$O/.config" && grep -q ^CONFIG_TWO=y "$O/.config"\n'


@pytest.fixture
def bisect(loopgate, tree, builder, tmp_path):
    def call(out="b"):
        arguments = ["--load", "idle", "--samples", 200, "--repeat", 4, "--jobs", 2, "--out", tmp_path / out]
        done = loopgate("bisect", "irq-to-gpio", "--good", tmp_path / "good.toml", "--bad", tmp_path / "bad.toml", *arguments, env=builder)
        path = tmp_path / out / "bisect.json"
        return done, json.loads(path.read_text()) if path.exists() else None

    return call


def test_a_pair_of_options_is_found_and_equal_images_are_measured_once(bisect, tree, tmp_path):
    (tree / "slow").write_text(PAIR)
    write_kernel(tmp_path, "good", "CONFIG_SAME=y\n")
    write_kernel(tmp_path, "bad", "CONFIG_SAME=y\n" + "".join(f"CONFIG_{name}=y\n" for name in ("A", "ONE", "B", "TWO")))
    done, record = bisect()
    assert done.returncode == PASS, done.stderr
    assert [record["changes"][i]["becomes"] for i in record["answer"]["changes"]] == ["CONFIG_ONE=y", "CONFIG_TWO=y"]
    assert record["answer"]["sure"]
    measured = [step["name"] for step in record["steps"] if not step["same_as"]]
    assert measured == ["good", "bad"], "there are two images, however many configurations"
    assert (tmp_path / "b" / "1" / "candidate.config").exists()


@long
def test_a_configuration_that_does_not_build_is_no_judgement(bisect, tree, tmp_path):
    (tree / "slow").write_text('grep -q ^CONFIG_ONE=y "$O/.config"\n')
    (tree / "compile").write_text('if grep -q ^CONFIG_ONE=y "$O/.config" && ! grep -q ^CONFIG_TWO=y "$O/.config"; then echo error: needs two >&2; exit 1; fi\n')
    write_kernel(tmp_path, "good", "CONFIG_SAME=y\n")
    write_kernel(tmp_path, "bad", "CONFIG_SAME=y\nCONFIG_ONE=y\nCONFIG_TWO=y\n")
    done, record = bisect()
    assert done.returncode == 4, done.stderr
    untested = [step for step in record["steps"] if step["result"] == "cannot test"]
    assert untested and "error: needs two" in untested[0]["why"]
    assert record["answer"]["not_shown_needed"] == [1]
    assert "Not shown to be needed, since the rest could not be judged without it: option CONFIG_TWO=y." in done.stdout


def test_an_end_that_does_not_build_is_refused(bisect, tree, tmp_path):
    (tree / "compile").write_text('if grep -q ^CONFIG_ONE=y "$O/.config"; then echo error: broken >&2; exit 1; fi\n')
    write_kernel(tmp_path, "good", "CONFIG_SAME=y\n")
    write_kernel(tmp_path, "bad", "CONFIG_ONE=y\n")
    done, record = bisect()
    assert done.returncode == USAGE and "error: broken" in done.stderr
    assert [step["name"] for step in record["steps"]] == ["good"]


def git(folder, *arguments):
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, "-C", folder, *arguments], capture_output=True, text=True, timeout=60, check=True).stdout.strip()


@pytest.fixture
def history(tree):
    """64 commits after the first, of which one makes the kernel slow behind an option and brings another that does so, too, one does not build,
    and two have not what both ends ask for; gives all 65."""
    git(tree, "init", "-q")
    commits = []
    for i in range(65):
        (tree / f"init/{i}").write_text(f"{i}\n")
        if i == 41:
            (tree / "slow").write_text('grep -qE "^CONFIG_(ONE|BROUGHT)=y" "$O/.config"\n')
            (tree / "Kconfig").write_text((tree / "Kconfig").read_text() + 'config BROUGHT\n\tbool "brought"\n')
        (tree / "compile").write_text("echo error: half a change >&2; exit 1\n" if i == 48 else "true\n")
        if i in (31, 33):
            (tree / "Kconfig").write_text((tree / "Kconfig").read_text().replace(*(("SAME", "OTHER") if i == 31 else ("OTHER", "SAME"))))
        git(tree, "add", "-A")
        git(tree, "commit", "-q", "-m", f"commit {i}")
        commits.append(git(tree, "rev-parse", "HEAD"))
    return commits


def write_commit(folder, name, fragment, commit):
    write_kernel(folder, name, fragment)
    text = (folder / f"{name}.toml").read_text()
    (folder / f"{name}.toml").write_text(text.replace('tree = "linux"', f'tree = "linux"\ncommit = "{commit}"'))


@pytest.mark.parametrize("option", [pytest.param("CONFIG_ONE=y", marks=long), "CONFIG_BROUGHT=y"])
def test_a_commit_of_64_is_found_with_the_option_that_it_stands_behind_or_brings(bisect, tree, history, tmp_path, option):
    """A commit before the one that brings the option is judged without it, and no commit that cannot be tested."""
    write_commit(tmp_path, "good", "CONFIG_SAME=y\n", history[0])
    write_commit(tmp_path, "bad", f"CONFIG_SAME=y\n{option}\n", history[64])
    before = git(tree, "status", "--porcelain"), git(tree, "rev-parse", "HEAD"), git(tree, "for-each-ref")
    done, record = bisect()
    assert done.returncode == PASS, done.stderr
    assert record["answer"]["commits"] == [history[41]]
    assert [record["changes"][i]["kind"] for i in record["answer"]["changes"]] == ["commits", "option"]
    assert record["answer"]["taken_back"] == "good"
    assert [step["name"] for step in record["steps"] if not step["same_as"] and step["result"] != "cannot test"] == ["good", "bad"]
    halves = [step for step in record["steps"] if step["commit"]]
    assert len(halves) <= 9, "six, and one for each that does not build"
    for step in halves:
        brought = history.index(step["commit"]) >= 41
        built = step["result"] != "cannot test"  # one that cannot be tested says why, and may have been built
        assert ("left out since its sources have no such option: CONFIG_BROUGHT=y" in step["what"]) == (not brought and option == "CONFIG_BROUGHT=y") or not built, step
    untested = {history.index(step["commit"]): step["why"] for step in halves if step["result"] == "cannot test"}
    assert set(untested) <= {31, 32, 48} and set(untested) & {31, 32}
    for index, why in untested.items():
        assert ("error: half a change" if index == 48 else "its sources have no CONFIG_SAME=y, which both ends have") in why
    assert (git(tree, "status", "--porcelain"), git(tree, "rev-parse", "HEAD"), git(tree, "for-each-ref")) == before


def test_local_changes_and_strange_commits_are_refused_and_nothing_is_touched(bisect, tree, history, tmp_path):
    write_commit(tmp_path, "good", "CONFIG_SAME=y\n", history[64])
    write_commit(tmp_path, "bad", "CONFIG_SAME=y\n", history[0])
    done, _ = bisect()
    assert done.returncode == USAGE and "is no ancestor of commit" in done.stderr
    (tree / "slow").write_text("local\n")
    done, record = bisect()
    assert done.returncode == USAGE and "has local changes" in done.stderr and record is None
    assert (tree / "slow").read_text() == "local\n"
