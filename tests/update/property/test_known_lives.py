"""Known histories that once failed, each an example of a kind that `test_lives` draws at random."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from testing.simulation.actions import Act, Life, Turn
from testing.simulation.simulation import live

_EDIT, _CHANGE = Act("edit", file=1, line=5), Act("change", file=1, line=5)
"""Of the same line of `docs/guide.md`, by the template and by the user."""
_FOLDER_MOVES = Act("move_folder", file=0, other=0)
_README = (Act("edit", file=0, line=1), Act("change", file=0, line=1))


def _life(
    version: tuple[Act, ...],
    work: tuple[Act, ...],
    *meanwhile: Act,
    loose: tuple[Act, ...] = (),
    settings: tuple[str, ...] = (),
) -> Life:
    return Life((version,), (Turn(work, loose, Act("update"), resolve=True, meanwhile=meanwhile),), settings)


LIVES = {
    "the template moves a file onto a copy of it, and the user has edited the old place": _life(
        (Act("move", file=1, other=0),), (Act("adopt", line=0),)
    ),
    "the template moves a file onto a copy of it, and the old place is a shim": _life(
        (Act("move", file=1, other=0),), (Act("adopt", line=1),)
    ),
    "both sides add a dependency at the end": _life((Act("depend"),), (Act("depend"),)),
    "both sides add an entry at the beginning": _life(
        (Act("depend", file=1, other=1),), (Act("depend", file=1, other=1),)
    ),
    "the project has a folder of the name that the tool uses": _life((Act("edit"),), (Act("tool_name"),)),
    "the project has a file of the name that the tool uses": _life(
        (_EDIT,), (_CHANGE, Act("insert")), Act("tool_name", other=3)
    ),
    "a name is as long as a file system takes": _life(
        (_EDIT, Act("edit", file=4)), (_CHANGE, Act("long_name", file=4))
    ),
    "an empty folder is where the template adds a file": _life(
        (Act("add"),), (Act("insert"),), loose=(Act("empty_folder"),)
    ),
    "a folder that goes has a mode of its own": _life(
        (_FOLDER_MOVES, _README[0]), (_README[1], Act("mode", file=1, other=1))
    ),
    "a file in conflict is made a folder": _life((_EDIT,), (_CHANGE,), Act("to_folder", other=1)),
    "a folder that has moved away is made a file": _life(
        (_FOLDER_MOVES, _README[0]), (_README[1],), Act("to_file", other=1)
    ),
    "a folder that has moved away is made a link out of the project": _life(
        (_FOLDER_MOVES, _README[0]), (_README[1],), Act("link_out", other=1)
    ),
    "a folder of the update is made a link to files outside": _life(
        (_FOLDER_MOVES, _README[0]), (_README[1],), Act("link_out", line=1)
    ),
    "another project of the repository is continued": _life((_EDIT,), (_CHANGE,), settings=("two projects",)),
    "a newline is in the path of the repository": _life((_EDIT,), (Act("insert"),), settings=("odd path",)),
    "a file is committed with CRLF before autocrlf is set": _life(
        (_EDIT,), (Act("crlf", file=1),), settings=("late autocrlf=input",)
    ),
    "a file of the template has CRLF, and git makes it LF": Life(
        ((Act("line_ends", file=1),), (_EDIT,)),
        (
            Turn((Act("insert"),), (), Act("update")),
            Turn((Act("insert"),), (), Act("update"), resolve=True),
        ),
        ("late text=auto",),
    ),
    "the template adds a file where the project has a folder": _life((Act("add"),), (Act("collide", file=0, other=0),)),
    "conflicts have longer marks": _life((_EDIT,), (_CHANGE,), settings=("private marker size",)),
    "a file in conflict is not checked out": _life(
        (Act("edit", file=5, line=2),), (Act("change", file=6, line=2),), settings=("sparse",)
    ),
}


@pytest.mark.parametrize("life", list(LIVES.values()), ids=list(LIVES))
def test_a_history_that_once_failed_loses_nothing(life: Life, tmp_path: Path) -> None:
    folder = tmp_path / "life"
    live(life, folder, Counter())
    shutil.rmtree(folder)
