"""Report in Markdown."""

from testing.upgrades.survey import Survey

_TAIL = 30


def report(survey: Survey, *, title: str, held: str) -> str:
    """Return the report. `held` is the text about how to hold a package, with {name}, {before} and {after}."""
    guilty = {name: group for group in survey.culprits for name in group}
    lines = [f"# {title}", "", _summary(survey), ""]
    if survey.changes:
        lines += ["| package | from | to | |", "|---|---|---|---|"]
        for name, change in survey.changes.items():
            verdict = "**breaks**" if name in guilty else "good" if survey.good or survey.culprits else "not known"
            lines.append(f"| {name} | {change.before or '–'} | {change.after or '–'} | {verdict} |")
    if survey.culprits:
        lines += ["", "## What to hold", ""]
        for group in survey.culprits:
            holds = [
                held.format(name=name, before=survey.changes[name].before, after=survey.changes[name].after)
                for name in sorted(group)
            ]
            lines.append("- " + " together with ".join(holds))
    for failure in (*survey.failures, *survey.unsteady):
        steady = "" if failure in survey.failures else " (failed once, and not again)"
        lines += ["", f"## {failure.where}: {failure.level}{steady}", "", "```text"]
        lines += [*failure.output.splitlines()[-_TAIL:], "```"]
    return "\n".join(lines) + "\n"


def _summary(survey: Survey) -> str:
    packages, trials = _count(len(survey.changes), "package"), _count(survey.trials, "trial")
    if survey.good:
        return f"Good: {packages} changed, and nothing fails ({trials})."
    broken = sorted({failure.level for failure in survey.failures})
    return f"Broken: {packages} changed, and {', '.join(broken)} failed ({trials})."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
