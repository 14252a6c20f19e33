"""A run over several machines: the parts of it, merged, are the run that one machine measures; and the recipes of suites/README.md."""

import json
import os
import re
import shutil
import subprocess
import time

import pytest
from bench import free_port
from conftest import BUILD, INVALID, PASS, POLICY, ROOT, USAGE
from loopgate_report.seal import sealed

SMALL = ["--kernel", "generic", "--load", "idle", "--samples", 20, "--repeat", 4]
# What names the host, its times or its folders (decision 0048); all else is equal to the byte.
OF_THE_HOST = {"run.json", "outcome.json", "evidence.json", "commands.txt", "console.log"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory, loopgate):
    """One run, unsharded and as two shards that are merged."""
    folder = tmp_path_factory.mktemp("shards")
    assert loopgate("run", "irq-to-gpio", *SMALL, "--out", folder / "alone").returncode == PASS
    for index in (1, 2):
        done = loopgate("run", "irq-to-gpio", *SMALL, "--shard", f"{index}/2", "--out", folder / f"part-{index}")
        assert done.returncode == PASS, done.stderr
        assert done.stdout.startswith(f"shard {index} of 2 is in ")
    merged = loopgate("merge", folder / "part-2", folder / "part-1", "--out", folder / "whole")
    assert merged.returncode == PASS, merged.stderr
    assert "2 shards of 4 cells; 1 cell was measured by two shards, and its measurements are equal to the byte" in merged.stderr
    return folder


def files_of(run):
    return {path.relative_to(run): path for path in run.rglob("*") if path.is_file()}


def policy_in(folder):
    path = folder / "policy.toml"
    path.write_text(POLICY + "max_us = 1000\n")
    return path


def test_the_merged_run_is_the_unsharded_one(loopgate, runs):
    verdicts = [loopgate("gate", runs / name, "--policy", policy_in(runs)) for name in ("alone", "whole")]
    assert verdicts[0].returncode == verdicts[1].returncode == PASS
    assert verdicts[0].stdout == verdicts[1].stdout
    alone, whole = files_of(runs / "alone"), files_of(runs / "whole")
    assert set(alone) == set(whole)
    differing = {name.name for name in alone if alone[name].read_bytes() != whole[name].read_bytes()}
    assert differing <= OF_THE_HOST
    equal = {name.name for name in alone} - differing
    assert equal >= {"samples.lgs", "summary.json", "comparison.json", "distribution.json", "verdict.json", "junit.xml", "verdict.md"}
    plans = [json.loads((runs / name / "run.json").read_text()) for name in ("alone", "whole")]
    assert [plan.pop("circumstances").get("shards") is None for plan in plans] == [True, False]
    assert plans[0] == plans[1]


def test_the_report_draws_a_merged_run(loopgate, runs):
    drawn = loopgate("report", runs / "whole")
    assert drawn.returncode == PASS, drawn.stderr
    page = (runs / "whole" / "report" / "index.html").read_text()
    assert "generic" in page and "another run" not in page
    shutil.rmtree(runs / "whole" / "report")


def test_an_unconfirmed_argument_is_told_of_a_merged_run_too(loopgate, runs, tmp_path):
    for index in (1, 2):
        part = tmp_path / f"part-{index}"
        shutil.copytree(runs / f"part-{index}", part)
        for path in part.glob("cells/*/outcome.json"):
            outcome = json.loads(path.read_text())
            outcome["unconfirmed_arguments"] = [{"argument": "mine=1", "why": "nothing tells"}]
            path.write_text(sealed(outcome))
    merged = loopgate("merge", tmp_path / "part-1", tmp_path / "part-2", "--out", tmp_path / "whole")
    assert merged.returncode == PASS, merged.stderr
    assert "mine=1" in merged.stdout and "not confirmed" in merged.stdout


def test_a_merged_run_is_not_resumed(loopgate, runs):
    before = (runs / "whole" / "run.json").read_bytes()
    done = loopgate("run", "irq-to-gpio", *SMALL, "--resume", "--out", runs / "whole")
    assert done.returncode == USAGE
    assert "is a merged run, which is not gone on with" in done.stderr and "measure the shard again and merge" in done.stderr
    assert (runs / "whole" / "run.json").read_bytes() == before


