"""What the README.md files say is true: links lead somewhere, examples are taken by the product's own readers, commands have the options
that they are shown with, and the maps name what is there. Measures nothing and starts no QEMU."""

import os
import re
import runpy
import shlex
import shutil
import subprocess

import pytest
from conftest import BUILD, INVALID, ROOT, USAGE

SKIPPED = {"build", "runs", ".git", ".ci"}
PAGES = sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts) and "build" not in str(path.relative_to(ROOT).parts[0]))
PAGE_NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MISSING_KERNEL = 'title = "no image"\n[source]\nimage = "/nonexistent/Image"\n'


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(language):
    """(page, text) of each fenced block of that language."""
    return [(name, text) for name in PAGE_NAMES for kind, text in FENCE.findall(text_of(name)) if kind == language]


def prose_of(name):
    """A page without its fenced blocks and its indented ones."""
    return re.sub(r"^    .*$", "", FENCE.sub("", text_of(name)), flags=re.MULTILINE)


# --- Form -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, lines, columns", [("README.md", 110, 100), ("CONTRIBUTING.md", 140, 120)])
def test_what_everybody_reads_is_short(name, lines, columns):
    text = text_of(name).splitlines()
    assert len(text) <= lines
    assert [line for line in text if len(line) > columns] == []


def test_the_figures_of_the_readme_have_a_place_that_the_quickstart_fills():
    pages = {"README.md": {"irq-to-gpio": "suite irq-to-gpio ", "kernels": "suites irq-to-gpio, primitives "},
             "reference-app/README.md": {"inspection": "suite inspection "}}  # fmt: skip
    for page, tables in pages.items():
        text = text_of(page)
        for name, heading in tables.items():
            found = re.findall(rf"<!-- figures: {name} -->\n```\n(.*?)```\n<!-- /figures -->", text, re.DOTALL)
            assert len(found) == 1
            assert heading in found[0] and "preempt-rt" in found[0]
        assert text.count("<!-- figures:") == text.count("<!-- /figures -->") == len(tables)


# --- Links and paths --------------------------------------------------------------------------------------------------------------


def anchors_of(path):
    heads = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_links_lead_somewhere(name):
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(name)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = folder / path if path else ROOT / name
        assert there.exists(), f"{name}: {target}"
        if anchor:
            assert anchor in anchors_of(there), f"{name}: {target}"


# What a page may name in backticks without its being in the tree: files of a run, of the user's and of a board.
ELSEWHERE = re.compile(r"^(/|~|runs/|build/|bench/|cells/|health/|RUN/|suites/(NAME|mine|plain-answer)|fixtures/loads/programs/my_load|lib/modules|target-|report/|subsys/|samples/|path/|my-)|[{}…<>]|NAME|explain-N|lab\.toml")


def is_there(word, folder):
    bases = (ROOT, folder, ROOT / "harness", ROOT / "reference-app")
    names = (word.rstrip("/"), word + ".h")  # `engine/network`: header and source
    return any(any(base.glob(name)) if "*" in name else (base / name).exists() for base in bases for name in names)


@pytest.mark.parametrize("name", [name for name in PAGE_NAMES if name != "CHANGELOG.md"])  # which names what was
def test_paths_that_are_named_are_there(name):
    folder = (ROOT / name).parent
    prose = prose_of(name)
    if name == "harness/README.md":  # its last section is about what is not there yet
        prose = prose[: prose.index("## What comes next")]
    for word in re.findall(r"`([\w./*-]+/[\w./*-]*)`", prose):
        assert ELSEWHERE.search(word) or is_there(word, folder), f"{name}: {word}"


def test_the_layout_in_contributing_is_the_tree():
    listed = FENCE.search(text_of("CONTRIBUTING.md")).group(2)
    stack, paths = [], []
    for line in listed.splitlines():
        found = re.match(r"( *)([\w-]+)/", line)
        depth = len(found.group(1)) // 2
        stack = [*stack[:depth], found.group(2)]
        paths.append("/".join(stack))
    assert [path for path in paths if not (ROOT / path).is_dir()] == []
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    there = {file.split("/")[0] for file in tracked if "/" in file and not file.startswith(".")}
    there |= {"/".join(file.split("/")[:2]) for file in tracked if file.startswith("fixtures/") and file.count("/") > 1}
    assert there - set(paths) == set()


