"""Answers with every option on: the project whose lock is `template.lock`."""

from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Question, Value
from testing import ROOT

LOCK = ROOT / "template.lock"
# No package on an index has this name, so it is refused to no project by mistake.
NAME = "copperplate-superset"
PACKAGES = {"auth": "jwt"}
"""Values of choices with the most packages; of another choice it is the first value."""


def superset(asked: Manifest) -> Answers:
    """Return answers with every feature on, and for each choice the value with the most packages."""
    everything: dict[str, Value] = {feature.question.name: _fullest(feature.question) for feature in asked.features}
    return Answers.from_data({"project_name": "Superset", "distribution_name": NAME, **everything}, asked)


def _fullest(question: Question) -> Value:
    values = tuple(question.choices.values())
    wanted = PACKAGES.get(question.name)
    return wanted if wanted in values else next(iter(values), True)
