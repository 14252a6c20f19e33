"""What became of the tests: counts, and for each failure why it failed and the line that repeats it alone."""

import pathlib
import shlex
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"
WHY_LINES, WHY_WIDTH = 6, 200  # of a failure, in the closing lines


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.notes = []

    def add(self, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def note(self, text):
        self.notes.append(text)

    def failure(self, name, repeat, why=""):
        """`repeat` is the command that runs what failed, alone, for a shell in the tree's top folder; `why` may have several lines."""
        self.add(0, 1)
        lines = [line.strip()[:WHY_WIDTH] for line in why.splitlines() if line.strip()][:WHY_LINES]
        self.note("\n  ".join([f"failed: {name}", *lines, f"repeat: {shlex.join(str(word) for word in repeat)}"]))


def inside(path):
    """As a person in the tree's top folder writes it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def repeat_ctest(folder, name):
    """The program and its filter, where the name tells them: FOLDER.Suite.Test is Suite.Test of FOLDER_test."""
    prefix, _, test = name.partition(".")
    if test.count(".") == 1 and (folder / f"{prefix}_test").exists():
        return [inside(folder / f"{prefix}_test"), f"--gtest_filter={test}"]
    return ["ctest", "--test-dir", inside(folder), "--output-on-failure", "-R", f"^{name.replace('.', '[.]')}$"]


def repeat_pytest(case):
    """The node id, from JUnit's names: the longest part of `classname` that is a file, then its classes."""
    parts = case.get("classname", "").split(".")
    for length in range(len(parts), 0, -1):
        file = "/".join(parts[:length]) + ".py"
        if (ROOT / file).exists():
            return [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "::".join([file, *parts[length:], case.get("name")])]
    return [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", case.get("name")]


def why_of(case):
    """What the runner says of a failure: pytest the assertion; CTest the program's output, from its first failed expectation or sanitizer's
    report, and its last lines where there is neither."""
    broken = case.find("failure") if case.find("failure") is not None else case.find("error")
    output = case.findtext("system-out") or ""
    for mark in (": Failure\n", "ERROR: ", "runtime error: "):
        if mark in output:
            return output[output.index(mark) + len(mark) :]
    return (broken.get("message") if broken is not None else "") or "\n".join(output.splitlines()[-WHY_LINES:])


def cases_in(path):
    """None where a runner left no file, or one that was cut off."""
    try:
        return list(xml.etree.ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError):
        return []


def count_junit(path, tally, what, repeat, again, prefix=""):
    """Counts what a runner wrote; a runner that left no file, or ran nothing, has failed. `repeat` makes the command of one case, `again` is
    that of the whole runner, `prefix` stands before each name."""
    cases = cases_in(path)
    if not cases:
        tally.failure(f"{what}: ran no test", again)
    for case in cases:
        name = prefix + ".".join(dict.fromkeys([case.get("classname", ""), case.get("name")]))  # CTest gives one name as both
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failure(name, repeat(case), why_of(case))
        elif skipped is not None or case.get("status") in ("notrun", "disabled"):
            tally.add(0, 0, 1)
            reason = skipped.get("message", "") if skipped is not None else ""
            tally.note(f"skipped: {name}: {reason}")
        else:
            tally.add(1, 0)


def step(tally, what, good, repeat):
    if good:
        tally.add(1, 0)
    else:
        tally.failure(what, repeat)
    return good


def judge_test_program(tally, folder, program, results):
    """A program that crashed left no results; a leak that is found at its end is no test's."""
    name, before = program.get("name"), tally.failed
    again = [inside(folder / f"{name}_test")]
    if results.exists():
        count_junit(results, tally, name, lambda case: repeat_ctest(folder, f"{name}.{case.get('classname')}.{case.get('name')}"), again, f"{name}.")
    broken = program.find("failure") is not None or program.get("status") != "run" or not results.exists()
    if broken and tally.failed == before:
        tally.failure(f"{name}_test{last_test_of(program)}", again, why_of(program))


def last_test_of(program):
    """The one that it was running when it ended."""
    begun = [line for line in (program.findtext("system-out") or "").splitlines() if line.startswith("[ RUN      ]")]
    return f", in {begun[-1].split()[-1]}" if begun else ""