def test_a_part_is_merged_first(loopgate, runs):
    part = runs / "part-2"
    before = files_of(part).keys()
    for arguments in (["gate", part, "--policy", policy_in(runs)], ["stats", part], ["report", part], ["stats", "--export", "csv", part],
                      ["gate", runs / "alone", "--policy", policy_in(runs), "--baseline", part]):  # fmt: skip
        done = loopgate(*arguments)
        assert (done.returncode, done.stdout) == (USAGE, "")
        assert f"{part} is a part, shard 2 of 2: merge first" in done.stderr
    assert files_of(part).keys() == before


@pytest.mark.parametrize("shard", ["0/8", "9/8", "x", "2/", "8"])
def test_a_shard_that_is_none_is_refused(loopgate, tmp_path, shard):
    done = loopgate("run", "irq-to-gpio", "--shard", shard, "--out", tmp_path / "part")
    assert done.returncode == USAGE and f"--shard {shard}: " in done.stderr
    assert not (tmp_path / "part").exists()


def test_a_missing_shard_is_named_and_nothing_is_left(loopgate, runs, tmp_path):
    done = loopgate("merge", runs / "part-1", "--out", tmp_path / "whole")
    assert done.returncode == USAGE
    assert "of 2 shards 2 is missing, and with it " in done.stderr and "--shard 2/2" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(loopgate, runs, small_disk):
    done = loopgate("merge", runs / "part-1", runs / "part-2", "--out", small_disk / "whole")
    assert done.returncode == INVALID
    assert "No space left on device" in done.stderr and "free some space on that disk" in done.stderr
    assert list(small_disk.iterdir()) == []


# --- Recipes ----------------------------------------------------------------------------------------------------------------------


def recipe_with(word):
    page = (ROOT / "suites" / "README.md").read_text(encoding="utf-8")
    section = page[page.index("### A run over several machines") : page.index("### How often a gate errs")]
    return next(text for text in re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL) if word in text)


def small(command):
    """The same for a run of seconds, with a policy that it fits."""
    command = command.replace("run irq-to-gpio", f"run irq-to-gpio {' '.join(map(str, SMALL))} --jobs 1")
    return command.replace("suites/irq-to-gpio/release.toml", "policy.toml")


@pytest.fixture
def checkout(tmp_path):
    """A folder that looks like the tree to who works in it, with runs of its own."""

    def make(name):
        folder = tmp_path / name
        (folder / "runs").mkdir(parents=True)
        for entry in ("suites", "boards", "fixtures", "ci", "reports"):
            (folder / entry).symlink_to(ROOT / entry)
        (folder / "build").symlink_to(BUILD)
        policy_in(folder)
        return folder

    return make


