"""loopgate accept on real kernels: killed and gone on with, handed over, altered, and one after another."""

import hashlib
import json
import re
import shutil
import signal
import subprocess
import tarfile
import time

import pytest
from conftest import BUILD, FAIL, INVALID, PASS, USAGE

pytestmark = pytest.mark.skipif(not shutil.which("qemu-system-aarch64"), reason="not installed: qemu-system-arm")
NONCE = "6f1c09d4a2e8"
PLAN = """
title = "A small <script>alert(1)</script> acceptance"
board = "qemu-virt-arm64"
decision_rule = "A limit is a limit."
signatures = { wanted = 1, of = 1 }

[[run]]
name = "idle"
suite = "irq-to-gpio"
policy = "limits.toml"
kernels = ["generic"]
loads = ["idle"]
samples = 100
repeat = 2

[[run]]
name = "mixed"
suite = "irq-to-gpio"
policy = "limits.toml"
kernels = ["generic"]
loads = ["mixed"]
samples = 100
repeat = 1
"""
LIMITS = 'title = "t"\nsuite = "irq-to-gpio"\ntime_base = "virtual"\n\n[[budget]]\nkernel = "*"\nload = "*"\nmax_us = {}\n'


class Site:
    """The plan file in a folder, and the command that carries it out."""

    def __init__(self, folder, max_us=20000):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "acceptance.toml").write_text(PLAN)
        self.limit(max_us)

    def limit(self, max_us):
        (self.folder / "limits.toml").write_text(LIMITS.format(max_us))

    def words(self, *more, out="out", nonce=NONCE):
        told = ["--customer", 'ACME <b onload="x">', "--site", "Hall 3", "--tester", "N. N."]
        return ["accept", self.folder / "acceptance.toml", *told, "--nonce", nonce, "--out", self.folder / out, *more]

    def bundle(self, out="out"):
        return self.folder / out / "acceptance.lgb"


