"""Lock of all packages that any project may need, `template.lock`: `python -m scripts.lock_template [--upgrade]`."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from copperplate import uv
from copperplate.questions import manifest
from copperplate.templates import template
from testing import ROOT
from testing.superset import LOCK, superset


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
