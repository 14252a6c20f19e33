"""A run whose payload has contenders: each kernel has its own pictures, with all contenders in one."""
from conftest import run_report
from made_up_run import MadeUpRun
from test_page import KINDS, texts

PAIRS = [f"{kernel}+{contender}" for kernel in ("generic", "preempt-rt") for contender in ("cpp", "go", "go-off")]


def test_a_kernels_contenders_are_in_one_picture(tmp_path):
    run = MadeUpRun(tmp_path / "run", kernels=PAIRS, count=300)
    run.write()
    assert run_report(run.folder).returncode == 0
    folder = run.folder / "report"
    for kernel, other in (("generic", "preempt-rt"), ("preempt-rt", "generic")):
        for kind in KINDS:
            words = texts(folder / f"mixed-{kernel}-{kind}.svg")
            for pair in PAIRS:
                assert (pair in words) == pair.startswith(f"{kernel}+"), (kernel, kind, pair)
            assert not any(f"{other}+" in word for word in words)
    page = (folder / "index.html").read_text()
    assert "Jitter histogram, generic" in page and "Jitter histogram, preempt-rt" in page
    assert not (folder / "mixed-histogram.svg").exists()


def test_a_contender_looks_alike_in_every_picture(tmp_path):
    from loopgate_report.pictures import views_of
    from loopgate_report.run_directory import read_run

    run = MadeUpRun(tmp_path / "run", kernels=PAIRS, count=300)
    run.write()
    (_, _, one), (_, _, other) = views_of(read_run(run.folder))
    for contender in ("cpp", "go", "go-off"):
        assert one[f"generic+{contender}"] == other[f"preempt-rt+{contender}"]


def test_without_contenders_all_kernels_are_in_one(tmp_path):
    from loopgate_report.run_directory import read_run

    run = MadeUpRun(tmp_path / "run", kernels=("generic", "6.12-rt"), count=300)
    run.write()
    whole = read_run(run.folder)
    assert whole.by_kernel() == [("", whole)]
