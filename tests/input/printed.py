"""Files of a project with free text, rendered one by one in Copier's own Jinja environment."""

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from copier._main import Worker
from jinja2 import Template as JinjaTemplate

from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest
from copperplate.templates import bundled
from tests.input.readers import Parts, read

# Words without a meaning to any format, one for each answer that may be any text.
MARKERS = {
    "project_name": "Marker One",
    "description": "Marker Two",
    "author_name": "Marker Three",
    "author_email": "marker.four@example.org",
}
_MARKER = re.compile("|".join(MARKERS.values()))
_ANSWERS_FILE = "{{ _copier_conf.answers_file }}.jinja"


class Plate:
    """A template whose files can be rendered singly, which takes a hundredth of the time of a project."""

    def __init__(self, template: Path, manifest: Manifest) -> None:
        self._worker = Worker(src_path=str(template), dst_path=Path("/nowhere"), defaults=True, quiet=True, unsafe=True)
        self._manifest = manifest
        self._marked_parts: dict[tuple[object, ...], Parts] = {}
        root = template / "template"
        self.templates = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.jinja"))

    def holding_free_text(self, answers: Answers) -> list[str]:
        """The templates that put a marker, or part of one, into what they render."""
        marked = self.marked(answers)
        return [name for name in self.templates if "marker" in self.render(name, marked).lower()]

    def marked(self, answers: Answers) -> Answers:
        """`answers` with a marker for each free text that is not empty."""
        given = answers.data()
        return Answers.from_data(given | {name: MARKERS[name] for name in MARKERS if given[name]}, self._manifest)

    def marked_parts(self, name: str, answers: Answers) -> Parts:
        """Return the text with markers for the free text of `answers`: the same for many of them."""
        marked = self.marked(answers)
        key = (name, *marked.data().values())
        if key not in self._marked_parts:
            self._marked_parts[key] = parts(name, self.render(name, marked))
        return self._marked_parts[key]

    def render(self, name: str, answers: Answers) -> str:
        data = answers.data()
        context: dict[str, Any] = {**data, "template_version": "1.2.3", "template_source": bundled.SOURCE}
        context["_copier_answers"] = {"_src_path": "/nowhere", **data}
        return self._worker.jinja_env.get_template(f"template/{name}").render(context)

    def complaints(self, answers: Answers) -> dict[str, str]:
        """Return the errors of the template's own validators, which plain Copier uses."""
        context = {**answers.data(), "unprintable": self._worker.template.questions_data["unprintable"]["default"]}
        judged = {name: validator.render(context).strip() for name, validator in self._validators.items()}
        return {name: complaint for name, complaint in judged.items() if complaint}

    @cached_property
    def _validators(self) -> dict[str, JinjaTemplate]:
        asked = self._worker.template.questions_data
        of = {question.name: asked[question.name].get("validator", "") for question in self._manifest.questions}
        return {name: self._worker.jinja_env.from_string(text) for name, text in of.items()}


def parts(name: str, text: str) -> Parts:
    """Read the text of the file that the template `name` renders."""
    return read(".copier-answers.yml" if name == _ANSWERS_FILE else name.removesuffix(".jinja"), text)


def with_text(marked: Parts, answers: Answers) -> Parts:
    """The parts of a file rendered from markers, each marker replaced by the text that it stands for."""
    given = answers.data()
    text = {marker: str(given[name]) for name, marker in MARKERS.items()}
    return [_MARKER.sub(lambda found: text[found[0]], part) for part in marked]
