"""`loopgate explain --program`: the instructions between a program's marks, by function, of a run that is made again and leaves the same."""

import json
import shutil

import pytest
from bench import LONG, long
from conftest import INVALID, PASS, USAGE

# Those that are timed as a whole, in the suite's order with those of which a part is; the long ones are counted in the same way.
PROGRAMS = ["null-call", "switch-pipe", "pi-mutex-inherit", *(["nanosleep-fifo", "page-fault"] if LONG else [])]
TIME_A_PART = ["pi-mutex-inherit", "nanosleep-fifo"]  # of each iteration; the others all of it
CELLS = ["preempt-rt.idle", "generic.idle"]


@pytest.fixture(scope="module")
def measured(loopgate, tmp_path_factory):
    """Some primitives on two kernels, measured once for all tests here; they only read it."""
    path = tmp_path_factory.mktemp("paths") / "run"
    some = [word for name in PROGRAMS for word in ("--program", name)]
    done = loopgate("run", "primitives", *some, "--kernel", "generic", "--kernel", "preempt-rt", "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return path


def explain(loopgate, run, program, out, *more):
    done = loopgate("explain", run, "--program", program, "--kernel", "preempt-rt", "--against", "generic", "--json", out, *more)
    assert done.returncode == PASS, done.stderr
    (path,) = json.loads(out.read_text())["paths"]
    return path, done.stdout


@pytest.fixture(scope="module")
def explained(loopgate, measured, tmp_path_factory):
    """(path, screen) of each program."""
    folder = tmp_path_factory.mktemp("explained")
    return {program: explain(loopgate, measured, program, folder / f"{program}.json") for program in PROGRAMS}


def figure(run, cell, program, name):
    programs = json.loads((run / "cells" / cell / "programs.json").read_text())["programs"]
    (found,) = [one for one in programs if one["name"] == program]
    return next(one["value"] for one in found["figures"] if one["name"] == name)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_nanosecond_of_the_window_is_an_instruction_or_idle(explained, program):
    path, _ = explained[program]
    for side in ("here", "against"):
        cell = path[side]
        assert cell["instructions"] + cell["idle_ns"] == cell["window_ns"]
        assert sum(function[side] for function in path["functions"]) == cell["instructions"]
        whose = cell["whose"]
        assert sum(whose["other_tasks"].values()) + sum(whose[key] for key in ("user_space", "kernel", "interrupts", "idle_task")) == cell["instructions"]


def clock_step(run, cell, program):
    programs = json.loads((run / "cells" / cell / "programs.json").read_text())["programs"]
    return next(one["histogram"]["resolution_ns"] for one in programs if one["name"] == program)


def counted_each(path, side):
    """By the table's own rows: the sum of the functions, and the time in which nothing ran."""
    return (sum(function[side] for function in path["functions"]) + path[side]["idle_ns"]) / path[side]["iterations"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_path_is_what_the_figure_is_of(measured, explained, program):
    """The figure has one instruction more, its end mark's: of each timed part, or of all iterations together. Its clock's steps are all
    that may be between the two besides."""
    path, screen = explained[program]
    means, steps = [], 0
    for side, cell in zip(("here", "against"), CELLS):
        seen = path[side]
        assert seen["cell"] == cell
        assert seen["iterations"] == figure(measured, cell, program, "iterations")
        assert seen["timed_parts"] == (seen["iterations"] if program in TIME_A_PART else 0)
        times = 1 if program in TIME_A_PART else 1 / seen["iterations"]
        mean, step = figure(measured, cell, program, "mean"), clock_step(measured, cell, program)
        assert mean - counted_each(path, side) == pytest.approx(times, abs=step * times + 1e-6 * mean), cell
        assert (seen["figure"]["mean_ns"], seen["figure"]["agrees"]) == (mean, True)
        assert f"{cell}: the figure is what was counted" in screen and "NOT" not in screen
        means.append(mean)
        steps += step * times + 1e-6 * mean
    assert counted_each(path, "here") - counted_each(path, "against") == pytest.approx(means[0] - means[1], abs=steps)


def test_what_prepares_a_timed_part_is_counted_and_not_in_the_path(explained):
    """To wake the two other tasks and let them run takes longer than the steps of the clock by far."""
    path, screen = explained["pi-mutex-inherit"]
    for side in ("here", "against"):
        assert path[side]["outside_instructions"] > 1_000 * path[side]["iterations"]
    assert "prepares and cleans up, not in the figure" in screen
    path, screen = explained["null-call"]
    assert path["here"]["outside_instructions"] == path["against"]["outside_instructions"] == 0
    assert "prepares and cleans up" not in screen


@long
def test_a_sleep_counts_from_when_it_is_due(explained):
    """Nearly all of the millisecond before is without an instruction, and is not in the figure."""
    path, _ = explained["nanosleep-fifo"]
    for side in ("here", "against"):
        assert path[side]["outside_idle_ns"] > 800_000 * path[side]["iterations"]
        assert path[side]["idle_ns"] < 100 * path[side]["iterations"]


def test_the_functions_that_make_the_difference_are_named(explained):
    path, screen = explained["switch-pipe"]
    more = [function["here"] / path["here"]["iterations"] - function["against"] / path["against"]["iterations"] for function in path["functions"]]
    assert [abs(each) for each in more] == sorted(map(abs, more), reverse=True)
    names = {function["name"] for function in path["functions"]}
    assert {"pipe_write", "pipe_read", "__schedule"} <= {name.removeprefix("anon_") for name in names}, sorted(names)
    assert path["functions"][0]["name"] in path["why"]
    assert screen.startswith(path["why"])
    assert path["why"].startswith("switch-pipe: preempt-rt ") and " instructions an iteration, generic " in path["why"]
    assert not any(name.startswith("0xffff") for name in names), "a kernel address without a name"


def test_the_same_twice_and_the_measured_run_is_left_alone(loopgate, measured, explained, tmp_path):
    before = (measured / "cells" / "generic.idle" / "programs.json").read_bytes()
    again, screen = explain(loopgate, measured, "null-call", tmp_path / "again.json")
    assert (again, screen.splitlines()[:-1]) == (explained["null-call"][0], explained["null-call"][1].splitlines()[:-1])
    assert (measured / "cells" / "generic.idle" / "programs.json").read_bytes() == before
    kept = json.loads((measured / "paths.json").read_text())["paths"]
    assert sorted(path["program"] for path in kept) == sorted(PROGRAMS), "another program's answer was lost"


# --- bad input ---


def refused(loopgate, run, *arguments, status=USAGE):
    done = loopgate("explain", run, *arguments)
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stderr


def test_an_unknown_program_is_refused_with_the_known_ones(loopgate, measured):
    assert ", ".join(PROGRAMS) in refused(loopgate, measured, "--program", "nothing", "--kernel", "generic")


def test_samples_and_several_kernels_are_refused(loopgate, measured):
    assert "--worst, --sample and --phases" in refused(loopgate, measured, "--program", "null-call", "--kernel", "generic", "--phases")
    assert "generic, preempt-rt" in refused(loopgate, measured, "--program", "null-call")
    assert "the explained cell itself" in refused(loopgate, measured, "--program", "null-call", "--kernel", "generic", "--against", "generic")


@pytest.fixture
def copy(measured, tmp_path):
    shutil.copytree(measured, tmp_path / "copy", ignore=shutil.ignore_patterns("paths.json"))
    return tmp_path / "copy"


def test_wall_clock_time_is_refused(loopgate, copy):
    run = json.loads((copy / "run.json").read_text())
    run["time_base"] = "wall"
    (copy / "run.json").write_text(json.dumps(run))
    assert "wall-clock time, which does not repeat" in refused(loopgate, copy, "--program", "null-call", "--kernel", "generic")


def test_what_a_program_left_and_was_altered_is_refused(loopgate, copy):
    left = copy / "cells" / "generic.idle" / "programs" / "null-call.json"
    left.write_text(left.read_text().replace("exited 0", "exited 1"))
    assert "was altered" in refused(loopgate, copy, "--program", "null-call", "--kernel", "generic", status=INVALID)
    assert not (copy / "paths.json").exists()


def test_a_program_without_marks_is_refused(loopgate, tmp_path):
    run = tmp_path / "run"
    done = loopgate("run", "rt-tests", "--program", "pip_stress", "--program", "cyclictest", "--kernel", "generic", "--load", "idle", "--out", run)
    assert done.returncode == PASS, done.stderr
    for program in ("cyclictest", "pip_stress"):
        assert f"{program} has no marks" in refused(loopgate, run, "--program", program)
    assert not (run / "paths.json").exists()


def test_a_run_without_programs_is_refused(loopgate, tmp_path):
    run = tmp_path / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", 20, "--out", run)
    assert done.returncode == PASS, done.stderr
    assert "holds no programs that measured alone" in refused(loopgate, run, "--program", "null-call", "--kernel", "generic")
