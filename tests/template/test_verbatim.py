"""Files that are copied without Copier come out as Copier itself renders them."""

import stat
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest
from copier import Settings, run_copy

from copperplate.system.disk import File
from copperplate.templates import bundled, verbatim
from copperplate.templates.bundled import Release
from copperplate.templates.render import render, rendered

ANSWERS: dict[str, str | bool] = {"name": "shop", "empty": "", "full": True}
SETTINGS = """\
_subdirectory: template
name: {type: str}
empty: {type: str}
full: {type: bool}
"""
COMMON = {
    "copier.yml": SETTINGS,
    "template/plain.txt": "{{ name }} stays as it is\n",
    "template/text.txt.jinja": "{{ name }}\n",
    "template/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers.name }} {{ template_version }}\n",
}
SPLIT: dict[str, Mapping[str, str]] = {
    "names that are templates": {
        "template/src/{{ name }}/a.py": "a",
        "template/src/{{ name }}/{{ name }}-{{ name }}.py": "b",
        "template/{{ empty }}/never.txt": "c",
        "template/{{ 'docs' if full }}/d.txt": "d",
        "template/{{ 'docs' if not full }}/e.txt": "e",
    },
    "a name with a block": {"template/{% if full %}on{% endif %}/a.txt": "a", "template/{# x #}b.txt": "b"},
    "exclusions": {
        "copier.yml": SETTINGS + "_exclude: ['*.log', \"{{ 'docs' if full }}\", '/deep/*', '!/deep/kept.txt']\n",
        "template/a.log": "a",
        "template/docs/b.txt": "b",
        "template/deep/gone.txt": "c",
        "template/deep/kept.txt": "d",
        "template/other/c.log": "its folder is made, and stays empty",
    },
    "a template beside a file of its name": {
        "template/a.txt": "a",
        "template/a.txt.jinja": "{{ name }}",
    },
    "a file at the top of the template": {"template/features/x.yml": "x", "features/x.yml.jinja": "y"},
    "another suffix and other delimiters": {
        "copier.yml": SETTINGS
        + "_templates_suffix: .tmpl\n_envops: {variable_start_string: '[[', variable_end_string: ']]'}\n",
        "template/[[ name ]]/{{ name }}.txt": "a",
        "template/b.txt.tmpl": "[[ name ]] {{ name }}",
        "template/c.txt.jinja": "{{ name }}",
        "template/{{ _copier_conf.answers_file }}.jinja": "",
    },
    "a file that is included by its name": {
        "template/licence.txt": "{{ name }}",
        "template/unused.txt": "{{ name }}",
        "template/b.txt.jinja": "{% include 'template/licence.txt' %}{% include 'template/none' ignore missing %}",
    },
    "names that Copier and git may take for others": {
        "template/ä b/ü'\"$\\ #.txt": "a",
        "template/x.jinja.txt": "{{ name }}",
        "template/.jinja": "{{ name }}",
        "template/folder.jinja/a.txt": "b",
    },
}
WHOLE: dict[str, Mapping[str, str]] = {
    "no folder of its own": {"copier.yml": SETTINGS.replace("_subdirectory: template\n", "")},
    "an empty suffix": {"copier.yml": SETTINGS + "_templates_suffix: ''\n"},
    "line statements": {
        "copier.yml": SETTINGS + "_envops: {line_statement_prefix: '%'}\n",
        "template/% set x = 1": "a",
    },
    "a file that is included by a computed name": {
        "template/shop.txt": "{{ name }}",
        "template/b.txt.jinja": "{% include 'template/' ~ name ~ '.txt' %}",
    },
    "a file that is included where another is not": {
        "template/shop.txt": "{{ name }}",
        "template/b.txt.jinja": "{% include 'template/none' if not full else 'template/shop.txt' %}",
    },
    "a list of files that are there": {
        "template/b.txt.jinja": "{{ (_copier_conf.src_path ~ '/template/*.txt') | fileglob | length }}"
    },
    "settings among the files": {
        "copier.yml": SETTINGS + "---\n!include template/more.yml\n",
        "template/more.yml": "_exclude: ['plain.txt']\n",
    },
    "two files of one name": {"template/{{ name }}": "a", "template/shop": "a"},
    "a copy where a template is rendered": {"template/{{ name }}.jinja": "a", "template/shop": "a"},
    "a name that leads to another folder": {"template/{{ 'a\\x2fb' if full }}": "a"},
    "an answers file that is no template": {
        "template/deep/.copier-answers.yml": "a",
        "template/{{ _copier_conf.answers_file }}.jinja": "a",
    },
    "exclusions of nearly all": {"copier.yml": SETTINGS + "_exclude: ['*', '!plain.txt']\n"},
}


def _files(*parts: Mapping[str, str]) -> dict[str, File]:
    texts = {path: text for part in parts for path, text in part.items()}
    return {path: File(0o755 if "plain" in path else 0o644, text.encode()) for path, text in texts.items()}


