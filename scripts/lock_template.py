"""Lock of all packages that any project may need, `template.lock`: `python -m scripts.lock_template [--upgrade]`."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from copperplate import uv
from copperplate.questions import manifest
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Value
from copperplate.templates import template

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "template.lock"
PACKAGES = {"auth": "jwt"}
"""Values of choices with the most packages; of another choice it is the first value."""

# No package on an index has this name, so it is refused to no project by mistake.
NAME = "copperplate-superset"


def superset(asked: Manifest) -> Answers:
    """Return answers with every feature on, and for each choice the value with the most packages."""
    everything: dict[str, Value] = {
        feature.question.name: PACKAGES.get(feature.question.name, next(iter(feature.question.choices.values()), True))
        for feature in asked.features
    }
    return Answers.from_data({"project_name": "Superset", "distribution_name": NAME, **everything}, asked)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions in place of the locked ones")
    upgrade = ("--upgrade",) if parser.parse_args().upgrade else ()
    with template.from_checkout(ROOT) as source, tempfile.TemporaryDirectory() as temporary:
        project = Path(temporary).resolve() / "project"
        answers = superset(manifest.load(ROOT))
        source.render(project, answers)
        if LOCK.exists():
            shutil.copyfile(LOCK, project / "uv.lock")
        done = uv.run("lock", *upgrade, "--project", project, cwd=project)
        sys.stderr.write(done.stderr)
        if done.code == 0:
            shutil.copyfile(project / "uv.lock", LOCK)
    return done.code


if __name__ == "__main__":
    sys.exit(main())
