"""The wish of a user: what a project is to become, and the subject of the commit that does so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from copperplate import inputs
from copperplate.manifest import Manifest, Value
from copperplate.template import Template
from copperplate.updating.carrying import Carried

_LONGEST = 72
"""Characters of a subject, by the convention of git; answers are left out of a longer one."""


@dataclass(frozen=True, slots=True)
class Wish:
    to: str | None = None
    """A version of the template; None for the newest."""

    stay: bool = False
    """At the version that the project has."""

    on: tuple[str, ...] = ()
    """Features to add; one that is a choice with its value, as `auth=session`."""

    off: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    """Answers as `name=value`."""

    template: str | None = None
    """The address or folder of the template, if it is not the recorded one."""

    @property
    def names(self) -> tuple[str, ...]:
        """The answers in `data`, by name."""
        return tuple(pair.partition("=")[0] for pair in self.data)

    @property
    def changes_answers(self) -> bool:
        return bool(self.on or self.off or self.data)

    def answers(self, manifest: Manifest, current: Mapping[str, Value]) -> dict[str, object]:
        return inputs.gathered(manifest, file=None, data=self.data, with_=self.on, without=self.off, current=current)

    def subject(self, before: Template, after: Template, answers: Carried) -> str:
        """The subject of the commit, such as `Update template from 1.0 to 1.1` or `Set license to Apache-2.0`."""
        if before.version != after.version:
            return f"Update template from {before.version} to {after.version}"
        old, new = answers.old.data(), answers.new.data()
        changed = {name: value for name, value in new.items() if old.get(name) != value}
        told = ", ".join(self._parts(changed, {name: f"{name} to {_written(new[name])}" for name in changed}))
        if len(told) > _LONGEST:
            told = ", ".join(self._parts(changed, {name: name for name in changed}))
        if not told:
            return f"Update to the template in {after.source}"
        return told[:1].upper() + told[1:]

    def already(self, answers: Mapping[str, Value]) -> str:
        """Why there is nothing to do for a project with these answers; empty where none was to be changed."""
        on = [named.partition("=")[0] for named in self.on]
        reasons = [f"{name} is already enabled" for name in on]
        reasons += [f"{name} is not enabled" for name in self.off]
        reasons += [f"{name} is already {_written(answers[name])}" for name in self.names]
        others = [
            f" To remove it: `copperplate remove {name}`."
            if isinstance(answers[name], bool)
            else f" To change it: `copperplate set {name}=…`."
            for name in on
        ]
        return ", ".join(reasons) + ": nothing to do." + "".join(others if len(others) == 1 else ())

    def _parts(self, changed: Mapping[str, Value], names: Mapping[str, str]) -> Iterator[str]:
        """Say what changes of what was asked for."""
        if added := [named for named in self.on if named.partition("=")[0] in changed]:
            yield f"add {' and '.join(added)}"
        if removed := [name for name in self.off if name in changed]:
            yield f"remove {' and '.join(removed)}"
        if answered := [names[name] for name in self.names if name in changed]:
            yield f"set {' and '.join(answered)}"


def _written(value: Value) -> str:
    return (str(value).lower() if isinstance(value, bool) else value) or "nothing"
