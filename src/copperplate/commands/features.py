"""Command `copperplate features`: the features of a template, and what each adds."""

from dataclasses import dataclass

from copperplate.questions.manifest import Manifest, Value


@dataclass(frozen=True, slots=True)
class FeatureRow:
    name: str
    title: str
    default: Value | None
    choices: tuple[str, ...]
    """Values to choose from; empty for a feature that is only on or off."""
    adds: str
    files: tuple[str, ...]
    dependencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeaturesResult:
    template_version: str
    features: tuple[FeatureRow, ...]


def features(manifest: Manifest, template_version: str) -> FeaturesResult:
    rows = (
        FeatureRow(
            name=feature.question.name,
            title=feature.title,
            default=feature.question.default,
            choices=tuple(feature.question.choices.values()),
            adds=feature.adds,
            files=feature.files,
            dependencies=feature.dependencies,
        )
        for feature in manifest.features
    )
    return FeaturesResult(template_version, tuple(rows))