def killed_after_its_first_cell(site):
    accepting = subprocess.Popen(list(map(str, [BUILD / "loopgate", *site.words()])), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        first = site.folder / "out/runs/idle/run/cells/generic.idle/outcome.json"
        end = time.monotonic() + 300
        while not first.exists():
            assert accepting.poll() is None and time.monotonic() < end, "it came to no cell"
            time.sleep(0.02)
    finally:
        accepting.send_signal(signal.SIGKILL)
        accepting.communicate()


@pytest.fixture(scope="module")
def accepted(tmp_path_factory, loopgate):
    """An acceptance that was killed after its first cell, and gone on with."""
    site = Site(tmp_path_factory.mktemp("site"))
    killed_after_its_first_cell(site)
    again = loopgate(*site.words())
    assert again.returncode == USAGE and "go on with it by --resume" in again.stderr, again.stderr
    other = loopgate(*site.words("--resume", nonce="another-nonce"))
    assert other.returncode == USAGE and "was begun with another --nonce" in other.stderr, other.stderr
    site.done = loopgate(*site.words("--resume"))
    assert site.done.returncode == PASS, site.done.stdout + site.done.stderr
    return site


def test_it_goes_on_after_a_kill_and_says_so(accepted):
    document = json.loads((accepted.folder / "out/acceptance.json").read_text())
    assert document["verdict"] == "PASS" and [run["name"] for run in document["runs"]] == ["idle", "mixed"]
    assert any("Attempt 1" in sentence and "was cut off" in sentence for sentence in document["deviations"]), document["deviations"]
    assert "generic.idle: finished by an earlier run" in accepted.done.stderr
    for words in ("Wired: nothing", "Runs, in this order", "Takes: about", "When something is wrong"):
        assert words in accepted.done.stderr, words
    seeds = {run["seed"] for run in document["runs"]}
    images = sorted({kernel["image_sha256"] for kernel in document["kernels"]})
    shell = subprocess.run(["bash", "-c", f"printf '%s\\n' {NONCE} {' '.join(images)} | sha256sum | cut -c1-12"], capture_output=True, text=True, check=True)
    assert seeds == {int(shell.stdout, 16)}
    assert document["kernels"][0]["tuning"], "what was read back of the kernel"
    statement = json.loads((accepted.folder / "out/acceptance.lgb.intoto.json").read_text())
    assert statement["predicate"]["result"] == "PASSED" and statement["predicate"]["passedTests"] == ["idle/generic/idle", "mixed/generic/mixed"]


def test_what_an_interrupted_one_has_is_packed_as_invalid_and_nothing_is_measured_again(loopgate, tmp_path):
    site = Site(tmp_path / "site")
    plan = site.folder / "acceptance.toml"
    first_run = PLAN[: PLAN.rindex("[[run]]")]
    plan.write_text(first_run.replace("repeat = 2", "repeat = 12"))  # a busy machine ended two before it was killed
    killed_after_its_first_cell(site)
    second = site.folder / "out/runs/idle/run/cells/generic.idle.2/outcome.json"
    second.unlink(missing_ok=True)
    done = loopgate(*site.words("--conclude"))
    assert done.returncode == INVALID and done.stdout.endswith("INVALID\n"), done.stdout + done.stderr
    assert not second.exists() and not (site.folder / "out/acceptance.lgb.intoto.json").exists()
    assert "INVALID" in loopgate("verify", site.bundle()).stdout


def test_a_run_that_was_not_begun_cannot_be_concluded(loopgate, tmp_path):
    site = Site(tmp_path / "site")
    killed_after_its_first_cell(site)
    shutil.rmtree(site.folder / "out/runs/mixed/run", ignore_errors=True)
    done = loopgate(*site.words("--conclude"))
    assert done.returncode == USAGE and "run mixed of" in done.stderr and "was not begun" in done.stderr, done.stderr


def test_it_is_computed_again_elsewhere(accepted, loopgate, tmp_path):
    shutil.copy(accepted.bundle(), tmp_path / "handed.lgb")
    done = loopgate("verify", tmp_path / "handed.lgb")
    assert done.returncode == PASS, done.stderr
    for words in ("MODIFIED: idle: ", "seeds of the nonce", "The plan wants signatures of 1 of 1 parties; 0 are shown here.", "A small <script>"):
        assert words in done.stdout, words
    with tarfile.open(tmp_path / "handed.lgb") as tar:
        assert "runs/mixed/run/cells/generic.mixed/samples.lgs" in tar.getnames()
    again = loopgate(*accepted.words("--resume"))
    assert again.returncode == PASS and again.stdout.splitlines()[-1] == "PASS", again.stderr
    whole = (tmp_path / "handed.lgb").read_bytes()
    assert accepted.bundle().read_bytes() == whole
    for place in range(100, len(whole), len(whole) // 40):
        (tmp_path / "altered.lgb").write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        done = loopgate("verify", tmp_path / "altered.lgb")
        assert done.returncode == INVALID and "altered.lgb: " in done.stderr, (place, done.stderr)


def test_a_finished_one_is_held_to_what_is_asked_for(accepted, loopgate, tmp_path):
    bundle = accepted.bundle().read_bytes()
    for words, said in ((accepted.words("--resume", nonce="another-nonce"), "another --nonce"), (accepted.words("--resume", "--customer", "else"), "--customer"),
                        (accepted.words("--resume", "--board", "qemu-virt-riscv"), "another --board"), (["accept", tmp_path / "none.toml", *accepted.words("--resume")[2:]], "none.toml")):  # fmt: skip
        done = loopgate(*words)
        assert done.returncode == USAGE and said in done.stderr and "PASS" not in done.stdout, (words, done.stdout + done.stderr)
    accepted.limit(1)
    try:
        done = loopgate(*accepted.words("--resume"))
        assert done.returncode == USAGE and "another policy limits.toml" in done.stderr, done.stdout + done.stderr
    finally:
        accepted.limit(20000)
    assert accepted.bundle().read_bytes() == bundle


def test_a_plan_that_wants_two_signatures_is_not_content_with_one(loopgate, tmp_path):
    if not shutil.which("ssh-keygen"):
        pytest.skip("not installed: openssh-client")
    site = Site(tmp_path / "site")
    plan = site.folder / "acceptance.toml"
    plan.write_text(PLAN[: PLAN.rindex("[[run]]")].replace("wanted = 1, of = 1", "wanted = 2, of = 2"))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "lab"], check=True, timeout=60)
    assert loopgate(*site.words()).returncode == PASS
    for _ in range(2):  # the second one finds its signature there, and that it holds
        done = loopgate(*site.words("--resume", "--sign", tmp_path / "lab"))
        assert done.returncode == PASS and "acceptance.lgb.lab.sig signs it" in done.stdout, done.stdout + done.stderr
    done = loopgate("verify", site.bundle(), "--trust", tmp_path / "lab.pub")
    assert done.returncode == INVALID and "1 of the 2 signatures that its plan wants is shown" in done.stderr, done.stdout + done.stderr
    assert loopgate("verify", site.bundle(), "--trust", tmp_path / "lab.pub", "--signatures", "1").returncode == PASS
    with (site.folder / "out/acceptance.lgb.lab.sig").open("w") as signature:
        signature.write("none")
    done = loopgate(*site.words("--resume", "--sign", tmp_path / "lab"))
    assert done.returncode == INVALID and "acceptance.lgb" in done.stderr, done.stdout + done.stderr


