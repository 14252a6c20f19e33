"""What the page and its pictures say of a run in which all is well."""
import base64
import hashlib
import html
import re
import xml.etree.ElementTree as xml
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from conftest import run_program, run_report
from loopgate_report import page_parts
from made_up_run import KERNELS, MadeUpRun, hash_of

TEXT = "{http://www.w3.org/2000/svg}text"
KINDS = ("histogram", "exceedance", "over-time")


def texts(svg):
    return ["".join(element.itertext()) for element in xml.parse(svg).iter(TEXT)]


class Outside(HTMLParser):
    """Everything that the page would fetch."""

    def __init__(self):
        super().__init__()
        self.links = []

    def handle_starttag(self, tag, attributes):
        self.links += [
            value
            for name, value in attributes
            if name in ("src", "href") and not value.startswith(("data:", "#"))
        ]


def test_names_every_input(whole):
    for kernel in KERNELS:
        for text in (
            kernel,
            hash_of(f"image {kernel}"),
            hash_of(f"toml {kernel}"),
            f"kernel={kernel}",
            f"6.12.117+deb13-{kernel}",
        ):
            assert text in whole.page
    for what in ("suite", "board", "qemu", "instrument", "load mixed", "base", "programs", "policy"):
        assert hash_of(what) in whole.page, what
    for cell in whole.cells:
        samples = (whole.folder / "cells" / cell / "samples.lgs").read_bytes()
        assert hashlib.sha256(samples).hexdigest() in whole.page
    assert str(2**63 + 5) in whole.page and "10.0.2 (Debian" in whole.page and "0.18.12-1" in whole.page
    assert "qemu-system-aarch64 -machine virt -append &#39;kernel=generic &lt;x&gt;&#39;" in whole.page


def asked_tables(page):
    """Of each cell: its summary, whether it is open, and its rows."""
    found = re.findall(r"<details( open)?><summary>(\S+): ([^<]*\d [a-z ]*in effect)</summary>(.*?)</details>", page, re.DOTALL)
    return {cell: (counts, bool(open_), re.findall(r"<tr>(<td.*?)</tr>", table)) for open_, cell, counts, table in found}


def test_says_what_became_of_what_was_asked_for_with_what_did_nothing_first(whole):
    tables = asked_tables(whole.page)
    assert list(tables) == list(whole.cells)
    counts, is_open, rows = tables["generic.mixed"]
    assert counts == "1 unknown, 1 not told, 4 in effect" and is_open
    assert "<td>preempt=full</td>" in rows[0] and "the kernel hands it to user space" in rows[0]
    assert ["FAIL" in row for row in rows] == [True, False, False, False, False, False]
    assert "<td>payload&#39;s option</td><td>--chip gpio</td>" in rows[1]
    assert [">load<" in row for row in rows].index(True) == 5


def test_reads_evidence_of_an_earlier_version(tmp_path):
    run = MadeUpRun(tmp_path / "run", kernels=("generic",), count=50)
    run.write()
    run.change("cells/generic.mixed/evidence.json", as_of_format_1)
    page = page_of(run)
    counts, is_open, rows = asked_tables(page)["generic.mixed"]
    assert counts == "1 not in effect, 5 in effect" and is_open
    assert "<td>nohz_full=2</td>" in rows[0] and "there is no such file" in rows[0]
    for text in ("threadirqs", "sched_rt_runtime_us: -1", "is real-time: 1", "mixed: fork at least 100 a second", "no page fault: 0"):
        assert sum(text in row for row in rows) == 1, text


def as_of_format_1(document):
    del document["asked_for"]
    document.update(
        format=1,
        arguments=[
            {"argument": "threadirqs", "became": "in effect", "why": "3 irq threads"},
            {"argument": "nohz_full=2", "became": "no effect", "why": "there is no such file"},
        ],
        tuning=[{"what": "/proc/sys/kernel/sched_rt_runtime_us", "wanted": "-1", "read_back": "-1", "ok": True}],
        checks=[{"name": "is real-time", "expected": "1", "seen": "1", "passed": True}],
        load=[{"part": "mixed", "metric": "fork", "per_second": 812.4, "at_least": 100.0, "ok": True}],
        payload_checks=[{"name": "no page fault", "wanted": "0", "seen": "0", "passed": True}],
    )