def _write(files: Mapping[str, File], folder: Path) -> Path:
    for path, file in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.content)
        (folder / path).chmod(file.mode)
    return folder


def _tree(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """All files, and the folders too."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode & stat.S_IXUSR,
            path.read_bytes() if path.is_file() else None,
        )
        for path in folder.rglob("*")
    }


def _by_copier(
    template: Path, folder: Path, answers: Mapping[str, str | bool] = ANSWERS, version: str = "1"
) -> dict[str, tuple[int, bytes | None]]:
    data = {**answers, "template_version": version, "template_source": "x"}
    with warnings.catch_warnings(action="ignore"):
        run_copy(
            str(template),
            folder,
            data=data,
            settings=Settings(),
            defaults=True,
            overwrite=True,
            quiet=True,
            unsafe=True,
        )
    return _tree(folder)


@pytest.mark.parametrize("kind", [*SPLIT, *WHOLE])
def test_a_template_is_rendered_as_by_copier(kind: str, tmp_path: Path) -> None:
    files = _files(COMMON, {**SPLIT, **WHOLE}[kind])
    theirs = _by_copier(_write(files, tmp_path / "template"), tmp_path / "theirs" / "project")
    render(Release("1", files), tmp_path / "ours" / "project", ANSWERS, source="x")
    assert _tree(tmp_path / "ours" / "project") == theirs
    (tmp_path / "inside").mkdir()
    found = rendered(Release("1", files), ANSWERS, source="x", inside=tmp_path / "inside")
    assert {path: (file.mode & 0o100, file.content) for path, file in found.items()} == {
        path: file for path, file in theirs.items() if file[1] is not None
    }


@pytest.mark.parametrize("kind", SPLIT)
def test_copier_gets_a_template_without_its_plain_files(kind: str, tmp_path: Path) -> None:
    assert verbatim.split(_files(COMMON, SPLIT[kind]), tmp_path) is not None
    assert not (tmp_path / "template" / "plain.txt").exists()


def test_copier_gets_the_released_template_without_its_plain_files(tmp_path: Path) -> None:
    assert verbatim.split(bundled.newest().files, tmp_path) is not None
    assert not (tmp_path / "template" / ".gitignore").exists()


def test_with_existing_files_copier_renders_everything(tmp_path: Path) -> None:
    files = _files(COMMON)
    template = _write(files, tmp_path / "template")
    for folder in ("ours", "theirs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plain.txt").write_text("of the user\n")
        (tmp_path / folder / "own.txt").write_text("of the user\n")
    render(Release("1", files), tmp_path / "ours", ANSWERS, source="x")
    assert _tree(tmp_path / "ours") == _by_copier(template, tmp_path / "theirs")


CHANGES: dict[str, tuple[Mapping[str, str], Mapping[str, str], dict[str, str | bool]]] = {
    "one template": ({}, {"template/text.txt.jinja": "two {{ name }}"}, {}),
    "a setting": ({}, {"copier.yml": SETTINGS + "more: {type: str, default: m}\n"}, {}),
    "an exclusion": ({}, {"copier.yml": SETTINGS + "_exclude: [text.txt]\n"}, {}),
    "an exclusion by the version": (
        {"copier.yml": SETTINGS + "_exclude: [\"{{ 'text.txt' if template_version == 'one' }}\"]\n"},
        {},
        {},
    ),
    "a value that is computed of the version": (
        {
            "copier.yml": SETTINGS + "made: {type: str, default: '{{ template_version }}', when: false}\n",
            "template/made.txt.jinja": "{{ made }}",
        },
        {},
        {},
    ),
    "the folder": ({"template/a.txt.jinja": "{{ _folder_name }}"}, {}, {}),
    "an answer": ({}, {}, {"name": "other"}),
    "a text that is included": (
        {"template/a.txt.jinja": "{% include 'template/b.txt' %}", "template/b.txt": "one"},
        {"template/b.txt": "two"},
        {},
    ),
    "a folder's name": (
        {"template/{{ name }}/a.txt.jinja": "{{ name }}"},
        {"template/b/a.txt.jinja": "{{ name }}"},
        {},
    ),
    # Where two templates have one name, the order in which the file system lists them decides: that is no case.
    "a plain file where a template was": ({"template/a.jinja": "a"}, {"template/a": "b", "template/a.jinja": "a"}, {}),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_second_version_is_rendered_as_by_copier(kind: str, tmp_path: Path) -> None:
    """The rendering of the first version is used again only for the same files."""
    before, after, answers = CHANGES[kind]
    one, two = _files(COMMON, before), _files(COMMON, before, after)
    for name, files, given in (("one", one, ANSWERS), ("two", two, ANSWERS | answers)):
        theirs = _by_copier(_write(files, tmp_path / name), tmp_path / "theirs" / name, given, name)
        render(Release(name, files), tmp_path / "ours" / name, given, source="x")
        assert _tree(tmp_path / "ours" / name) == theirs
