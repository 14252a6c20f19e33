"""What a CI system does with a template, as far as its shell steps need it: jobs in workspaces of their own, variables, artifacts, conditions."""

import fnmatch
import os
import pathlib
import re
import shutil
import subprocess

from conftest import BUILD, ROOT

CACHE = pathlib.Path(os.environ.get("LOOPGATE_CACHE", pathlib.Path.home() / ".cache" / "loopgate"))
# Whoever installs or builds: it has been done.
STUB = "#!/bin/sh\nexit 0\n"


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def checkout(folder):
    """What looks like the tree to who works in it, built and with its cache, but for ci/setup and ci/build, which do nothing."""
    for entry in ("suites", "boards", "fixtures", "reports"):
        (folder / entry).symlink_to(ROOT / entry)
    for script in ("setup", "build"):
        executable(folder / "ci" / script, STUB)
    (folder / "ci" / "judge").symlink_to(ROOT / "ci" / "judge")
    (folder / "build").symlink_to(BUILD)


def shell(script, folder, environment, interpreter=("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")):
    """(exit status, all that was printed)"""
    done = subprocess.run([*interpreter, script], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
    return done.returncode, done.stdout


class Workflow:
    """A workflow of GitHub's. Each job gets a folder below `folder`; `programs` is a folder of fakes that come first in PATH."""

    def __init__(self, parsed, folder, programs, contexts, variables, actions=None):
        self.parsed, self.folder, self.contexts, self.actions = parsed, folder, contexts, actions or {}
        self.variables = {**(parsed.get("env") or {}), **variables}
        self.programs, self.artifacts, self.printed, self.ran = programs, folder / "artifacts", "", []
        self.prepared = None  # the job that finds in its workspace what is in folder/prepared

    def resolve(self, text, contexts):
        def value(match):
            assert match[1] in contexts, f"${{{{ {match[1]} }}}} is in no context"
            return str(contexts[match[1]])

        return re.sub(r"\$\{\{ *(.*?) *\}\}", value, str(text))

    def run_job(self, name, check=True):
        """The steps' exit statuses; with `check` each must succeed."""
        job = self.parsed["jobs"][name]
        matrix = job.get("strategy", {}).get("matrix", {})
        rows = matrix.get("include") or [{key: value} for key, values in matrix.items() for value in values] or [{}]
        return [self.run_in_matrix(name, job, {f"matrix.{key}": value for key, value in row.items()}, check) for row in rows]

    def run_in_matrix(self, name, job, matrix, check):
        workspace = self.folder / f"{name}-{'-'.join(map(str, matrix.values()))[:40].replace('/', '_')}"
        shutil.copytree(self.folder / "prepared", workspace) if self.prepared == name else workspace.mkdir()
        contexts = {**self.contexts, **{key: self.resolve(value, self.contexts) for key, value in matrix.items()}, **{f"env.{key}": value for key, value in self.variables.items()}}
        environment = {**os.environ, **self.variables, "PATH": f"{self.programs}:{os.environ['PATH']}", "GITHUB_WORKSPACE": str(workspace),
                       "GITHUB_STEP_SUMMARY": str(workspace / "summary.md"), "GITHUB_ENV": str(workspace / "github-env")}  # fmt: skip
        environment.pop("LOOPGATE_CACHE", None)
        environment |= {key: self.resolve(value, contexts) for key, value in job.get("env", {}).items()}
        return self.run_steps(job["steps"], workspace, environment, contexts, check)

    def run_steps(self, steps, workspace, environment, contexts, check):
        statuses = []
        for step in steps:
            if any(statuses) and not re.search(r"always\(\)|!cancelled\(\)", str(step.get("if", ""))):
                continue
            inputs = {key: self.resolve(value, contexts) for key, value in step.get("with", {}).items()}
            if "run" in step:
                statuses.append(self.run_script(step, workspace, environment, contexts))
            elif step["uses"] in self.actions:
                statuses += self.run_action(self.actions[step["uses"]], inputs, workspace, environment, check)
            else:
                self.use(step["uses"].split("@")[0], inputs, workspace)
            assert not check or not any(statuses), self.printed
        return statuses

    def run_script(self, step, workspace, environment, contexts):
        assert "${{" not in step["run"], "what comes from outside goes through env: in a script it would be run"
        own = {key: self.resolve(value, contexts) for key, value in step.get("env", {}).items()}
        exported = workspace / "github-env"
        if exported.exists():
            environment.update(line.split("=", 1) for line in exported.read_text().splitlines())
        status, printed = shell(step["run"], workspace, {**environment, **own})
        self.ran.append(step["run"])
        self.printed += printed
        return status

    def run_action(self, path, inputs, workspace, environment, check):
        import yaml

        action = yaml.safe_load(path.read_text())
        unknown = set(inputs) - set(action["inputs"])
        assert not unknown, f"the action has no input {unknown}"
        values = {f"inputs.{key}": inputs.get(key, about["default"]) for key, about in action["inputs"].items()}
        return self.run_steps(action["runs"]["steps"], workspace, {**environment, "GITHUB_ACTION_PATH": str(path.parent)}, {**self.contexts, **values}, check)

    def use(self, action, inputs, workspace):
        if action == "actions/checkout":
            if not (workspace / "ci").exists() and "ref" not in inputs and "sparse-checkout" not in inputs:
                checkout(workspace)
        elif action == "actions/cache":
            place = workspace / inputs["path"]
            if not place.exists():
                place.symlink_to(CACHE)
        elif action == "actions/upload-artifact":
            self.upload(inputs, workspace)
        elif action == "actions/download-artifact":
            self.download(inputs, workspace)
        else:
            raise AssertionError(f"what does {action} do?")

    def upload(self, inputs, workspace):
        """A folder's entries, or a file; of several paths what they have in common is left out."""
        target = self.artifacts / inputs["name"]
        assert not target.exists(), "an artefact is never replaced"
        paths = [workspace / line for line in inputs["path"].split("\n") if line]
        root = paths[0] if len(paths) == 1 and paths[0].is_dir() else pathlib.Path(os.path.commonpath([path.parent for path in paths]))
        for path in paths:
            if path == root:
                shutil.copytree(path, target, symlinks=True)
            elif path.is_dir():
                shutil.copytree(path, target / path.relative_to(root), symlinks=True)
            elif path.exists():
                (target / path.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target / path.relative_to(root))

    def download(self, inputs, workspace):
        place = workspace / inputs.get("path", ".")
        names = [inputs["name"]] if "name" in inputs else sorted(fnmatch.filter(os.listdir(self.artifacts), inputs["pattern"]))
        assert names, f"nothing was uploaded as {inputs}"
        for name in names:
            apart = "name" not in inputs and inputs.get("merge-multiple") != "True"
            shutil.copytree(self.artifacts / name, place / name if apart else place, symlinks=True, dirs_exist_ok=True)