# --- Examples ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what `list` reads, for the examples to stand in."""
    root = tmp_path_factory.mktemp("tree")
    for folder in ("boards", "suites", "fixtures"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "reference-app").symlink_to(ROOT / "reference-app")
    (root / "no-image.toml").write_text(MISSING_KERNEL)
    return root


def call(root, *arguments):
    environment = {**os.environ, "LOOPGATE_ROOT": str(root)}
    argv = [str(BUILD / "loopgate"), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment, check=False)


def accepted(root, *arguments):
    """`plan` has read everything that stands in files, once the kernel's image is what it lacks."""
    done = call(root, "plan", *arguments, "--kernel", root / "no-image.toml")
    assert done.returncode in (USAGE, INVALID)
    # A build without the target's programs says so next, and never gets to the image.
    assert "/nonexistent/Image: cannot be read" in done.stderr or "programs are not built" in done.stderr, done.stderr


TOML_BLOCKS = [(page, text) for page, text in blocks("toml")]
TOML_NAMES = [re.match(r"# (\S+)", text).group(1) if text.startswith("# ") else "" for _, text in TOML_BLOCKS]


def test_there_are_examples_and_each_names_its_file():
    assert len(TOML_BLOCKS) >= 12
    assert "" not in TOML_NAMES
    assert len(set(TOML_NAMES)) == len(TOML_NAMES)


@pytest.mark.parametrize("page, text", TOML_BLOCKS, ids=TOML_NAMES)
def test_a_toml_example_is_taken_by_the_products_own_reader(tree, page, text):
    name = text.split("\n", 1)[0].removeprefix("# ")
    kind = name.split("/")[0] if not name.startswith("fixtures/") else name.split("/")[1]
    if kind == "audit":
        rules = re.sub(r"(?s)^\[\[rule\]\].*", "", text_of(name), count=1, flags=re.MULTILINE) + text
        (tree / "rules.toml").write_text(rules)
        done = call(tree, "audit", "--rules", tree / "rules.toml", "--facts", ROOT / "fixtures/recordings/audit/generic-untuned.facts")
        assert done.returncode != USAGE, done.stderr
        return
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = path.read_text() if path.exists() else None
    path.write_text(text)
    try:
        hold_against_reader(tree, kind, path)
    finally:
        path.unlink()
        if kept is not None:
            path.write_text(kept)
        elif kind == "suites" and not any(path.parent.iterdir()):
            path.parent.rmdir()


def hold_against_reader(tree, kind, path):
    if kind == "lab.toml":
        accepted(tree, "irq-to-gpio", "--board", "raspberry-pi-4b", "--load", "idle", "--lab", path)
        accepted(tree, "irq-to-gpio", "--board", "jetson-nano", "--load", "idle", "--lab", path)
    elif kind == "suites" and path.name == "suite.toml":
        accepted(tree, path.parent.name)
    elif kind == "suites":
        # The policy is read before the run, whose damage is found only then.
        (tree / "damaged-run").mkdir(exist_ok=True)
        (tree / "damaged-run/run.json").write_text("{}")
        done = call(tree, "gate", tree / "damaged-run", "--policy", path)
        assert done.returncode == INVALID and "run.json: format is missing" in done.stderr, done.stderr
    else:
        assert kind in ("boards", "kernels", "loads")
        done = call(tree, "list")
        title = re.search(r'^title = "(.*)"', path.read_text(), re.MULTILINE).group(1)
        line = next(line for line in done.stdout.splitlines() if line.startswith(f"  {path.stem} "))
        assert line.endswith(title), line


@pytest.mark.parametrize("name", ["fixtures/loads/pipes.toml", "suites/plain-answer/suite.toml", "suites/plain-answer/release-on-board.toml", "boards/my-board.toml"])
def test_an_example_that_is_wrong_would_be_found(tree, name):
    page, text = TOML_BLOCKS[TOML_NAMES.index(name)]
    with pytest.raises(AssertionError, match="unknown key"):
        test_a_toml_example_is_taken_by_the_products_own_reader(tree, page, text + "nonsense = 1\n")


def test_no_language_of_a_block_escapes():
    """A block of another language needs a test of its own. JSON and Python of harness/record are run by reports/tests."""
    assert {kind for name in PAGE_NAMES for kind, _ in FENCE.findall(text_of(name))} <= {"", "text", "toml", "sh", "json", "python"}
    # C++ is shown by compiled files: fixtures/examples/.
    assert blocks("cpp") == []


