"""loopgate audit as a user calls it: here, from another machine's facts, and with what is wrong refused."""

import json
import shutil
import subprocess

import pytest
from conftest import BUILD, INCONCLUSIVE, INVALID, PASS, ROOT, USAGE

RECORDINGS = ROOT / "fixtures" / "recordings" / "audit"


@pytest.fixture
def loopgate():
    def call(*arguments):
        argv = [str(BUILD / "loopgate"), "audit", *map(str, arguments)]
        return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)

    return call


def test_this_machine_is_audited_the_same_through_its_own_script(loopgate, tmp_path):
    here = loopgate("--json", tmp_path / "here.json")
    assert here.returncode in (PASS, INVALID, INCONCLUSIVE), here.stderr
    script = loopgate("--script")
    assert script.returncode == PASS, script.stderr
    facts = subprocess.run(["sh"], input=script.stdout, capture_output=True, text=True, timeout=120, check=True)
    (tmp_path / "facts").write_text(facts.stdout)
    assert loopgate("--facts", tmp_path / "facts", "--json", tmp_path / "there.json").returncode == here.returncode
    first, second = (json.loads((tmp_path / name).read_text()) for name in ("here.json", "there.json"))
    changing = {"interrupt-rate", "call-rate", "softirq-rate", "user-tasks"}  # these are of a moment
    for a, b in zip(first["findings"], second["findings"], strict=True):
        assert a["name"] == b["name"]
        if a["name"] not in changing:
            assert a["judgement"] == b["judgement"], (a, b)


def test_the_exit_status_tells_attention_from_unknown_and_from_good(loopgate, tmp_path):
    assert loopgate("--facts", RECORDINGS / "generic-untuned.facts").returncode == INVALID
    rules = (ROOT / "fixtures" / "audit" / "rules.toml").read_text()
    head, *each = rules.split("[[rule]]\n")

    def chosen(*names):
        kept = [rule for rule in each if rule.split('"')[1] in names]
        assert len(kept) == len(names)
        (tmp_path / "rules.toml").write_text("[[rule]]\n".join([head, *kept]))
        return tmp_path / "rules.toml"

    locked = RECORDINGS / "rt-locked.facts"
    assert loopgate("--facts", locked, "--rules", chosen("preempt-rt")).returncode == PASS
    assert loopgate("--facts", locked, "--rules", chosen("preempt-rt", "fair-server")).returncode == INCONCLUSIVE


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--set", "measured_cpus"], "--set measured_cpus: must be NAME=VALUE"),
        (["--set", "measured_cpus=x"], "measured_cpus=x: must be CPUs"),
        (["--set", "measured_cpus=4000"], "measured_cpus=4000: this machine has the CPUs"),
        (["--set", "cpus=1"], 'has no parameter "cpus"'),
        (["--rules", "no-such.toml"], "no-such.toml: cannot be read"),
        (["--facts", "no-such.facts"], "no-such.facts: cannot be read"),
        (["--kernel", "generic"], "--kernel requires --board"),
        (["--board", "qemu-virt-arm64"], "--board was given without --kernel"),
        (["--board", "raspberry-pi-4b", "--kernel", "generic"], "is none of the virtual bench's"),
        (["--board", "qemu-virt-arm64", "--kernel", "no-such"], "no-such"),
        (["--board", "qemu-virt-arm64", "--kernel", "generic", "--script"], "--script excludes --board"),
    ],
)
def test_what_the_user_mistyped_is_named(loopgate, arguments, why):
    done = loopgate(*arguments)
    assert done.returncode == USAGE
    assert why in done.stderr


def test_facts_that_were_cut_off_are_refused(loopgate, tmp_path):
    whole = (RECORDINGS / "rt-tuned.facts").read_bytes()
    (tmp_path / "cut.facts").write_bytes(whole[: len(whole) // 2])
    done = loopgate("--facts", tmp_path / "cut.facts", "--json", tmp_path / "none.json")
    assert done.returncode == INVALID
    assert "cut.facts:" in done.stderr
    assert "run the script again" in done.stderr
    assert not (tmp_path / "none.json").exists()


@pytest.mark.skipif(not shutil.which("qemu-system-aarch64"), reason="not installed: qemu-system-arm")
def test_a_candidates_settings_are_read_in_the_guest(loopgate, tmp_path):
    """What its file isolates is in effect there, and what it leaves alone is told."""
    done = loopgate("--board", "qemu-virt-arm64-smp", "--kernel", "rt-isolated", "--json", tmp_path / "audit.json")
    assert done.returncode == INVALID, done.stderr
    document = json.loads((tmp_path / "audit.json").read_text())
    assert document["parameters"][0] == {"name": "measured_cpus", "value": "1", "source": "given"}
    judged = {finding["name"]: finding["judgement"] for finding in document["findings"]}
    assert "unknown" not in judged.values(), judged
    for rule in ("preempt-rt", "isolated-cpus", "rcu-callbacks", "default-affinity", "user-real-time", "interrupt-priorities"):
        assert judged[rule] == "good", rule
    for rule in ("tick", "fair-server", "timer-migration"):
        assert judged[rule] == "attention", rule
