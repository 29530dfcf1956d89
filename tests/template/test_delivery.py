"""Workflow, pipeline, Dockerfile and compose.yaml, checked by other programs, without network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest

from copperplate.questions.manifest import Manifest, Value
from copperplate.system.disk import File
from copperplate.templates.bundled import Release
from copperplate.templates.render import render
from copperplate.templates.template import Template
from testing import ROOT
from testing.superset import superset

PROGRAMS = Path(sys.executable).parent
SCHEMA = ("check-jsonschema", "--builtin-schema")
WORKFLOW, PIPELINE, COMPOSE = ".github/workflows/ci.yml", ".gitlab-ci.yml", "compose.yaml"
REMINDER, RENOVATE = ".github/workflows/template.yml", "renovate.json"
FILES = (WORKFLOW, REMINDER, PIPELINE, "Dockerfile", COMPOSE, RENOVATE)


@dataclass(frozen=True)
class Checker:
    command: tuple[str, ...]
    file: str
    """File that it reads, of each project that has it."""

    def __str__(self) -> str:
        return " ".join((*self.command, self.file))


ACTIONLINT = Checker(("actionlint", f"-shellcheck={PROGRAMS / 'shellcheck'}"), WORKFLOW)
ZIZMOR = Checker(("zizmor", "--offline", "--no-config", "--persona=auditor", "--strict-collection"), WORKFLOW)
HADOLINT = Checker(("hadolint", "--failure-threshold=style"), "Dockerfile")
WORKFLOW_SCHEMA = Checker((*SCHEMA, "vendor.github-workflows"), WORKFLOW)
TIME_LIMITS = Checker((*SCHEMA, "custom.github-workflows-require-timeout"), WORKFLOW)
PIPELINE_SCHEMA = Checker((*SCHEMA, "vendor.gitlab-ci", "--data-transform", "gitlab-ci"), PIPELINE)
COMPOSE_SCHEMA = Checker((*SCHEMA, "vendor.compose-spec"), COMPOSE)
RENOVATE_SCHEMA = Checker((*SCHEMA, "vendor.renovate"), RENOVATE)
OF_REMINDER = tuple(replace(checker, file=REMINDER) for checker in (ACTIONLINT, ZIZMOR, WORKFLOW_SCHEMA, TIME_LIMITS))

FAULTS = (
    (ACTIONLINT, "matrix.python", "matrix.pyton", 'property "pyton" is not defined'),
    (ACTIONLINT, "openssl rand -hex 32", "openssl rand -hex $LENGTH", "SC2086"),
    (ZIZMOR, "persist-credentials: false", "persist-credentials: true", "[artipacked]"),
    (ZIZMOR, "contents: read", "contents: write", "[excessive-permissions]"),
    (ZIZMOR, "@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7", "[unpinned-uses]"),
    (ZIZMOR, "run: uv lock --check", "run: echo ${{ github.head_ref }}", "[template-injection]"),
    (HADOLINT, "FROM python:3.12-slim-trixie", "FROM python", "DL3006"),
    (HADOLINT, "USER 10001:10001", "USER root", "DL3002"),
    (HADOLINT, 'CMD ["serve", "--host"', 'CMD ["serve" "--host"', "DL3025"),
    (WORKFLOW_SCHEMA, "runs-on:", "run-on:", "run-on"),
    (TIME_LIMITS, "timeout-minutes: 10", "continue-on-error: false", "timeout-minutes"),
    (PIPELINE_SCHEMA, "when: always", "when: allways", "allways"),
    (COMPOSE_SCHEMA, "read_only: true", "readonly: true", "readonly"),
    (
        RENOVATE_SCHEMA,
        '"lockFileMaintenance": { "enabled": true }',
        '"lockFileMaintenance": true',
        "lockFileMaintenance",
    ),
)

CHECKERS = (*dict.fromkeys(checker for checker, *_ in FAULTS), *OF_REMINDER)


@pytest.fixture(scope="module")
def projects(real_template: Template, asked: Manifest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the files that these checkers read, for every combination of answers that can change them."""
    few = Release("0", _only(FILES, real_template.release.files))
    choices: dict[str, tuple[Value, ...]] = {
        question.name: tuple(question.choices.values()) or (True, False) for question in asked.questions
    }
    made: list[Path] = []
    for ci, container, python in product(*(choices[name] for name in ("ci", "container", "python_version"))):
        answers = {"ci": ci, "container": container, "python_version": python}
        made.append(tmp_path_factory.mktemp("project"))
        render(few, made[-1], superset(asked).data() | answers, source="x")
    return made