@pytest.mark.parametrize("judged", [False, True])
def test_says_once_which_arguments_nothing_confirms(tmp_path, whole, judged):
    run = MadeUpRun(tmp_path / "run", kernels=("none", "rt"), loads=("idle", "mixed"), count=50)
    run.unconfirmed = ["kernel rt: not confirmed: a.b=<1>: the kernel does not say whether it knows it"]
    run.write(verdict="PASS" if judged else None)
    if judged:
        run.change("verdict.json", lambda document: document.update(remarks=run.unconfirmed))
    result = run_report(run.folder, text_only=True)
    assert result.returncode == 0, result.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert page.count("<p>kernel rt: not confirmed: a.b=&lt;1&gt;: the kernel does not say whether it knows it</p>") == 1
    assert page.count("not confirmed") == 1
    assert "not confirmed" not in whole.page


def test_says_which_kernels_are_the_same(tmp_path, whole):
    run = MadeUpRun(tmp_path / "run", kernels=("none", "rt", "full", "lazy"), count=50)
    run.same_kernels = ["lazy", "none", "full"]
    run.write()
    result = run_report(run.folder, text_only=True)
    assert result.returncode == 0, result.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert page.count("Kernels none, full and lazy are the same: equal image, arguments in effect and tuning;") == 1
    assert "are the same: equal image" not in whole.page
    assert page.count("and tuning; their figures differ by chance alone.") == 1


def test_does_not_say_that_equal_samples_differ():
    def group(kernel, *digests):
        others = [name for name in ("a", "b", "c") if name != kernel]
        return SimpleNamespace(kernel=kernel, same_kernel_as=others, cells=[SimpleNamespace(samples_sha256=each) for each in digests])

    def told(*groups):
        return " ".join(page_parts._same_kernels(groups))

    assert told(group("a", "1", "2"), group("b", "1", "2"), group("c", "1", "2")).endswith("their samples are equal to the byte.")
    assert told(group("a", "1", "2"), group("b", "1", "3"), group("c", "1", "2")).endswith("their figures differ by chance alone.")
    assert told(group("a", None), group("b", None)).endswith("by chance alone.")


def test_says_which_cell_is_of_a_fresh_boot_since_its_saved_state_failed(tmp_path):
    made = MadeUpRun(tmp_path / "run", count=30)
    made.write()
    made.change("cells/generic.mixed/outcome.json", lambda outcome: outcome.update(discarded_state="before the first stimulus, the kernel hung <b>"))
    run_report(made.folder, text_only=True)
    page = (made.folder / "report" / "index.html").read_text()
    assert "generic.mixed was measured from a fresh boot" in page and "the kernel hung &lt;b&gt;" in page
    assert page.count("was measured from a fresh boot") == 1


def test_holds_the_exact_figures(whole):
    row = re.search(r'<th scope="row" class="keep strong">preempt-rt</th>(.*?)</tr>', whole.page).group(1)
    assert "26.800" in row and "PASS" in row and ">600<" in row
    assert "955.000" in whole.page and "812" in whole.page and "sched_rt_runtime_us" in whole.page
    assert "stimuli that were not sent" in whole.page


def test_says_what_the_payload_said(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=50)
    run.write()
    run.change("cells/generic.mixed/evidence.json", with_a_payload)
    page = page_of(run)
    counters = ("3", "–", "12,096")
    assert "generic.mixed</td>" + "".join(f'<td class="n">{text}</td>' for text in counters) + "</tr>" in page


def test_a_payload_may_have_said_nothing(tmp_path):
    printed = {"none": None, "list": [], "text": "done", "number": 3, "empty": {}}
    run = MadeUpRun(tmp_path / "run", kernels=tuple(printed), count=50)
    run.write()
    for kernel, said in printed.items():
        run.change(f"cells/{kernel}.mixed/evidence.json", lambda document, said=said: document.update(payload=said))
    page = page_of(run)
    assert all(f"{kernel}.mixed" in page for kernel in printed)
    assert not any(word in page for word in PAYLOAD_WORDS)


PAYLOAD_WORDS = ("What the payload reported about itself", "peak memory")


def with_a_payload(document):
    document["payload"] = {"minor_faults": 3, "peak_memory_kib": 12096}


def page_of(run):
    assert run_report(run.folder, text_only=True).returncode == 0
    return (run.folder / "report" / "index.html").read_text()


def test_the_verdict_comes_first(whole):
    body = whole.page[whole.page.index("<body>") :]
    assert body.index('<div class="word">PASS</div>') < body.index("<table")


