"""Hostile git settings: each would run a program, write elsewhere or prompt, and would leave a file named `ran`."""

from pathlib import Path


def hooks(folder: Path, ran: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg", "post-index-change", "post-checkout"):
        (folder / name).write_text(f"#!/bin/sh\ntouch {ran}\nexit 1\n")
        (folder / name).chmod(0o755)
    return folder


def settings(file: Path, ran: Path, *, template: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    (file.parent / "attributes").write_text("* filter=evil diff=evil\n")
    file.write_text(f"""
[core]
    hooksPath = {template / "hooks"}
    attributesFile = {file.parent / "attributes"}
    fsmonitor = touch {ran}
    sshCommand = touch {ran}
    pager = touch {ran}
    editor = touch {ran}
    askPass = touch {ran}
    autocrlf = true
[init]
    templateDir = {template}
[filter "evil"]
    clean = touch {ran}
    process = touch {ran}
    required = true
[diff "evil"]
    command = touch {ran}
    textconv = touch {ran}
[alias]
    init = !touch {ran}
    commit = !touch {ran}
    config = !touch {ran}
[pager]
    config = touch {ran}
[commit]
    gpgSign = true
[gpg]
    program = touch {ran}
[credential]
    helper = !touch {ran}
[trace2]
    eventTarget = {ran}
""")
    return file


def environment(folder: Path, ran: Path) -> dict[str, str | None]:
    """An environment whose home, system and shell settings are hostile."""
    template = folder / "git-template"
    hooks(template / "hooks", ran)
    home = settings(folder / "home" / ".gitconfig", ran, template=template)
    settings(folder / "home" / ".config" / "git" / "config", ran, template=template)
    system = settings(folder / "system" / "gitconfig", ran, template=template)
    evil = f"touch {ran}"
    pairs = {"core.fsmonitor": evil, "core.hooksPath": str(template / "hooks"), "filter.evil.clean": evil}
    counted = {f"GIT_CONFIG_KEY_{at}": name for at, name in enumerate(pairs)}
    counted |= {f"GIT_CONFIG_VALUE_{at}": value for at, value in enumerate(pairs.values())}
    return {
        **dict.fromkeys(("GIT_EDITOR", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_ASKPASS"), evil),
        **dict.fromkeys(("GIT_TRACE", "GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE_SETUP"), str(ran)),
        **dict.fromkeys(("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"), str(ran)),
        **counted,
        "GIT_WORK_TREE": str(home.parent),
        "HOME": str(home.parent),
        "GIT_CONFIG_SYSTEM": str(system),
        "GIT_CONFIG_NOSYSTEM": None,
        "GIT_CONFIG_GLOBAL": None,
        "GIT_CONFIG_COUNT": str(len(pairs)),
        "GIT_TEMPLATE_DIR": str(template),
    }
