"""Time of an update, and of `copier update` of the same project: `python -m benchmarks.update_cost`.

The template of this checkout, and a second version of it with a few changes. Both tools merge; neither locks or
verifies. Wall and CPU time of cold processes, in milliseconds: median and range of alternating runs.

`python -m benchmarks.update_cost large` measures only Copperplate, with more files in this template: 5,000 small files,
all plain or half of them templates, of which one line changes; or 50 MB of random bytes, which stay the same, or which
the template or the user changes. On two quiet cores, the first should take at most 10 s each, the others 5 s.
"""

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.startup import measured, show
from copperplate.commands.update import UpdateRequest, update
from copperplate.progress import Silent
from copperplate.questions.answers import Answers
from copperplate.system.disk import File, write_files
from copperplate.templates import location, template
from copperplate.templates.bundled import Release
from copperplate.templates.releases import Releases
from copperplate.update.result import Options

ROOT = Path(__file__).parents[1]
_RUNS = 7
_RUNS_LARGE = 3
Files = dict[str, bytes]
_CHANGED = ("template/.editorconfig", "template/.gitignore", "template/compose.yaml")


def releases(source: str) -> Releases:
    one = {name: File(0o644, (ROOT / name).read_bytes()) for name in location.template_files(ROOT)}
    two = dict(one)
    for name in _CHANGED:
        two[name] = File(0o644, one[name].content + b"# a line more\n")
    two["template/added.txt"] = File(0o644, b"a file more\n")
    del two["template/.dockerignore"]
    return Releases(source, {"0.1.0": Release("0.1.0", one), "0.2.0": Release("0.2.0", two)})


def _files(suffix: str) -> Files:
    """Return five thousand files in some hundred folders, every second one with this suffix."""
    names = (f"template/many/{number % 50}/{number % 7}/{number}.txt" for number in range(5000))
    return {
        f"{name}{suffix * (at % 2)}": f"{name}\nof {{{{ project_name }}}}\n".encode() for at, name in enumerate(names)
    }


def _large() -> dict[str, tuple[Files, Files, Files]]:
    """Return for each case the files added to the first version, the template's changes, and the user's changes."""
    one = "many/1/1/1.txt"
    binary, other = (random.Random(seed).randbytes(50_000_000) for seed in (1, 2))  # noqa: S311 - of no secret
    line, data = {f"template/{one}": b"a line\n"}, {"template/data.bin": binary}
    return {
        "plain files": (_files(""), line, {}),
        "templates": (_files(".jinja"), {f"template/{one}.jinja": b"a line\n"}, {}),
        "binary stays": (data | line, {f"template/{one}": b"two\nlines\n"}, {}),
        "by template": (data, {"template/data.bin": other}, {}),
        "by the user": (data | line, {f"template/{one}": b"two\nlines\n"}, {"data.bin": other}),
    }


def _measure_large(folder: Path) -> None:
    os.environ["COPPERPLATE_CACHE_DIR"] = str(folder / "cache")
    program = str(Path(sys.executable).with_name("copperplate"))
    base = {name: File(0o644, (ROOT / name).read_bytes()) for name in location.template_files(ROOT)}
    for number, (name, (before, after, users)) in enumerate(_large().items()):
        place = folder / str(number)
        place.mkdir()
        one, two = (
            base | {path: File(0o644, raw) for path, raw in files.items()} for files in (before, before | after)
        )
        project = _prepare(place, {"0.1.0": Release("0.1.0", one), "0.2.0": Release("0.2.0", two)})
        for path, raw in users.items():
            (project / path).write_bytes(raw)
            _commit(project)
        runs = []
        for run in range(_RUNS_LARGE):
            copy = shutil.copytree(project, place / f"project-{run}", symlinks=True)
            runs.append(measured([program, "update", str(copy), "--no-verify", "--no-lock"]))
        shutil.rmtree(place)
        for kind, times in zip(("wall", "CPU"), zip(*runs, strict=True), strict=True):
            print(f"{kind:<5}{name:<14}{statistics.median(times):6.1f} s   {min(times):.1f} to {max(times):.1f}")


def _git(*arguments: str, cwd: Path) -> None:
    subprocess.run(["git", "-c", "gc.auto=0", *arguments], cwd=cwd, check=True, stdout=subprocess.DEVNULL)  # noqa: S607


def _commit(folder: Path) -> None:
    _git("add", "--all", cwd=folder)
    _git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "--message=x", cwd=folder)


def _prepare(folder: Path, both: Mapping[str, Release]) -> Path:
    """Make a repository with both versions and a project of the first, and return the project."""
    source = folder / "template"
    _git("init", "--quiet", str(source), cwd=folder)
    for version, release in both.items():
        for old in source.iterdir():
            if old.name != ".git":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        write_files(release.files, source)
        _commit(source)
        _git("tag", version, cwd=source)
    with template.of_release(both["0.1.0"], location.of_folder(source).source) as opened:
        answers = Answers.from_data({"project_name": "Shop"}, opened.manifest)
        opened.render(folder / "project", answers)
    _git("init", "--quiet", cwd=folder / "project")
    _commit(folder / "project")
    return folder / "project"


def main() -> None:
    if sys.argv[1:] == ["large"]:
        with tempfile.TemporaryDirectory() as temporary:
            _measure_large(Path(temporary).resolve())
        return
    if len(sys.argv) > 1:
        project, source = Path(sys.argv[1]), sys.argv[2]
        options = Options(verify=False, lock=False)
        result = update(project, UpdateRequest(), releases=releases(source), options=options, progress=Silent())
        sys.exit(result.exit_code)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        source = location.of_folder(folder / "template").source
        _prepare(folder, releases("").by_version)
        copier = [str(Path(sys.executable).with_name("copier")), "update", "--defaults", "--quiet"]
        taken: dict[str, list[tuple[float, float]]] = {"copperplate": [], "copier": []}
        for run in range(_RUNS):
            for name, runs in taken.items():
                project = folder / f"{name}-{run}"
                shutil.copytree(folder / "project", project, symlinks=True)
                ours = [sys.executable, "-m", "benchmarks.update_cost", str(project), source]
                runs.append(measured(ours if name == "copperplate" else [*copier, str(project)]))
        show(taken)


if __name__ == "__main__":
    main()
