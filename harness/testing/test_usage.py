"""Each mistake on the command line of `loopgate run` is refused with exit status 2, in one sentence that names it, before anything is
fetched or booted."""

import re

import pytest

from conftest import ROOT, USAGE

MISTAKES = {
    "no suite": ([], r"suite is required"),
    "no folder": (["irq-to-gpio"], r"--out is required"),
    "unknown suite": (["nothing", "--out", "{out}"], r"nothing"),
    "unknown board": (["irq-to-gpio", "--board", "nothing", "--out", "{out}"], r"nothing"),
    "unknown kernel": (["irq-to-gpio", "--kernel", "nothing", "--out", "{out}"], r"nothing"),
    "unknown load": (["irq-to-gpio", "--load", "nothing", "--out", "{out}"], r"nothing"),
    "kernel twice": (["irq-to-gpio", "--kernel", "generic", "--kernel", "generic", "--out", "{out}"], r"kernel generic is named twice"),
    "load twice": (["irq-to-gpio", "--load", "idle", "--load", "idle", "--out", "{out}"], r"load idle is named twice"),
    "kernel file that is not there": (["irq-to-gpio", "--kernel", "{out}/k.toml", "--out", "{out}"], r"k\.toml"),
    "no samples": (["irq-to-gpio", "--samples", "0", "--out", "{out}"], r"--samples"),
    "no repetition": (["irq-to-gpio", "--repetition", "0", "--out", "{out}"], r"--repetition"),
    "no repeat": (["irq-to-gpio", "--repeat", "0", "--out", "{out}"], r"--repeat"),
    "too many repeats": (["irq-to-gpio", "--repeat", "1001", "--out", "{out}"], r"--repeat"),
    "no jobs": (["irq-to-gpio", "--jobs", "0", "--out", "{out}"], r"--jobs"),
    "negative seed": (["irq-to-gpio", "--seed", "-1", "--out", "{out}"], r"--seed"),
    "seed that is no number": (["irq-to-gpio", "--seed", "x", "--out", "{out}"], r"--seed"),
    "unknown option": (["irq-to-gpio", "--sample", "5", "--out", "{out}"], r"--sample"),
    "unknown word": (["irq-to-gpio", "generic", "--out", "{out}"], r"generic"),
    "folder below a file": (["irq-to-gpio", "--out", "{file}/out"], r"--out .*: no folder can be made in"),
    "folder where none can be made": (["irq-to-gpio", "--out", "/proc/x"], r"--out /proc/x: no folder can be made in /proc"),
    "board that does not provide it": (["inspection", "--board", "{bare}", "--out", "{out}"], r"requires decisions"),
    "several cells at a time on a board": (["irq-to-gpio", "--board", "raspberry-pi-4b", "--lab", "{lab}", "--jobs", "2", "--out", "{out}"],
                                           r"one after the other"),
    "determinism of a board": (["irq-to-gpio", "--board", "raspberry-pi-4b", "--lab", "{lab}", "--verify-determinism", "--out", "{out}"],
                               r"never repeats to the nanosecond"),
    "board without its lab.toml": (["irq-to-gpio", "--board", "raspberry-pi-4b", "--lab", "{out}/lab.toml", "--out", "{out}"], r"lab\.toml"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_a_usage_error_that_names_it(loopgate, tmp_path, name):
    arguments, said = MISTAKES[name]
    file = tmp_path / "file"
    file.write_text("")
    lab = tmp_path / "bench.toml"
    lab.write_text('[raspberry-pi-4b]\nssh = "root@192.0.2.7"\n')
    bare = tmp_path / "bare.toml"  # without the third jumper
    bare.write_text((ROOT / "boards" / "raspberry-pi-4b.toml").read_text().replace(', "decisions"]', "]"))
    out = tmp_path / "out"
    done = loopgate("run", *[argument.format(out=out, file=file, lab=lab, bare=bare) for argument in arguments], limit_s=60)
    assert done.returncode == USAGE, done.stderr
    assert re.search(said, done.stderr), done.stderr
    assert done.stderr.startswith("loopgate: ") and len(done.stderr.splitlines()) <= 3
    assert done.stdout == "" and not out.exists()


def next_step(done):
    assert done.returncode == USAGE, done.stderr
    what, _, step = done.stderr.rstrip("\n").partition("\n  -> ")
    assert what.startswith("loopgate: ") and step, done.stderr
    return what, step


@pytest.mark.parametrize("option, page", [("kernel", "fixtures/kernels/README.md"), ("load", "fixtures/loads/README.md"), ("board", "boards/README.md")])
def test_a_file_that_is_missing_or_wrong_is_refused_with_the_way_out(loopgate, tmp_path, option, page):
    mine = tmp_path / "mine.toml"
    call = ["run", "irq-to-gpio", f"--{option}", mine, "--out", tmp_path / "out"]
    what, step = next_step(loopgate(*call, limit_s=30))
    assert "mine.toml: cannot be read" in what and "loopgate list" in step and page in step
    for text, problem in (("", "is missing"), ("title = \n", "is no valid TOML")):
        mine.write_text(text)
        what, step = next_step(loopgate(*call, limit_s=30))
        assert "mine.toml" in what and problem in what and page in step


def test_a_kernel_file_without_a_source_says_which_there_are(loopgate, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('title = "x"\n')
    what, step = next_step(loopgate("plan", "irq-to-gpio", "--kernel", mine, limit_s=30))
    assert "source is missing" in what and "[source]" in step and "package, deb, image, tree or source_package" in step


def test_a_report_that_is_refused_says_so_as_loopgate_does(loopgate, tmp_path):
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "other").mkdir()
    done = loopgate("report", tmp_path, limit_s=60)
    assert done.returncode != 0 and not re.search(r"^report: ", done.stderr, re.M), done.stderr
    assert done.stderr.startswith("loopgate: ")


@pytest.mark.parametrize("arguments", [["audit", "--json", "/proc/x"], ["explain", "{run}", "--json", "{run}/none/x"], ["report", "{run}", "--out", "/proc/x"],
                                       ["import", "cyclictest", "{run}/x", "--board", "b", "--kernel", "k", "--load", "l", "--out", "/proc/x"]])
def test_a_place_that_takes_no_answer_is_a_usage_error(loopgate, tmp_path, arguments):
    (tmp_path / "run.json").write_text("{}")
    done = loopgate(*[argument.format(run=tmp_path) for argument in arguments], limit_s=60)
    assert done.returncode == USAGE, done.stderr
    assert re.search(r"--(json|out) .*: no (file|folder) can be made in", done.stderr), done.stderr


@pytest.mark.parametrize("command", ["run", "plan", "gate", "stats", "explain", "report", "merge", "history", "bundle", "verify", "accept", "calibrate", "bisect", "cost", "import", "capture latmon"])
def test_who_leaves_something_out_sees_an_example_of_that_command(loopgate, command):
    done = loopgate(*command.split())
    assert done.returncode == USAGE
    assert re.search(rf"-> as in: loopgate {command} \S.*; more by: loopgate {command} --help\n", done.stderr), done.stderr


def test_a_value_that_is_empty_is_refused_by_every_option(loopgate):
    """`--board "$BOARD"` where no such variable is set would be another board than the one that was meant."""
    commands = re.findall(r"^  ([a-z]+) {2,}", loopgate("--help").stdout.partition("Subcommands:")[2], re.MULTILINE)
    assert len(commands) > 15
    tried = 0
    for command in commands:
        for option in re.findall(r"^ +(?:-\w,)?(--[a-z-]+) (?:TEXT|UINT|INT|FLOAT|NUMBER|SECONDS)", loopgate(command, "--help").stdout, re.MULTILINE):
            done = loopgate(command, option, "")
            mistake = 128 + USAGE if option == "--step" else USAGE  # git bisect run ends at it
            assert done.returncode == mistake and done.stderr.startswith(f"loopgate: {option}: "), (command, option, done.stderr)
            tried += 1
    assert tried > 80