def test_is_self_contained(whole):
    outside = Outside()
    outside.feed(whole.page)
    assert outside.links == []
    assert "http" not in re.sub(r"data:[^\"]+|http-equiv", "", whole.page)
    images = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', whole.page)
    assert [base64.b64decode(image) for image in images] == [
        (whole.folder / "report" / f"mixed-{kind}.svg").read_bytes() for kind in KINDS
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_axis_and_title_says_virtual(whole, kind):
    words = texts(whole.folder / "report" / f"mixed-{kind}.svg")
    labels = [text for text in words if "[" in text]
    assert len(labels) >= 2 and all("virtual]" in label or "[count], virtual time" in label for label in labels)
    title = next(text for text in words if "mixed" in text)
    assert "virtual time" in title
    assert any("irq-to-gpio · qemu-virt-arm64 · 600 stimuli each" in text for text in words)
    assert not any("wall" in text for text in words)


@pytest.mark.parametrize("kind", KINDS)
def test_every_maximum_is_marked(whole, kind):
    words = " ".join(texts(whole.folder / "report" / f"mixed-{kind}.svg"))
    for kernel, largest in (("generic", "955"), ("preempt-rt", "26.8"), ("rt-irq-threads", "24.1")):
        assert kernel in words and f"max {largest} us" in words


def test_says_wall_clock_when_it_is(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=50, time_base="wall")
    run.write()
    assert run_report(run.folder).returncode == 0
    for kind in KINDS:
        words = texts(run.folder / "report" / f"mixed-{kind}.svg")
        assert not any("virtual" in text.replace("qemu-virt-arm64", "") for text in words)
        assert all("wall-clock]" in text or "[count], wall-clock time" in text for text in words if "[" in text)
    assert "Time is wall-clock time" in (run.folder / "report" / "index.html").read_text()


def test_says_that_a_board_is_an_emulator(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=50, time_base="wall")
    run.write()
    run.change("run.json", on_an_emulated_board)
    assert run_report(run.folder).returncode == 0
    page = html.unescape((run.folder / "report" / "index.html").read_text())
    assert "in wall-clock time, on an emulator: no hardware's figures" in page
    assert "and are not hardware figures" in page and "192.0.2.7" in page
    for kind in KINDS:
        words = " ".join(texts(run.folder / "report" / f"mixed-{kind}.svg"))
        assert "on an emulator: no hardware's figures" in words


def on_an_emulated_board(document):
    document["board"]["emulator"] = True
    document["machine"] = {"kind": "board", "reached_by": "ssh", "address": "192.0.2.7", "gpio_chip": "9030000.pl061"}
    for kernel in document["kernels"]:
        kernel.pop("command_line", None)


def test_same_input_same_bytes(tmp_path, whole):
    assert run_program(whole.folder, "--out", tmp_path / "again").returncode == 0
    first = {path.name: path.read_bytes() for path in (whole.folder / "report").iterdir()}
    again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert sorted(first) == ["index.html"] + sorted(
        f"mixed-{kind}.{end}" for kind in KINDS for end in ("png", "svg")
    )
    assert first == again


def test_draws_what_distribution_says_and_nothing_else(tmp_path):
    """A made-up bin far from every sample shows up: nothing is computed anew."""
    run = MadeUpRun(tmp_path / "run", kernels=("preempt-rt",), count=50)
    run.write()
    run_report(run.folder)
    before = (run.folder / "report" / "mixed-histogram.svg").read_bytes()

    def move(document):
        histogram = document["groups"][0]["histogram"]
        histogram["lower_ns"][-1], histogram["upper_ns"][-1] = 28_000, 29_000

    run.change("distribution.json", move)
    assert run_report(run.folder).returncode == 0
    assert (run.folder / "report" / "mixed-histogram.svg").read_bytes() != before


def test_several_loads_get_an_overview(tmp_path):
    run = MadeUpRun(tmp_path / "run", loads=("mixed", "irq-storm"), count=100, repeat=2)
    run.write()
    assert run_report(run.folder).returncode == 0
    words = texts(run.folder / "report" / "overview.svg")
    assert "load mixed" in words and "load irq-storm" in words and "latency [us, virtual]" in words
    assert (run.folder / "report" / "irq-storm-over-time.png").is_file()
    assert "Replicates are drawn over each other." in " ".join(
        texts(run.folder / "report" / "mixed-over-time.svg")
    )


def test_axis_is_logarithmic_by_range():
    from loopgate_report.axis import LatencyAxis

    assert not LatencyAxis(18_000, 27_000).log and not LatencyAxis(1_000, 50_000).log
    assert LatencyAxis(1_000, 50_001).log and LatencyAxis(0, 100).log
    assert LatencyAxis(11_000, 18_600_000).widened(0.02, 0.1).place(18_600_000) < 1