def test_its_page_and_its_pdf_for_signing(accepted, loopgate, tmp_path):
    whole = accepted.bundle().read_bytes()
    with tarfile.open(accepted.bundle()) as tar:
        tar.extractall(tmp_path / "unpacked")
    for folder, bundle in ((shutil.copytree(accepted.folder / "out", tmp_path / "out"), hashlib.sha256(whole).hexdigest()), (tmp_path / "unpacked", "not in this folder")):
        done = loopgate("report", folder)
        assert done.returncode == PASS and done.stdout.strip() == str(folder / "report/index.html"), done.stderr
        page = (folder / "report/index.html").read_text()
        for words in (bundle, NONCE, "ACME &lt;b onload=", "A limit is a limit.", "Attempt 1, begun", "it ran on a model in virtual time", "In effect on generic, in mixed"):
            assert words in page, words
        assert (folder / "report/acceptance.pdf").read_bytes().startswith(b"%PDF-")
    verdict = tmp_path / "out/runs/idle/verdict.json"
    verdict.write_text((tmp_path / "out/runs/mixed/verdict.json").read_text())
    done = loopgate("report", tmp_path / "out")
    assert done.returncode == INVALID and "runs/idle/verdict.json" in done.stderr, done.stderr
    assert not (tmp_path / "out/report").exists(), "an earlier page must not stand for it"


@pytest.fixture(scope="module")
def drawn(accepted, loopgate, tmp_path_factory):
    """A copy with a page and a PDF that were drawn earlier."""
    out = shutil.copytree(accepted.folder / "out", tmp_path_factory.mktemp("drawn") / "out")
    assert loopgate("report", out).returncode == PASS and (out / "report" / "acceptance.pdf").exists()
    return out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document.update(deviations=[]), "it differs at /deviations"),
        (lambda document: document["item"].update(title="another board"), "it differs at /item/title"),
        (lambda document: document["told"].update(customer="Another"), "is not the one in acceptance.lgb"),
    ],
)
def test_what_was_edited_is_not_drawn_for_signing(drawn, loopgate, tmp_path, change, says):
    out = shutil.copytree(drawn, tmp_path / "out")
    document = json.loads((out / "acceptance.json").read_text())
    change(document)
    (out / "acceptance.json").write_text(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    done = loopgate("report", out)
    assert done.returncode == INVALID and "acceptance.json" in done.stderr and says in done.stderr, done.stderr
    assert not (out / "report").exists(), "neither a page nor a PDF"


def test_a_fail_does_not_vanish_from_its_chain(accepted, loopgate, tmp_path):
    strict = Site(tmp_path / "strict", max_us=1)
    done = loopgate(*strict.words("--after", accepted.bundle()))
    assert done.returncode == FAIL, done.stdout + done.stderr
    assert json.loads((strict.folder / "out/acceptance.lgb.intoto.json").read_text())["predicate"]["result"] == "FAILED"
    last = Site(tmp_path / "last")
    assert loopgate(*last.words("--after", strict.bundle())).returncode == PASS
    first, second, third = accepted.bundle(), strict.bundle(), last.bundle()
    whole = loopgate("verify", "--chain", third, first, second)
    assert whole.returncode == PASS and f"{third}: PASS, ended" in whole.stdout and f"{second}: FAIL" in whole.stdout, whole.stdout + whole.stderr
    without = loopgate("verify", "--chain", first, third)
    assert without.returncode == INVALID and f"{third}: comes after a bundle that is not given" in without.stderr
    assert loopgate("verify", "--chain", first, second).returncode == FAIL
    alone = loopgate("verify", third)
    assert alone.returncode == PASS and "which was not looked at" in alone.stdout


def test_anyone_measures_it_again_and_signs_the_same_samples(accepted, loopgate, tmp_path):
    if not shutil.which("ssh-keygen"):
        pytest.skip("not installed: openssh-client")
    bundle = tmp_path / "handed.lgb"
    shutil.copy(accepted.bundle(), bundle)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "lab"], check=True, timeout=60)
    done = loopgate("verify", bundle, "--rerun", "--sign", tmp_path / "lab")
    assert done.returncode == PASS, done.stdout + done.stderr
    assert "3 cells were measured again here, and their samples are equal to the byte" in done.stdout
    assert re.search(r"measured there with QEMU (\S+ \(sha256 .{12}, instrument .{12}\)), and here with QEMU \1\n", done.stdout)
    assert loopgate("verify", bundle, "--trust", tmp_path / "lab.pub").returncode == PASS
    for words, said in ((["--sign", tmp_path / "lab"], "add --rerun"), (["--rerun", "--chain"], "give one of the two")):
        done = loopgate("verify", bundle, *words)
        assert done.returncode == USAGE and said in done.stderr, done.stderr


