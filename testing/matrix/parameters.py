"""Parameters of a row: a value for each question, and other files in a project."""

from collections.abc import Mapping
from dataclasses import dataclass

from copperplate.questions.manifest import Manifest, Question, Value, is_on

# Short and long names: a line with a name must be formatted correctly for every length.
CLASSES: dict[str, tuple[Value, ...]] = {
    "project_name": ("Acme Shop API", "A1", "Extraordinarily Long Names Of Backends X"),
    "description": ("An async API.", "Quotes \" ' and \\ and {{ 7 * 7 }}: # $(id) <b>", "Ça coûte 5 €"),
    "author_name": ("", "The Shop authors", "Çà d'Ünïcödé"),
    "author_email": ("", "shop@example.org"),
}
"""Classes of questions that take any text: one value for each kind of difficult text."""

DERIVED = frozenset({"distribution_name", "package_name"})
"""Questions whose answers are derived from the project's name."""

SURROUNDINGS: dict[str, tuple[Value, ...]] = {"dotenv": ("absent", "hostile")}
"""Parameters that are not questions: files that the user may have added to the project."""

HOSTILE_DOTENV = """\
DATABASE_URL=postgresql://nobody@127.0.0.1:1/nowhere
REDIS_URL=redis://127.0.0.1:1/0
SECRET_KEY=weak
LOG_LEVEL=nonsense
API_DOCS=maybe
MAIL_URL=nonsense
JWT_KEYS=nonsense
OIDC_ISSUER=nonsense
"""

RARE: Mapping[str, frozenset[Value]] = {"python_version": frozenset({"3.14"})}
"""Values whose rows may run only in part. So these rows count only for combinations with such a value."""

HEAVY = ("example", "observability")
"""Features that make a row take half as long again: code that each start imports, and slow tests."""

DELIVERY = frozenset({"container", "ci", "renovate"})
"""Features that add no code to `src`, so the template's own tests are the same with and without them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """If `feature` is on, or has one of `values`, `other` must be on too, or must be off, or not have `other_value`."""

    feature: str
    other: str
    on: bool
    values: frozenset[Value] = frozenset()
    other_value: str = ""

    def allows(self, row: Mapping[str, Value]) -> bool:
        """True if a row, perhaps with open values, keeps the rule."""
        if self.feature not in row or self.other not in row or not self._concerns(row[self.feature]):
            return True
        if self.other_value:
            return row[self.other] != self.other_value
        return is_on(row[self.other]) is self.on

    def _concerns(self, value: Value) -> bool:
        return value in self.values if self.values else is_on(value)


def parameters(asked: Manifest) -> dict[str, tuple[Value, ...]]:
    """Return every possible value by the name of its question; a question of free text must have its classes here."""
    questions = {question.name: _values(question) for question in asked.questions if question.name not in DERIVED}
    return questions | SURROUNDINGS


def rules(asked: Manifest) -> tuple[Rule, ...]:
    needed = [Rule(feature.question.name, other, on=True) for feature in asked.features for other in feature.needs]
    excluded = [
        Rule(feature.question.name, other, on=False, other_value=value)
        for feature in asked.features
        for other, _, value in (conflict.partition("=") for conflict in feature.conflicts)
    ]
    with_values = [
        Rule(feature.question.name, other, on=True, values=frozenset({value}))
        for feature in asked.features
        for value, others in feature.needs_of_values.items()
        for other in others
    ]
    return (*needed, *excluded, *with_values)


def _values(question: Question) -> tuple[Value, ...]:
    if question.kind == "bool":
        return (True, False)
    if question.choices:
        return tuple(question.choices.values())
    if question.name not in CLASSES:
        raise LookupError(f"{question.name} takes any text: give its classes in {__name__}.CLASSES")
    return CLASSES[question.name]
