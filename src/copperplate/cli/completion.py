"""Shell completion of values; each function imports what it needs when the shell asks."""


def features(incomplete: str) -> list[tuple[str, str]]:
    from copperplate.templates import template

    with template.released() as source:
        titles = [(feature.question.name, feature.title) for feature in source.manifest.features]
    return [found for found in titles if found[0].startswith(incomplete)]


def answers(incomplete: str) -> list[tuple[str, str]]:
    """Names of questions with `=`, and after that the values of a question that has a choice."""
    from copperplate.templates import template

    with template.released() as source:
        questions = source.manifest.questions
    name, equals, _ = incomplete.partition("=")
    if not equals:
        found = [(f"{question.name}=", question.help) for question in questions]
    else:
        asked = [question for question in questions if question.name == name]
        values = [
            value
            for question in asked
            for value in (("true", "false") if question.kind == "bool" else question.choices.values())
        ]
        found = [(f"{name}={value}", "") for value in values]
    return [pair for pair in found if pair[0].startswith(incomplete)]


def checks(incomplete: str) -> list[str]:
    from copperplate.verify import LEVELS

    return [level.name for level in LEVELS if level.name.startswith(incomplete)]
