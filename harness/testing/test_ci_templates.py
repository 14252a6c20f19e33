"""The templates of ci/templates/ keep to their languages, and their shell steps do what they say: run here with the real loopgate, on small runs."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml
from bench import long
from conftest import BUILD, FAIL, PASS, POLICY, ROOT
from pipelines import CACHE, STUB, Workflow, checkout, executable, shell

TEMPLATES = ROOT / "ci" / "templates"
WORKFLOWS = sorted((TEMPLATES / "github" / "workflows").glob("*.yml"))
SMALL = "--kernel generic --load idle --samples 20 --repeat 4"

# Releases are folders of $FAKE_RELEASES, and comments files of $FAKE_COMMENTS: their names are their ids, AUTHOR-NUMBER.
GH = r"""#!/bin/bash -e
case "$1 $2" in
  "release list") ls -t "$FAKE_RELEASES" ;;
  "release view") ls "$FAKE_RELEASES/$3" ;;
  "release download") mkdir -p "$7"; cp "$FAKE_RELEASES/$3/$5" "$7" ;;
  "release upload") mkdir -p "$FAKE_RELEASES/$3"; cp "$4" "$FAKE_RELEASES/$3" ;;
  "api --paginate") test "$3 $4" = "repos/o/r/issues/7/comments --jq"
    for each in "$FAKE_COMMENTS"/*; do jq -n --rawfile body "$each" --arg id "${each##*/}" '{id: $id, user: {login: ($id | split("-")[0] | if . == "bot" then "github-actions[bot]" else . end)}, body: $body}'; done | jq -s . | jq -r "$5" ;;
  "api --method") test "$5 $6" = "--field body=@comment.md"
    case "$3 $4" in
      "PATCH repos/o/r/issues/comments/"*) test -f "$FAKE_COMMENTS/${4##*/}"; cp comment.md "$FAKE_COMMENTS/${4##*/}" ;;
      "POST repos/o/r/issues/7/comments") cp comment.md "$FAKE_COMMENTS/bot-new" ;;
      *) exit 1 ;;
    esac ;;
  *) echo "gh $*: is not known here" >&2; exit 1 ;;
esac
"""
# A registry of generic packages: files of $FAKE_RELEASES.
CURL = r"""#!/bin/bash -e
file=$FAKE_RELEASES/comparison.json
for word; do last=$word; done
case "$*" in
  *--upload-file*) test "${last##*/}" = comparison.json; cp runs/whole/comparison.json "$file" ;;
  *) if [ -f "$file" ]; then cp "$file" comparison.json; printf 200; else printf "${FAKE_CODE:-404}"; fi ;;
