"""Line ends and encodings by the git settings and attributes of a project."""

import os

import pytest

from copperplate import compare
from copperplate.errors.updates import InTheWayError, UnwritableEncodingError
from copperplate.system.disk import File
from copperplate.update.result import State
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, numbered

ATTRIBUTES = ("* text=auto", "* text=auto eol=crlf", "* text=auto eol=lf", "* text", "* text eol=crlf", "* -text")
CONVERSIONS = [(autocrlf, "") for autocrlf in ("true", "input", "false")]
CONVERSIONS += [(autocrlf, attributes) for autocrlf in ("true", "false") for attributes in ATTRIBUTES]
ENDS = ("lf", "crlf", "mixed")


def ended(text: str, ends: str) -> str:
    if ends == "lf":
        return text
    count = -1 if ends == "crlf" else 3
    return text.replace("\n", "\r\n", count)


def set_line_ends(world: World, autocrlf: str, attributes: str) -> None:
    """Commit what is there byte for byte; only then let git convert it."""
    world.commit()
    if attributes:
        world.write(".gitattributes", f"{attributes}\n")
        world.git("add", ".gitattributes")
        world.git("commit", "--quiet", "--message=attributes")
    world.git("config", "core.autocrlf", autocrlf)


def touch_all(world: World) -> None:
    """Let git look into every file again."""
    for path, (mode, _) in snapshot(world.top).items():
        if mode & 0o100000:
            os.utime(world.top / path, (1, 1))


def changed_files(world: World, version: str) -> compare.Differences:
    """Return the files that `copperplate status` shows as changed by the project."""
    folder = world.top.parent / f"rendered-{version}"
    world.render(version, folder)
    rendered = {path: File(0o644, content) for path, (mode, content) in snapshot(folder).items() if mode & 0o100000}
    return compare.between(rendered, compare.project_files(world.project, rendered))


@pytest.mark.parametrize("touched", [False, True])
@pytest.mark.parametrize(("autocrlf", "attributes"), CONVERSIONS)
def test_a_file_that_git_reports_as_unchanged_is_updated(
    world: World, autocrlf: str, attributes: str, *, touched: bool
) -> None:
    names = {f"{ends}.txt": ends for ends in ENDS}
    world.release("1.0", dict.fromkeys(names, numbered(25)))
    world.release("2.0", dict.fromkeys(names, numbered(25, l20="theirs")))
    world.print("1.0")
    for name, ends in names.items():
        world.write(name, ended(numbered(25, l10="ours"), ends))
    set_line_ends(world, autocrlf, attributes)
    if touched:
        touch_all(world)
    if changed := [line.split()[-1] for line in world.status().splitlines()]:
        with pytest.raises(InTheWayError, check=with_fields(obstacle="uncommitted", paths=changed)):
            world.update()
        world.git("add", "--renormalize", ".")
        world.git("commit", "--quiet", "--message=renormalize")
    assert world.update().state is State.LANDED
    for name in names:
        assert world.read(name).replace("\r\n", "\n") == numbered(25, l10="ours", l20="theirs")
    assert world.status() == ""


@pytest.mark.parametrize("attributes", ATTRIBUTES)
def test_a_file_of_the_template_that_git_stores_with_other_line_ends_is_no_conflict(
    world: World, attributes: str
) -> None:
    one, two, mine = numbered(25), numbered(25, l20="theirs"), numbered(25, l10="ours")
    same = {f"{ends}.bat": ends for ends in ENDS}
    edited = {f"{ends}-mine.bat": ends for ends in ENDS}
    new = {f"{ends}-new.bat": ends for ends in ENDS}
    world.release("1.0", {name: ended(one, ends) for name, ends in (same | edited).items()})
    world.release("2.0", {name: ended(two, ends) for name, ends in (same | edited | new).items()})
    world.print("1.0")
    for name, ends in edited.items():
        world.write(name, ended(mine, ends))
    set_line_ends(world, "false", attributes)
    world.git("add", "--renormalize", ".")
    world.git("commit", "--quiet", "--allow-empty", "--message=renormalize")
    world.git("rm", "--quiet", "--cached", "-r", ".")
    world.git("reset", "--quiet", "--hard")
    assert changed_files(world, "1.0").changed == tuple(sorted(edited))
    assert world.update().state is State.LANDED
    for names, text in ((same | new, two), (edited, numbered(25, l10="ours", l20="theirs"))):
        assert {world.read(name).replace("\r\n", "\n") for name in names} == {text}
    assert changed_files(world, "2.0").changed == tuple(sorted(edited))
    touch_all(world)
    assert world.status() == ""