# --- Commands ---------------------------------------------------------------------------------------------------------------------


def shell_lines():
    """(page, words) of each command in the sh blocks, and of each `loopgate …` in the text."""
    for page, text in blocks("sh"):
        text = re.sub(r"\s#\s.*$|^#.*$", "", text.replace("\\\n", " "), flags=re.MULTILINE)
        text = re.sub(r"'[^']*'|\"[^\"]*\"", "QUOTED", text)  # what a quoted word says is another machine's
        for command in re.split(r"&&|\||\n", text):
            if command.strip():
                yield page, shlex.split(command)
    for page in PAGE_NAMES:
        for command in re.findall(r"`((?:build/)?loopgate [a-z][^`]*)`", prose_of(page)):
            for part in re.split(r"&&|\\\|", command):
                yield page, part.split()


COMMANDS = list(shell_lines())


@pytest.fixture(scope="module")
def help_of(tree):
    known = {}

    def options(*subcommand):
        if subcommand not in known:
            done = call(tree, *subcommand, "--help")
            known[subcommand] = (done.returncode == 0, set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", done.stdout)))
        return known[subcommand]

    return options


def test_every_loopgate_command_has_the_options_that_it_is_shown_with(help_of):
    seen = 0
    for page, words in COMMANDS:
        words = words[1:] if words[0] == "sudo" else words
        if words[0] not in ("build/loopgate", "loopgate"):
            continue
        subcommand = words[1:3] if words[1] in ("capture", "kernel") and len(words) > 2 else words[1:2]
        there, options = help_of(*[word.rstrip(":,") for word in subcommand])
        assert there, f"{page}: {' '.join(words)}"
        for word in words[2:]:
            if word.startswith("-"):
                assert word.split("=")[0] in options | {"--help"}, f"{page}: {' '.join(words)}: {word}"
        seen += 1
    assert seen > 20


def test_options_named_in_the_text_are_known_to_some_command(help_of):
    """`gate --compare-order RUN`, `--resume`: in the pages of the program's commands."""
    subcommands = [("doctor",), ("list",), ("plan",), ("run",), ("merge",), ("gate",), ("bundle",), ("accept",), ("verify",), ("stats",), ("import",), ("explain",), ("sections",), ("bound",), ("hunt",), ("report",), ("audit",), ("calibrate",), ("bisect",), ("cost",), ("kernel", "build"), ("capture", "latmon"), ("capture", "sigrok")]
    known = set().union(*(help_of(*each)[1] for each in subcommands))
    for page in ("README.md", "suites/README.md", "boards/README.md", "harness/explain/README.md", "harness/analysis/README.md", "harness/bisect/README.md", "harness/hunt/README.md"):
        for quoted in re.findall(r"`((?:[a-z]+ )?--[a-z][^`]*)`", prose_of(page)):
            for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", quoted):
                assert option in known or "build" in quoted, f"{page}: {quoted}"


def test_every_script_that_a_page_calls_is_there_and_has_its_options():
    helped = {}
    for page, words in COMMANDS:
        program = words[0].removeprefix("./")
        if not program.startswith(("ci/", "fixtures/", "reference-app/", "reports/")):
            continue
        assert os.access(ROOT / program, os.X_OK), f"{page}: {program}"
        options = [word.split("=")[0] for word in words[1:] if word.startswith("--")]
        if not options:
            continue
        if program not in helped:
            helped[program] = text_of(program)
            if program == "ci/test":
                helped[program] += text_of("ci/run_tests.py")
        for option in options:
            assert option in helped[program], f"{page}: {' '.join(words)}"


def test_every_test_and_target_that_a_page_names_is_there():
    cmake = "".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("harness/**/CMakeLists.txt"), *ROOT.glob("harness/**/*.cmake"), ROOT / "CMakeLists.txt"])
    for page, words in COMMANDS:
        if "--target" in words:
            assert words[words.index("--target") + 1] in cmake, f"{page}: {' '.join(words)}"
        for word in words:
            if re.fullmatch(r"[\w/-]+\.py", word):
                assert (ROOT / word).exists(), f"{page}: {word}"
            if found := re.fullmatch(r"-D(LOOPGATE_\w+|BUILD_TESTING)(=.*)?", word):
                assert found.group(1) == "BUILD_TESTING" or found.group(1) in cmake, f"{page}: {word}"


# --- Maps -------------------------------------------------------------------------------------------------------------------------