esac
"""
# A kernel's build: an image that is in the cache. Says of which tree.
MAKE = r"""#!/bin/bash -e
mkdir -p arch/arm64/boot
case " $* " in *" Image "*) echo "$NAME: $(ls *.c | xargs)" >> "$FAKE_BUILDS" ;; esac
case " $* " in *" Image "*) cp "$FAKE_IMAGES/$NAME/vmlinuz" arch/arm64/boot/Image ;; *) cp "$FAKE_IMAGES/$NAME/config" .config ;; esac
"""


@pytest.fixture
def programs(tmp_path):
    folder = tmp_path / "programs"
    executable(folder / "apt-get", STUB)
    for name, text in (("gh", GH), ("curl", CURL), ("make", MAKE)):
        executable(folder / name, text)
    return folder


@pytest.fixture
def fakes(tmp_path):
    (tmp_path / "releases").mkdir()
    (tmp_path / "comments").mkdir()
    (tmp_path / "comments" / "somebody-1").write_text("<!-- loopgate: latency -->\nmine")
    (tmp_path / "comments" / "bot-2").write_text("of another workflow")
    return {"FAKE_RELEASES": str(tmp_path / "releases"), "FAKE_COMMENTS": str(tmp_path / "comments"), "FAKE_IMAGES": str(tmp_path / "images"),
            "FAKE_BUILDS": str(tmp_path / "builds"), "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")}  # fmt: skip


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY + 'max_us = 1000\n[[baseline]]\nkernel = "generic"\nload = "idle"\nquantity = "max"\nmax_ratio = 1.0\n')
    return str(path)


def parsed(path):
    return yaml.safe_load(path.read_text())


# --- Languages --------------------------------------------------------------------------------------------------------------------


def test_yaml_is_well_formed():
    done = subprocess.run(["yamllint", "--strict", "-c", TEMPLATES / "yamllint.yml", TEMPLATES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_keeps_to_githubs_form(path):
    workflow = parsed(path)
    assert set(workflow) <= {"name", True, "permissions", "env", "defaults", "jobs"}  # True is how YAML 1.1 reads "on"
    assert workflow["permissions"] == {"contents": "read"} and workflow["defaults"]["run"]["shell"] == "bash"
    for name, job in workflow["jobs"].items():
        assert set(job) <= {"needs", "if", "runs-on", "container", "timeout-minutes", "strategy", "permissions", "env", "steps"}, name
        assert job["timeout-minutes"] <= 120, "every wait has an end"
        assert job.get("needs", name) in workflow["jobs"]
        check_steps(job["steps"])


def test_the_action_keeps_to_githubs_form():
    action = parsed(TEMPLATES / "github" / "action.yml")
    assert set(action) == {"name", "description", "inputs", "runs"} and action["runs"]["using"] == "composite"
    assert all(set(about) == {"description", "default"} for about in action["inputs"].values())
    assert all(step["shell"] == "bash" for step in action["runs"]["steps"] if "run" in step)
    check_steps(action["runs"]["steps"])


def check_steps(steps):
    for step in steps:
        assert set(step) <= {"name", "if", "uses", "with", "run", "env", "shell"} and ("run" in step) != ("uses" in step), step
        assert re.fullmatch(r"[\w./-]+@[\w.]+", step.get("uses", "a@v1")), step
        assert "${{" not in step.get("run", ""), "what comes from outside goes through env: in a script it would be run"


def scripts_of(path):
    """The shell parts of a template, whatever its language."""
    if path.name == "Jenkinsfile":
        return [first or second for first, second in re.findall(r"\bsh '''(.*?)'''|\bsh '([^'\n]+)'", path.read_text(), re.DOTALL)]
    document = parsed(path)
    if "runs" in document:
        return [step["run"] for step in document["runs"]["steps"] if "run" in step]
    if "jobs" in document:
        return [step["run"] for job in document["jobs"].values() for step in job["steps"] if "run" in step]
    return [line for job in document.values() if isinstance(job, dict) for line in job.get("script", [])]


@pytest.mark.parametrize("path", [*WORKFLOWS, TEMPLATES / "github" / "action.yml", *TEMPLATES.glob("gitlab/*.yml"), TEMPLATES / "jenkins" / "Jenkinsfile"], ids=lambda path: path.name)
def test_shell_parts_are_sound(path):
    scripts = scripts_of(path)
    assert len(scripts) > 3
    for script in scripts:  # words of options are to be split (2086)
        done = subprocess.run(["shellcheck", "--shell=bash", "--exclude=SC2086", "--severity=warning", "-"], input="set -eo pipefail\n" + script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_jenkinsfile_is_groovy(tmp_path):
    """Its syntax alone: Debian has no plugin of Jenkins that knows the words."""
    if not shutil.which("groovy"):
        pytest.skip("not installed: groovy")
    java = shutil.which("java")
    environment = {**os.environ, "JAVA_HOME": os.path.dirname(os.path.dirname(os.path.realpath(java)))} if java else None

    def parse(path):
        command = ["groovy", "-e", f"new GroovyShell().parse(new File('{path}'))"]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)

    good = parse(TEMPLATES / "jenkins" / "Jenkinsfile")
    assert good.returncode == 0, good.stderr
    (tmp_path / "Jenkinsfile").write_text((TEMPLATES / "jenkins" / "Jenkinsfile").read_text().replace("stage('build')", "stage('build'"))
    assert parse(tmp_path / "Jenkinsfile").returncode != 0


# --- What they do -----------------------------------------------------------------------------------------------------------------


def is_merged(run, shards=4):
    record = json.loads((run / "run.json").read_text())
    outcomes = [json.loads((run / "cells" / cell["cell"] / "outcome.json").read_text())["outcome"] for cell in record["cells"]]
    return outcomes == ["measured"] * 4 and len(record["circumstances"]["shards"]) == shards


@long  # two kernels are measured by themselves; the workflow of one fails and is kept below
def test_the_workflow_of_a_matrix(tmp_path, programs, fakes, policy):
    """A release leaves its comparison.json, and the next change is held against it."""
    variables = {**fakes, "OPTIONS": SMALL, "POLICY": policy}
    contexts = {"github.token": "t", "github.ref_name": "v1", "github.repository": "o/r", "hashFiles('fixtures/kernels/*.toml', 'fixtures/rootfs/**')": "h"}
    workflow = Workflow(parsed(WORKFLOWS[-1]), tmp_path, programs, contexts, variables)
    for name in workflow.parsed["jobs"]:
        workflow.run_job(name)
    words = [script.split()[1] for script in workflow.ran if script.startswith("build/loopgate")]
    assert words == ["plan", "run", "run", "run", "run", "merge"]
    judged = workflow.artifacts / "latency"
    assert is_merged(judged / "runs" / "whole") and (judged / "runs" / "whole" / "report" / "index.html").exists()
    assert (judged / "latency.om").read_text().endswith("# EOF\n") and json.loads((judged / "kcidb.json").read_text())["tests"]
    summary = (tmp_path / "judge-" / "summary.md").read_text()
    assert summary.startswith("No release has a comparison.json") and "## PASS" in summary

    later = tmp_path / "later"
    later.mkdir()
    (tmp_path / "releases" / "v0").mkdir()  # has none, and is newer
    change = Workflow(parsed(WORKFLOWS[-1]), later, programs, {**contexts, "github.ref_name": "main"}, variables)
    shutil.copytree(workflow.artifacts, change.artifacts, symlinks=True, ignore=shutil.ignore_patterns("latency"))
    change.run_job("judge")
    assert "The baseline is of release v1." in change.printed
    assert json.loads((change.artifacts / "latency" / "runs" / "whole" / "verdict.json").read_text())["baseline"] == "baseline/comparison.json"

    # Another build has measured the last release: the budgets judge alone, which is said, and what was measured is the next one's baseline.
    of_another_build(tmp_path / "releases" / "v1" / "comparison.json")
    rebuilt_at = tmp_path / "rebuilt"
    rebuilt_at.mkdir()
    rebuilt = Workflow(parsed(WORKFLOWS[-1]), rebuilt_at, programs, {**contexts, "github.ref_name": "v2"}, variables)
    shutil.copytree(workflow.artifacts, rebuilt.artifacts, symlinks=True, ignore=shutil.ignore_patterns("latency"))
    rebuilt.run_job("judge")
    rebuilt.run_job("keep")
    summary = (rebuilt_at / "judge-" / "summary.md").read_text()
    assert "Held against no baseline" in summary and "programs' digest" in summary and "## PASS" in summary
    assert json.loads((rebuilt.artifacts / "latency" / "runs" / "whole" / "verdict.json").read_text())["baseline"] is None
    assert (tmp_path / "releases" / "v2" / "comparison.json").exists()


def of_another_build(comparison):
    text, count = re.subn(r'("programs_sha256": ")[0-9a-f]+', r"\g<1>" + "5" * 64, comparison.read_text())
    assert count
    comparison.write_text(text)


def test_what_fails_the_gate_fails_the_workflow_and_is_kept(tmp_path, programs, fakes, policy):
    (tmp_path / "policy.toml").write_text(POLICY + "max_us = 1\n")
    contexts = {"github.token": "t", "github.ref_name": "main", "github.repository": "o/r", "hashFiles('fixtures/kernels/*.toml', 'fixtures/rootfs/**')": "h"}
    workflow = Workflow(parsed(WORKFLOWS[-1]), tmp_path, programs, contexts, {**fakes, "OPTIONS": SMALL, "POLICY": policy})
    workflow.run_job("build")
    workflow.run_job("shard")
    (statuses,) = workflow.run_job("judge", check=False)
    assert [status for status in statuses if status] == [FAIL]
    assert "## FAIL" in (tmp_path / "judge-" / "summary.md").read_text()
    assert (workflow.artifacts / "latency" / "runs" / "whole" / "report" / "index.html").exists()


@pytest.fixture
def images(fakes, tmp_path):
    """A base and a change of it: Debian's kernel, and the same with PREEMPT_RT."""
    for name, pattern in (("base", "linux-image-[0-9.]*-arm64_*"), ("change", "linux-image-[0-9.]*-rt-arm64_*")):
        found = [path for path in (CACHE / "kernels").glob(pattern) if ("-rt-" in path.name) == (name == "change")]
        assert found, f"{CACHE}/kernels has no {pattern}: other tests fetch it"
        folder = tmp_path / "images" / name
        folder.mkdir(parents=True)
        for file, wanted in (("vmlinuz", "vmlinuz*"), ("config", "config*")):
            shutil.copy(next(path for path in found[0].rglob(wanted) if path.is_file()), folder / file)


