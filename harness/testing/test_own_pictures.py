"""Pictures of the user's own as frames of the inspection pipeline: shown in their order, and each decision judged by what is known of its picture."""

import json
import subprocess
import tomllib

import numpy
import pytest
from conftest import BUILD, INCONCLUSIVE, PASS, RECORD, ROOT, USAGE

CELL = "preempt-rt.idle"
HOST_INSPECT = BUILD / "reference-app" / "inspect"
MODEL = ROOT / "reference-app" / "model" / "scratch.onnx"
SENT, ANSWERED, WARM_UP, SELF_CHECK, OK, WRONG, WRONG_FRAME, UNJUDGED = 1, 2, 8, 16, 64, 128, 256, 512
PICTURES = 7


def write_picture(file, number):
    """Light metal with, in every second one, a dark line: whatever the network says of it, it says it always."""
    pixels = numpy.random.default_rng(number).integers(150, 190, (96, 96), dtype=numpy.uint8)
    if number % 2:
        for i in range(20, 76):
            pixels[i, (i + 5 * number) % 96] = 20
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"P5\n96 96\n255\n" + pixels.tobytes())


def decided_on_the_host(folder):
    """OK or NG of each picture, by the same program and model, without the bench."""
    argv = [str(HOST_INSPECT), "--images", str(folder), "--model", str(MODEL), "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return {row["file"]: row["decision"] for row in json.loads(done.stdout)["pictures"]}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of pictures, and what the network decides of each."""
    if not HOST_INSPECT.exists():
        pytest.skip("this build has no inspect for the host (-DLOOPGATE_INSPECT_ON_HOST=ON)")
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(PICTURES):
        write_picture(folder / f"{number}.pgm", number)
    return folder, decided_on_the_host(folder)


def run_with(loopgate, tmp_path, *more, samples=12):
    out = tmp_path / "run"
    done = loopgate("run", "inspection", "--kernel", "preempt-rt", "--load", "idle", "--samples", samples, "--repeat", 1, "--out", out, *more)
    return out, done


def test_each_decision_is_judged_by_its_pictures_label(loopgate, tmp_path, pictures):
    folder, said = pictures
    names = sorted(said)
    # Two labels contradict the network, and two pictures have none.
    other = {"OK": "NG", "NG": "OK"}
    labels = {name: other[said[name]] if i < 2 else said[name] for i, name in enumerate(names) if i < 5}
    (tmp_path / "labels.csv").write_text("".join(f"{name},{label}\n" for name, label in labels.items()))
    out, done = run_with(loopgate, tmp_path, "--images", folder, "--image-labels", tmp_path / "labels.csv", samples=15)
    assert done.returncode == PASS, done.stderr
    ok = sum(label == "OK" for label in labels.values())
    assert f"frames: 7 pictures: {ok} OK, {5 - ok} NG, 2 that nobody knows" in done.stderr
    run = json.loads((out / "run.json").read_text())
    assert run["decisions"]["truth"] == {"pictures": 7, "ok": ok, "ng": 5 - ok}
    seed = next(cell["seed"] for cell in run["cells"] if cell["cell"] == CELL)
    samples = numpy.fromfile(out / "cells" / CELL / "samples.lgs", dtype=RECORD, offset=64)
    frames = [s for s in samples if s["flags"] & SENT and not s["flags"] & SELF_CHECK]
    assert len(frames) == 20 and all(s["flags"] & ANSWERED for s in frames)
    for part, sample in enumerate(frames):
        name = names[((seed - 1) % PICTURES + part) % PICTURES]
        wanted = UNJUDGED if name not in labels else 0 if labels[name] == said[name] else WRONG
        assert sample["flags"] & (WRONG | WRONG_FRAME | UNJUDGED) == wanted, (part, name)
        assert bool(sample["flags"] & OK) == (said[name] == "OK"), (part, name)
    counted = [s["flags"] for s in frames if not s["flags"] & WARM_UP]
    summary = json.loads((out / "cells" / CELL / "summary.json").read_text())["decisions"]
    assert summary["wrong"] == sum(bool(flags & WRONG) for flags in counted) > 0
    assert summary["unjudged"] == sum(bool(flags & UNJUDGED) for flags in counted) > 0
    note = f"preempt-rt: {summary['unjudged']} of 15 decisions were not judged to be right or wrong"
    assert note in done.stdout, done.stdout


def test_without_labels_a_rule_of_wrong_decisions_stays_open(loopgate, tmp_path, pictures):
    folder, _ = pictures
    out, done = run_with(loopgate, tmp_path, "--images", folder)
    assert done.returncode == PASS, done.stderr
    policy = tmp_path / "policy.toml"
    rule = '[[budget]]\nkernel = "*"\nload = "*"\n{}\n'
    head = 'title = "t"\nsuite = "inspection"\ntime_base = "virtual"\nmin_stimuli = 1\nconfidence = 0.9\nbaseline_required = false\n'
    policy.write_text(head + rule.format("wrong = 0"))
    gated = loopgate("gate", out, "--policy", policy)
    assert gated.returncode == INCONCLUSIVE, gated.stdout
    assert "nobody knows what their frames show" in gated.stdout
    policy.write_text(head + rule.format("unanswered = 0\nwrong_frame = 0"))
    assert loopgate("gate", out, "--policy", policy).returncode == PASS


def test_the_suite_beside_the_run_has_the_pictures(loopgate, tmp_path, pictures):
    folder, _ = pictures
    out, done = run_with(loopgate, tmp_path, "--images", folder, "--verify-determinism")
    assert done.returncode == PASS, done.stderr
    suite = tomllib.loads((tmp_path / "run.suite" / "inspection" / "suite.toml").read_text())
    assert suite["payload"]["files"]["images"] == "images.tar" and suite["decisions"]["pictures"] == "images"
    again = loopgate("run", "inspection", "--kernel", "preempt-rt", "--load", "idle", "--samples", 12, "--repeat", 1, "--images", folder, "--out", out, "--resume")
    assert again.returncode == PASS, again.stderr
    before = {path: path.read_bytes() for path in (tmp_path / "run.suite").rglob("*") if path.is_file()}
    write_picture(tmp_path / "others" / "OK" / "a.pgm", 9)
    for more, told in (([], f"{out} exists"), (["--resume"], "--resume: ")):
        refused = loopgate("run", "inspection", "--kernel", "preempt-rt", "--images", tmp_path / "others", "--out", out, *more)
        assert refused.returncode == USAGE and told in refused.stderr
    assert {path: path.read_bytes() for path in before} == before, "the run is of that suite"


def test_pictures_of_two_sizes_are_named(loopgate, tmp_path, pictures):
    folder = tmp_path / "two"
    write_picture(folder / "a.pgm", 0)
    (folder / "b.pgm").write_bytes(b"P5\n8 8\n255\n" + bytes(64))
    out, done = run_with(loopgate, tmp_path, "--images", folder)
    assert done.returncode != PASS
    assert "b.pgm: 8x8 pixels, but a.pgm has 96x96" in done.stderr + done.stdout


def test_what_cannot_be_shown_is_refused_before_anything_is_measured(loopgate, tmp_path):
    write_picture(tmp_path / "p" / "dent" / "a.pgm", 0)
    _, done = run_with(loopgate, tmp_path, "--images", tmp_path / "p")
    assert done.returncode == USAGE and "dent/a.pgm: its label dent is neither OK nor NG" in done.stderr
    _, done = run_with(loopgate, tmp_path, "--images", tmp_path / "none")
    assert done.returncode == USAGE and "cannot be read" in done.stderr
    assert not (tmp_path / "run.suite").exists() and not (tmp_path / "run").exists()
