"""Shell completion of values; each function imports what it needs when the shell asks."""


def features(incomplete: str) -> list[tuple[str, str]]:
    from copperplate import template

    with template.released() as source:
        titles = [(feature.question.name, feature.title) for feature in source.manifest.features]
    return [found for found in titles if found[0].startswith(incomplete)]


def checks(incomplete: str) -> list[str]:
    from copperplate.verify import LEVELS

    return [level.name for level in LEVELS if level.name.startswith(incomplete)]
