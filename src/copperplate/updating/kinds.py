"""Kinds of conflicts as git names them, and a sentence for each that says what each side has done."""

import re
from collections.abc import Collection

OURS, THEIRS = 2, 3
"""Stages of a file in conflict: as the project has it, and as the template has it."""

_OF_GIT = re.compile(r"^CONFLICT ?\([^)]*\): *")

_BOTH = {
    "binary": "you and the template have changed a file that is not merged as text; your version is in place",
    "distinct modes": "you and the template have made different kinds of files of it, such as a file and a link",
    "rename/rename": "you and the template have moved it to different places",
    "rename involved in collision": "a file was moved here, where the other side has another file",
    "file in way of directory rename": "its folder was moved, and another file has its new place",
    "directory rename collision": "its folder was moved, and another file has its new place",
    "directory rename unclear split": "its folder was divided, so it is not clear where the file belongs",
}
_YOURS = {
    "modify/delete": "the template has deleted or moved it, and you have changed it",
    "rename/delete": "you have moved it, and the template has deleted it",
    "rename/rename": "you have moved it here, and the template elsewhere",
    "file/directory": "a folder of the template has the place of your file; yours stays under this name",
    "directory rename suggested": "it is your file, in a folder that the template has moved; so it was moved here",
}
_TEMPLATES = {
    "modify/delete": "you have deleted it, and the template has changed it",
    "rename/delete": "the template has moved it here, and you have deleted it",
    "rename/rename": "the template has moved it here, and you elsewhere",
    "file/directory": "a folder of yours has the place of the template's file; that file is under this name",
    "directory rename suggested": "the template adds it in a folder that you have moved; so it was put here",
}

ALL = sorted({"contents", *_BOTH, *_YOURS})
"""Kinds that an update can print; of `contents`, the markers in the file say all."""


def name(told: str) -> str:
    """The kind in what git tells, such as `CONFLICT (modify/delete)`."""
    return told.removeprefix("CONFLICT").strip(" ()")


def sentence(kind: str, stages: Collection[int], told: str) -> str:
    """What has happened to a file that is there in these `stages`; of an unknown kind, what git has `told`."""
    sides = {OURS, THEIRS} & set(stages)
    one_sided = _YOURS if sides == {OURS} else _TEMPLATES if sides == {THEIRS} else {}
    return one_sided.get(kind) or _BOTH.get(kind) or _OF_GIT.sub("", told)