@long
def test_a_kernels_change_is_compared_with_its_base_and_the_table_is_commented(tmp_path, programs, fakes, images):
    (tmp_path / "tree" / "ci" / "templates").mkdir(parents=True)
    tree = tmp_path / "tree"
    shutil.copytree(TEMPLATES / "github", tree / "ci" / "templates" / "github")
    checkout(tree)
    contexts = {"github.event.pull_request.head.sha": "cafe", "github.sha": "m", "github.token": "t", "github.repository": "o/r",
                "github.event.number": "7", "runner.arch": "X64", "github.action_ref": "main"}  # fmt: skip
    variables = {**fakes, "OPTIONS": "--load mixed --samples 300 --repeat 5 --jobs 2"}
    action = {"OWNER/loopgate/ci/templates/github@main": tree / "ci" / "templates" / "github" / "action.yml"}
    workflow = Workflow(parsed(TEMPLATES / "github" / "workflows" / "kernel.yml"), tmp_path, programs, contexts, variables, action)
    merged_pull_request(tmp_path / "prepared")
    workflow.prepared = "kernel"
    workflow.run_job("kernel")
    assert (tmp_path / "builds").read_text().splitlines() == ["base: begun.c meanwhile.c", "change: begun.c meanwhile.c pull.c"]
    shutil.rmtree(tmp_path / "prepared")
    (tmp_path / "prepared" / ".github" / "workflows").mkdir(parents=True)
    shutil.copy(TEMPLATES / "github" / "workflows" / "kernel-change.toml", tmp_path / "prepared" / ".github" / "workflows")
    workflow.prepared = "compare"
    (statuses,) = workflow.run_job("compare", check=False)
    assert [status for status in statuses if status] == [FAIL], workflow.printed
    table = (tmp_path / "comments" / "bot-new").read_text()
    assert table.startswith("<!-- loopgate: latency -->\nOf cafe, merged ([log](")
    assert re.search(r"^\| base \| .*^\| change \| ", table, re.MULTILINE | re.DOTALL)
    assert "p50 at most 1.01 of base's" in table

    # Where the next push comes to no verdict, none stays in the comment.
    shutil.rmtree(tmp_path / "compare-")
    shutil.rmtree(workflow.artifacts / "loopgate")
    workflow.variables["OPTIONS"] = "--load nosuch"
    (statuses,) = workflow.run_job("compare", check=False)
    assert any(statuses)
    assert (tmp_path / "comments" / "bot-new").read_text().startswith("<!-- loopgate: latency -->\n**No verdict** for cafe: ")
    assert (tmp_path / "comments" / "somebody-1").read_text().endswith("mine") and (tmp_path / "comments" / "bot-2").read_text() == "of another workflow"