def test_a_full_disk_ends_in_no_bundle_and_is_gone_on_with(loopgate, small_disk, tmp_path):
    site = Site(tmp_path / "site")
    out = small_disk / "out"
    done = loopgate(*site.words()[:-2], "--out", out)
    assert done.returncode == INVALID and "No space left" in done.stderr, done.stdout + done.stderr
    assert not (out / "acceptance.lgb").exists()
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    again = loopgate(*site.words()[:-2], "--out", out, "--resume")
    assert again.returncode == PASS, again.stdout + again.stderr
    deviations = json.loads((out / "acceptance.json").read_text())["deviations"]
    assert any("was cut off" in sentence for sentence in deviations), deviations


MISTAKES = {
    "no plan": (["accept", "{folder}/none.toml"], "none.toml"),
    "short nonce": (["accept", "{folder}/acceptance.toml", "--nonce", "abc"], "--nonce"),
    "no such key": (["accept", "{folder}/acceptance.toml", "--sign", "{folder}/none.key"], "none.key"),
    "no bundle": (["accept", "{folder}/acceptance.toml", "--after", "{folder}/acceptance.toml"], "acceptance.toml"),
    "no board": (["accept", "{folder}/acceptance.toml", "--board", "none-such"], "none-such"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_before_anything_is_written(loopgate, tmp_path, mistake):
    site = Site(tmp_path / "site")
    words, said = MISTAKES[mistake]
    told = ["--customer", "c", "--site", "s", "--tester", "t", "--out", site.folder / "out"]
    done = loopgate(*[word.format(folder=site.folder) for word in words], *told)
    assert done.returncode in (USAGE, INVALID) and said in done.stderr, done.stderr
    assert not (site.folder / "out").exists()


def test_runs_without_what_was_begun_are_a_damaged_acceptance(loopgate, tmp_path):
    site = Site(tmp_path / "site")
    cells = site.folder / "out" / "runs" / "idle" / "run" / "cells"
    cells.mkdir(parents=True)
    for more in ([], ["--resume"]):
        done = loopgate(*site.words(*more))
        assert done.returncode == INVALID and "has runs, and no begun.json" in done.stderr, done.stderr
        assert "keep it" in done.stderr and cells.exists()


def test_an_empty_nonce_is_no_missing_one(loopgate, tmp_path):
    """As a variable that is not set gives it: the customer's seeds would be nobody's."""
    site = Site(tmp_path / "site")
    done = loopgate(*site.words(nonce=""))
    assert done.returncode == USAGE and "--nonce: is empty" in done.stderr, done.stderr
    assert not (site.folder / "out").exists()


@pytest.mark.parametrize("option", ["--customer", "--site", "--tester"])
def test_what_the_report_names_is_not_left_empty(loopgate, tmp_path, option):
    site = Site(tmp_path / "site")
    words = site.words()
    words[words.index(option) + 1] = " "
    done = loopgate(*words)
    assert done.returncode == USAGE and f"{option}: is empty" in done.stderr, done.stderr
    assert not (site.folder / "out").exists()


def test_a_policy_that_cannot_judge_the_plan_is_refused_before_anything_is_measured(loopgate, tmp_path):
    site = Site(tmp_path / "site")
    limits = site.folder / "limits.toml"
    limits.write_text(limits.read_text() + '\n[[budget]]\nkernel = "not-planned"\nload = "*"\nmax_us = 100\n')
    done = loopgate(*site.words())
    assert done.returncode == USAGE and "is of kernel not-planned" in done.stderr, done.stderr
    assert not (site.folder / "out").exists()


def test_a_policy_of_another_suite_or_a_changed_one_is_refused(loopgate, tmp_path):
    site = Site(tmp_path / "site")
    limits = site.folder / "limits.toml"
    limits.write_text(limits.read_text().replace("irq-to-gpio", "cyclictest"))
    done = loopgate(*site.words())
    assert done.returncode == USAGE and "is a policy of suite cyclictest" in done.stderr, done.stderr
    site.limit(5)
    plan = site.folder / "acceptance.toml"
    plan.write_text(plan.read_text().replace('policy = "limits.toml"', f'policy = "limits.toml"\npolicy_sha256 = "{"0" * 64}"', 1))
    done = loopgate(*site.words())
    assert done.returncode == USAGE and "use the policy that was agreed to" in done.stderr, done.stderr