def _only(names: tuple[str, ...], files: Mapping[str, File]) -> dict[str, File]:
    """The questions, and of the template these files alone, so that many projects are rendered in no time."""
    return {
        path: file
        for path, file in files.items()
        if not path.startswith("template/") or path.removeprefix("template/").removesuffix(".jinja") in names
    }


def run(checker: Checker, *files: Path) -> subprocess.CompletedProcess[str]:
    program, *options = checker.command
    command = [str(PROGRAMS / program), *options, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("checker", CHECKERS, ids=str)
def test_a_checker_finds_no_fault_in_any_project(checker: Checker, projects: list[Path]) -> None:
    files = {
        (path / checker.file).read_bytes(): path / checker.file for path in projects if (path / checker.file).exists()
    }
    assert files
    done = run(checker, *files.values())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[-1])
def test_a_checker_finds_a_seeded_fault(
    fault: tuple[Checker, str, str, str], projects: list[Path], tmp_path: Path
) -> None:
    checker, right, wrong, finding = fault
    text = next(text for path in projects if (text := _text(path / checker.file)) and right in text)
    faulty = tmp_path / checker.file
    faulty.parent.mkdir(parents=True, exist_ok=True)
    faulty.write_text(text.replace(right, wrong))
    done = run(checker, faulty)
    assert done.returncode != 0
    assert finding in done.stdout + done.stderr


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_the_documented_configuration_of_renovate_is_valid(tmp_path: Path) -> None:
    told = (ROOT / "docs" / "supply-chain.md").read_text(encoding="utf-8")
    (tmp_path / "renovate.json").write_text(told.split("```json\n")[1].split("```")[0])
    done = run(Checker((*SCHEMA, "vendor.renovate"), "renovate.json"), tmp_path / "renovate.json")
    assert done.returncode == 0, done.stdout


def test_every_way_to_run_in_continuous_integration_is_checked(asked: Manifest) -> None:
    """A new value of `ci` adds a file that needs a checker."""
    feature = next(feature for feature in asked.features if feature.question.name == "ci")
    assert set(feature.question.choices.values()) == {"github", "gitlab", "none"}
    assert {checker.file for checker in CHECKERS} == set(FILES)


@pytest.mark.parametrize("secret", ["SECRET_KEY", "POSTGRES_PASSWORD"])
def test_docker_compose_accepts_the_file_and_requires_its_secrets(projects: list[Path], secret: str) -> None:
    if not _has_compose():
        pytest.skip("no docker with its compose plugin here; the schema is checked all the same")
    project = next(path for path in projects if (path / COMPOSE).exists())
    others = {"MAIL_URL": "smtp://mail.invalid", "MAIL_SENDER": "shop@example.org", "JWT_KEYS": "j" * 43}
    address = "https://provider.invalid"
    others |= {"OIDC_ISSUER": address, "OIDC_REDIRECT_URI": address, "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "x"}
    secrets = {"SECRET_KEY": "s" * 64, "POSTGRES_PASSWORD": "p" * 64, **others}
    assert _compose_config(project, secrets).returncode == 0
    refused = _compose_config(project, {name: value for name, value in secrets.items() if name != secret})
    assert refused.returncode != 0
    assert f"{secret} is missing a value" in refused.stderr


def _has_compose() -> bool:
    found = shutil.which("docker")
    return bool(
        found and subprocess.run([found, "compose", "version"], capture_output=True, check=False).returncode == 0
    )


def _compose_config(project: Path, secrets: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "POSTGRES_PASSWORD"}}
    command = ["docker", "compose", "--file", str(project / COMPOSE), "config", "--quiet"]
    return subprocess.run(
        command, env={**inherited, **secrets}, cwd=project, capture_output=True, text=True, check=False
    )