def merged_pull_request(folder):
    """A clone at GitHub's merge commit, of a base that has gone on since the pull request was begun."""
    folder.mkdir()

    def git(*arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    def commit(name):
        (folder / f"{name}.c").write_text(name)
        git("add", f"{name}.c")
        git("commit", "-qm", name)

    git("init", "-qb", "main")
    commit("begun")
    git("checkout", "-qb", "pull")
    commit("pull")
    git("checkout", "-q", "main")
    commit("meanwhile")
    git("merge", "-q", "--no-ff", "-m", "merge", "pull")


@pytest.fixture
def pipeline(tmp_path, programs, fakes, policy):
    """Runs a script in a workspace that all jobs share."""
    folder = tmp_path / "work"
    folder.mkdir()
    checkout(folder)
    (folder / "cache").symlink_to(CACHE)
    environment = {**os.environ, **fakes, "PATH": f"{programs}:{os.environ['PATH']}", "OPTIONS": SMALL, "POLICY": policy, "SUITE": "irq-to-gpio"}

    def run(script, interpreter=("bash", "-eo", "pipefail", "-c"), **more):
        return shell(script, folder, {**environment, **more}, interpreter)

    run.folder = folder
    return run


def run_gitlab(pipeline, **more):
    """The jobs of the template in their order; gives each one's exit status and what the last one printed."""
    template = parsed(next(TEMPLATES.glob("gitlab/*.yml")))
    variables = {"BASELINE": "http://registry/loopgate-baseline", "CI_JOB_TOKEN": "t", "CI_NODE_TOTAL": "4", "LOOPGATE_CACHE": str(CACHE), **more}
    statuses, printed = [], ""
    for name in ("loopgate build", "loopgate shard", "loopgate judge"):
        job = template[name]
        assert job["stage"] in template["stages"]
        for index in range(1, job.get("parallel", 1) + 1):
            status, printed = pipeline("\n".join(job["script"]), **variables, CI_NODE_INDEX=str(index))
            statuses.append(status)
    return statuses, printed


def test_gitlab(pipeline, tmp_path):
    statuses, printed = run_gitlab(pipeline, CI_COMMIT_TAG="v1")
    assert statuses == [PASS] * 6, printed
    assert "No release has a comparison.json" in printed
    run = pipeline.folder / "runs"
    assert is_merged(run / "whole") and (run / "whole" / "junit.xml").exists() and (tmp_path / "releases" / "comparison.json").exists()
    shutil.rmtree(run)
    statuses, printed = run_gitlab(pipeline)
    assert statuses == [PASS] * 6, printed
    assert json.loads((run / "whole" / "verdict.json").read_text())["baseline"] == "baseline/comparison.json"


def test_gitlab_ends_as_the_gate_does_whatever_becomes_of_the_report(pipeline, tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY + "max_us = 1\n")
    (pipeline.folder / "build").unlink()
    executable(pipeline.folder / "build" / "loopgate", f'#!/bin/sh\n[ "$1" = report ] && exit 3\nexec "{BUILD}/loopgate" "$@"\n')
    statuses, printed = run_gitlab(pipeline, CI_COMMIT_TAG="v1")
    assert statuses == [PASS] * 5 + [FAIL], printed
    assert not (tmp_path / "releases" / "comparison.json").exists()


@long  # two more runs
def test_gitlab_keeps_a_baseline_after_a_change_of_the_programs(pipeline, tmp_path):
    statuses, printed = run_gitlab(pipeline, CI_COMMIT_TAG="v1")
    assert statuses == [PASS] * 6, printed
    kept = tmp_path / "releases" / "comparison.json"
    of_another_build(kept)
    before = kept.read_text()
    shutil.rmtree(pipeline.folder / "runs")
    statuses, printed = run_gitlab(pipeline, CI_COMMIT_TAG="v2")
    assert statuses == [PASS] * 6, printed
    assert "Held against no baseline" in printed and kept.read_text() != before


def test_gitlab_takes_no_failure_for_an_absent_baseline(pipeline):
    statuses, printed = run_gitlab(pipeline, FAKE_CODE="403")
    assert statuses[-1] == 3 and "the baseline cannot be asked for: HTTP 403" in printed


@long
def test_jenkins(pipeline, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    for entry in CACHE.iterdir():
        (kept / entry.name).symlink_to(entry)
    (pipeline.folder / "cache").unlink()
    scripts = scripts_of(TEMPLATES / "jenkins" / "Jenkinsfile")
    ran = []
    for script in scripts:
        for shard in ("1", "2", "3", "4") if "$SHARD" in script else ("",):
            if "merge" in script:
                assert len(list((pipeline.folder / "runs").iterdir())) == 4
            status, printed = pipeline(script.replace("/kept", str(kept)), ("bash", "-ec"), SHARD=shard)
            assert status == PASS, printed
            ran += re.findall(r"build/loopgate (\w+)|(ci/judge)", script)
    assert ["".join(word) for word in ran] == ["plan", "run", "run", "run", "run", "merge", "ci/judge", "report"]
    assert is_merged(pipeline.folder / "runs" / "whole")