def test_a_file_that_the_user_keeps_in_lf_is_merged_in_lf(world: World) -> None:
    world.release("1.0", {"run.bat": ended(numbered(25), "crlf")})
    world.release("2.0", {"run.bat": ended(numbered(25, l20="theirs"), "crlf")})
    world.print("1.0")
    world.write("run.bat", numbered(25, l10="ours"))
    world.commit()
    assert world.update().state is State.LANDED
    assert world.read("run.bat") == numbered(25, l10="ours", l20="theirs")


def test_a_moved_file_with_other_stored_line_ends_is_followed(world: World) -> None:
    world.release("1.0", {"run.bat": ended(numbered(25), "crlf")})
    world.release("2.0", {"run.bat": ended(numbered(25, l20="theirs"), "crlf")})
    world.print("1.0")
    world.write(".gitattributes", "* text=auto\n")
    world.git("add", "--renormalize", ".")
    world.git("mv", "run.bat", "start.bat")
    world.commit()
    assert world.update().state is State.LANDED
    assert world.git("show", "HEAD:start.bat") == numbered(25, l20="theirs").strip()


@pytest.mark.parametrize("in_template", [False, True])
def test_a_file_with_another_encoding_in_the_work_tree_is_updated(world: World, *, in_template: bool) -> None:
    encoded = (lambda text: ("\ufeff" + text).encode("utf-16-le")) if in_template else str.encode
    world.release("1.0", {"a.txt": encoded(numbered(25))})
    world.release("2.0", {"a.txt": encoded(numbered(25, l20="theirs")), "new.txt": encoded("new\n")})
    world.print("1.0")
    world.write(".gitattributes", "*.txt working-tree-encoding=UTF-16LE-BOM\n")
    world.write("a.txt", ("\ufeff" + numbered(25, l10="ours")).encode("utf-16-le"))
    world.commit()
    assert world.git("show", "HEAD:a.txt") == numbered(25, l10="ours").strip()
    assert world.update().state is State.LANDED
    for path, text in (("a.txt", numbered(25, l10="ours", l20="theirs")), ("new.txt", "new\n")):
        assert (world.project / path).read_bytes().decode("utf-16") == text
    touch_all(world)
    assert world.status() == ""


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
def test_a_file_in_latin_1_is_stored_as_git_stores_it(world: World, encoding: str, ends: str, *, edited: bool) -> None:
    old, new = ended("café\n" + numbered(25), ends), ended("café\n" + numbered(25, l20="grün"), ends)
    world.release("1.0", {"a.txt": old.encode(encoding)})
    world.release("2.0", {"a.txt": new.encode(encoding), "new.txt": "größer\n".encode(encoding)})
    world.print("1.0")
    world.write(".gitattributes", "*.txt working-tree-encoding=ISO-8859-1\n")
    mine = old.replace("l10", "naïf") if edited else old
    world.write("a.txt", mine.encode("iso-8859-1"))
    world.git("add", "--renormalize", ".")
    world.commit()
    assert world.update().state is State.LANDED
    after = new.replace("l10", "naïf") if edited else new
    assert (world.project / "a.txt").read_bytes() == after.encode("iso-8859-1")
    assert (world.project / "new.txt").read_bytes() == "größer\n".encode("iso-8859-1")
    touch_all(world)
    assert world.status() == ""


