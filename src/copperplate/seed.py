"""The lock that a new project starts with: that of the template, made out to the project's name."""

import re

_BLOCK = "[[package]]\n"
_NAME = re.compile(r'name = "([^"]+)"')
_ROOT = 'source = { editable = "." }'


def made_out(lock: str, distribution_name: str) -> str:
    """`lock` with its root package renamed, and in the order in which uv writes packages.

    Where a project needs all that the template may need, on the same Pythons, uv finds nothing to change in it, and
    neither resolves nor asks the network. Otherwise it keeps the versions and drops what is not needed.
    """
    head, *packages = lock.split(_BLOCK)
    renamed = [
        _NAME.sub(f'name = "{distribution_name}"', package, count=1) if _ROOT in package else package
        for package in (package.rstrip("\n") for package in packages)
    ]
    blocks = (f"{_BLOCK}{package}\n" for package in sorted(renamed, key=_name))
    return head + "\n".join(blocks)


def _name(package: str) -> str:
    found = _NAME.match(package)
    return found[1] if found else ""