def table_rows(name, head):
    """The cells of each row of the table with that head."""
    text = text_of(name)
    assert head in text, f"{name} has no table {head}"
    rows = text[text.index(head) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))] for row in rows]


def test_the_map_of_the_harness_is_the_table_of_includes():
    table = runpy.run_path(str(ROOT / "ci" / "includes"))["TABLE"]
    table = {name: set(below) for name, below in table.items() if (ROOT / "harness" / name).is_dir()}
    rows = table_rows("harness/README.md", "| folder | job | may include |")
    mapped = {row[0].strip("`").rstrip("/"): set(re.findall(r"`([^`]+)`", row[2] if len(row) > 2 else "")) for row in rows}
    assert mapped == table


@pytest.mark.parametrize("name, head, folder, pattern", [
    ("boards/README.md", "| board | clock | state |", "boards", "*.toml"),
    ("fixtures/kernels/README.md", "| kernel | what it is |", "fixtures/kernels", "*.toml"),
    ("fixtures/loads/README.md", "| load | what it does |", "fixtures/loads", "*.toml"),
    ("suites/README.md", "| suite | what it measures |", "suites", "*/suite.toml"),
])  # fmt: skip
def test_a_page_lists_what_its_folder_has(name, head, folder, pattern):
    listed = {word for row in table_rows(name, head) for word in re.findall(r"`([^`]+)`", row[0])}
    files = [path for path in (ROOT / folder).glob(pattern) if ".example" not in path.name]
    assert listed == {path.parent.name if pattern.startswith("*/") else path.stem for path in files}


def test_the_phases_are_named_as_explain_names_them():
    headers = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "harness" / "explain").rglob("*.h"))
    names = re.findall(r'"([^"]+)"', re.search(r"phase_names = \{(.*?)\};", headers, re.DOTALL).group(1))
    assert len(names) == 7
    assert [row[0] for row in table_rows("harness/explain/README.md", "| phase | from | to |")] == names
    shown = text_of("harness/explain/README.md")
    assert [name for name in names if f"\n  {name}  " not in shown] == []


def test_the_exit_statuses_are_those_of_the_program(tree):
    said = re.search(r"Exit status: (.*)", call(tree, "--help").stdout).group(1)
    for row in table_rows("README.md", "| verdict | exit | meaning |"):
        assert f"{row[1]} {'usage' if row[0] == '–' else row[0]}" in said


def test_the_stages_of_ci_test_are_those_that_contributing_names():
    named = re.search(r"# one stage: (.*)", text_of("CONTRIBUTING.md")).group(1)
    stages = re.search(r"^STAGES = \{(.*?)\}", text_of("ci/run_tests.py"), re.MULTILINE | re.DOTALL).group(1)
    assert set(re.findall(r"\w+", named)) - {"or"} == set(re.findall(r'"(\w+)":', stages))


# --- Decisions --------------------------------------------------------------------------------------------------------------------

DECISIONS = sorted((ROOT / "harness" / "decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=[path.name[:4] for path in DECISIONS])
def test_a_decision_has_the_form_of_all(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]}: ")
    assert re.search(r"^Status: (in force|superseded by \[\d{4}\]\()", text, re.MULTILINE)
    sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
    order = ["Context", "Decision", "What it closes"]
    assert [section for section in sections if section in order] == order
    assert sections[:2] == order[:2]
    assert not re.search(r"^\*\*[A-Z][^*]*\.\*\*", text, re.MULTILINE) or path.name.startswith(("0007", "0016", "0025"))


def test_the_index_of_decisions_has_each_with_its_title_and_status():
    rows = table_rows("harness/decisions/README.md", "| | decision | status |")
    indexed = [(re.search(r"\(([^)]+)\)", row[0]).group(1), row[1], row[2]) for row in rows]
    there = []
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        there.append((path.name, re.match(r"# \d+: (.*)", text).group(1), re.search(r"^Status: (.*)$", text, re.MULTILINE).group(1)))
    assert indexed == there


def test_a_decision_that_the_code_refers_to_is_there():
    numbers = {path.name[:4] for path in DECISIONS}
    for path in [*ROOT.glob("harness/**/*.cpp"), *ROOT.glob("harness/**/*.h")]:
        for number in re.findall(r"decisions/(\d{4})", path.read_text(encoding="utf-8")):
            assert number in numbers, f"{path}: {number}"