@pytest.mark.parametrize("edited", [False, True])
def test_a_file_in_utf_8_that_git_takes_for_latin_1_keeps_its_bytes(world: World, *, edited: bool) -> None:
    old, new = "café\n" + numbered(25), "café\n" + numbered(25, l20="grün")
    world.release("1.0", {"a.txt": old})
    world.release("2.0", {"a.txt": new})
    world.print("1.0")
    world.write(".gitattributes", "*.txt working-tree-encoding=ISO-8859-1\n")
    world.write("a.txt", old.replace("l10", "naïf") if edited else old)
    world.git("add", "--renormalize", ".")
    world.commit()
    assert world.update().state is State.LANDED
    assert world.read("a.txt") == (new.replace("l10", "naïf") if edited else new)
    touch_all(world)
    assert world.status() == ""


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("letter", ["x", "ü"])
def test_a_file_in_utf_8_is_merged_with_one_that_is_in_utf_16_in_the_work_tree(
    world: World, letter: str, ends: str
) -> None:
    old, new = ended(numbered(25), ends), ended(numbered(25, l20=letter), ends)
    world.release("1.0", {"a.txt": old})
    world.release("2.0", {"a.txt": new})
    world.print("1.0")
    world.write(".gitattributes", "*.txt working-tree-encoding=UTF-16LE-BOM\n")
    world.write("a.txt", ("\ufeff" + old.replace("l10", "ours")).encode("utf-16-le"))
    world.commit()
    assert world.update().state is State.LANDED
    assert (world.project / "a.txt").read_bytes().decode("utf-16") == new.replace("l10", "ours")


def test_a_letter_outside_the_encoding_of_the_work_tree_is_refused(world: World) -> None:
    world.release("1.0", {"a.txt": "one\n"})
    world.release("2.0", {"a.txt": "one €\n"})
    world.print("1.0")
    world.write(".gitattributes", "*.txt working-tree-encoding=ISO-8859-1\n")
    world.write("a.txt", "one\ntwo\n")
    world.commit()
    with pytest.raises(UnwritableEncodingError, check=with_fields(path="a.txt", encoding="ISO-8859-1")):
        world.update()
    assert world.status() == ""


@pytest.mark.parametrize("by", ["user", "template"])
@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_a_moved_crlf_file_of_the_template_is_followed(world: World, autocrlf: str, by: str) -> None:
    moved = "win/run.bat" if by == "template" else "run.bat"
    world.release("1.0", {"run.bat": ended(numbered(25), "crlf")})
    world.release("2.0", {moved: ended(numbered(25, l20="theirs"), "crlf")})
    world.print("1.0")
    world.write("run.bat", ended(numbered(25, l10="ours"), "crlf"))
    world.commit()
    world.git("config", "core.autocrlf", autocrlf)
    if by == "user":
        (world.project / "mine").mkdir()
        world.git("mv", "run.bat", "mine/run.bat")
        world.commit()
    assert world.update().state is State.LANDED
    place = moved if by == "template" else "mine/run.bat"
    assert world.read(place) == ended(numbered(25, l10="ours", l20="theirs"), "crlf")
    touch_all(world)
    assert world.status() == ""


@pytest.mark.parametrize("marked", [False, True])
def test_an_edit_with_the_same_size_and_times_is_refused(world: World, *, marked: bool) -> None:
    world.release("1.0", {"a.txt": "one\n"})
    world.release("2.0", {"a.txt": "two\n"})
    world.print("1.0")
    for setting in ("core.trustctime=false", "core.checkStat=minimal"):
        world.git("config", *setting.split("="))
    file = world.project / "a.txt"
    before = file.stat()
    world.git("update-index", "--refresh")
    os.utime(world.top / ".git" / "index", (2**31, 2**31))
    if marked:
        world.git("update-index", "--assume-unchanged", "a.txt")
    file.write_text("own\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert world.status() == ""
    with pytest.raises(InTheWayError, check=with_fields(paths=["a.txt"])):
        world.update()
    assert world.read("a.txt") == "own\n"