def shell(command, folder, **options):
    done = subprocess.run(["bash", "-euc", command], cwd=folder, capture_output=True, text=True, timeout=600, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def is_merged(run, shards):
    record = json.loads((run / "run.json").read_text())
    outcomes = [json.loads((run / "cells" / cell["cell"] / "outcome.json").read_text())["outcome"] for cell in record["cells"]]
    return outcomes == ["measured"] * 4 and len(record["circumstances"]["shards"]) == shards


def needs(*programs):
    missing = [program for program in programs if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture
def machines(tmp_path):
    """bench-1 and bench-2 by ssh: this machine, by a server of the test's own. Gives the ssh command."""
    needs("sshd", "ssh")
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    port = free_port()
    # What is said of each connection would fill what a failing test shows.
    (folder / "sshd_config").write_text(f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
                                        f"StrictModes no\nPidFile none\nPermitRootLogin yes\nPermitUserEnvironment no\nMaxStartups 100\nLogLevel ERROR\n")  # fmt: skip
    (folder / "ssh_config").write_text(f"Host bench-*\n HostName 127.0.0.1\n Port {port}\n IdentityFile {folder}/user\n IdentitiesOnly yes\n"
                                       f" StrictHostKeyChecking no\n UserKnownHostsFile {folder}/known\n LogLevel ERROR\n BatchMode yes\n")  # fmt: skip
    os.makedirs("/run/sshd", exist_ok=True)
    server = subprocess.Popen([shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin"), "-D", "-e", "-f", folder / "sshd_config"])
    ssh = f"ssh -F {folder}/ssh_config"
    wait_until(lambda: subprocess.run([*ssh.split(), "bench-1", "true"], check=False).returncode == 0, "no ssh")
    yield ssh
    server.terminate()
    server.wait()


def wait_until(holds, otherwise, limit_s=60):
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.2)


def test_gnu_parallel_over_ssh(checkout, machines):
    needs("parallel", "rsync")
    here, there = checkout("here"), checkout("there")
    command = recipe_with("parallel").replace("/srv/loopgate", str(there))
    cache = os.environ.get("LOOPGATE_CACHE")
    if cache:  # which ssh does not pass on
        command = command.replace("build/loopgate run", f"LOOPGATE_CACHE={cache} build/loopgate run")
    shell(small(command), here, env={**os.environ, "PARALLEL_SSH": machines, "PARALLEL_HOME": str(here / "parallel"), "LC_ALL": "C.UTF-8"})
    assert is_merged(here / "runs" / "whole", 4)
    assert len(list((there / "runs").iterdir())) == 4


@pytest.fixture
def slurm(tmp_path):
    """A cluster of one node: munge, slurmctld and slurmd of the test's own. Gives the environment of its commands."""
    needs("sbatch", "slurmctld", "slurmd", "munged", "mungekey")
    if os.geteuid() != 0:
        pytest.skip("slurmd needs root")
    yield from cluster_in(tmp_path)


def cluster_in(tmp_path):
    folder = tmp_path / "slurm"
    folder.mkdir(mode=0o755)
    host = subprocess.run(["hostname", "-s"], capture_output=True, text=True, check=True).stdout.strip()
    ports = [free_port(), free_port()]
    (folder / "slurm.conf").write_text(
        f"ClusterName=test\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={ports[0]}\nSlurmdPort={ports[1]}\nSlurmUser=root\nSlurmdUser=root\n"
        f"AuthType=auth/munge\nAuthInfo=socket={folder}/munge.socket\nCredType=cred/munge\nStateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool\n"
        f"SlurmctldPidFile={folder}/ctld.pid\nSlurmdPidFile={folder}/d.pid\nSlurmctldLogFile={folder}/ctld.log\nSlurmdLogFile={folder}/d.log\n"
        "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nJobAcctGatherType=jobacct_gather/none\nMpiDefault=none\nReturnToService=2\n"
        "SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nSwitchType=switch/none\n"
        f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} State=UNKNOWN\nPartitionName=all Nodes=ALL Default=YES State=UP\n"
    )
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run(["mungekey", "--create", "--keyfile", folder / "munge.key"], check=True, env=environment)
    daemons = []

    def start(*argv):
        daemons.append(subprocess.Popen(list(map(str, argv)), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    try:
        start("munged", "--foreground", "--force", "--key-file", folder / "munge.key", "--socket", folder / "munge.socket",
              "--pid-file", folder / "munge.pid", "--seed-file", folder / "munge.seed", "--log-file", folder / "munge.log")  # fmt: skip
        wait_until((folder / "munge.socket").exists, "munged did not start")
        start("slurmctld", "-D")
        start("slurmd", "-D", "-N", host)
        wait_until(lambda: "idle" in subprocess.run(["sinfo", "-h", "-o", "%t"], capture_output=True, text=True, env=environment, check=False).stdout,
                   "the node did not come up")  # fmt: skip
        yield environment
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(timeout=30)


def test_slurm(checkout, slurm):
    folder = checkout("work")
    command = small(recipe_with("sbatch").replace("--cpus-per-task=2", "--cpus-per-task=1"))
    done = subprocess.run(["bash", "-euc", command], cwd=folder, capture_output=True, text=True, timeout=600, check=False, env=slurm)
    told = "".join(path.read_text() for path in sorted(folder.glob("slurm-*.out")))
    assert done.returncode == 0, done.stdout + done.stderr + told
    assert "shard 3 of 4 is in " in told
    assert is_merged(folder / "runs" / "whole", 4)
