"""How long an update takes, against `copier update` of the same project: `python -m benchmarks.update_cost`.

The template of this checkout, and a second version of it with a few changes. Both tools merge, neither locks nor
verifies. Wall and CPU time of cold processes, in milliseconds: median and range of alternating runs.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.startup import measured, show
from copperplate import checkout, template
from copperplate.answers import Answers
from copperplate.commands.update import update
from copperplate.history import File, Release, materialise
from copperplate.progress import Silent
from copperplate.render import render
from copperplate.updating.results import Options
from copperplate.updating.start import Wish
from copperplate.updating.versions import Releases

ROOT = Path(__file__).parents[1]
_RUNS = 7
_CHANGED = ("template/.editorconfig", "template/.gitignore", "template/compose.yaml")


def releases(source: str) -> Releases:
    one = {name: File(0o644, (ROOT / name).read_bytes()) for name in checkout.files(ROOT)}
    two = dict(one)
    for name in _CHANGED:
        two[name] = File(0o644, one[name].content + b"# a line more\n")
    two["template/added.txt"] = File(0o644, b"a file more\n")
    del two["template/.dockerignore"]
    return Releases(source, {"0.1.0": Release("0.1.0", one), "0.2.0": Release("0.2.0", two)})


def _git(*arguments: str, cwd: Path) -> None:
    subprocess.run(["git", *arguments], cwd=cwd, check=True, stdout=subprocess.DEVNULL)  # noqa: S607


def _commit(folder: Path) -> None:
    _git("add", "--all", cwd=folder)
    _git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "--message=x", cwd=folder)


def _prepare(folder: Path) -> None:
    """A repository with both versions, and a project of the first."""
    both, source = releases("").by_version, folder / "template"
    _git("init", "--quiet", str(source), cwd=folder)
    for version, release in both.items():
        for old in source.iterdir():
            if old.name != ".git":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        materialise(release.files, source)
        _commit(source)
        _git("tag", version, cwd=source)
    with template.of_release(both["0.1.0"], str(source)) as opened:
        answers = Answers.from_data({"project_name": "Shop"}, opened.manifest)
        render(opened.folder, folder / "project", answers.data(), version="0.1.0", source=str(source))
    _git("init", "--quiet", cwd=folder / "project")
    _commit(folder / "project")


def main() -> None:
    if len(sys.argv) > 1:
        project, source = Path(sys.argv[1]), sys.argv[2]
        options = Options(verify=False, lock=False)
        result = update(project, Wish(), releases=releases(source), options=options, progress=Silent())
        sys.exit(result.exit_code)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        _prepare(folder)
        copier = [str(Path(sys.executable).with_name("copier")), "update", "--defaults", "--quiet"]
        taken: dict[str, list[tuple[float, float]]] = {"copperplate": [], "copier": []}
        for run in range(_RUNS):
            for name, runs in taken.items():
                project = folder / f"{name}-{run}"
                shutil.copytree(folder / "project", project, symlinks=True)
                ours = [sys.executable, "-m", "benchmarks.update_cost", str(project), str(folder / "template")]
                runs.append(measured(ours if name == "copperplate" else [*copier, str(project)]))
        show(taken)


if __name__ == "__main__":
    main()
