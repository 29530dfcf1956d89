"""Input that people and attackers give to generators, and what has to become of it."""

# A name that cannot be a folder, an import or a command on every system.
NAMES = [
    "",
    " ",
    "../x",
    "/abs",
    "a/b",
    "a\\b",
    ".",
    "..",
    "-rf",
    "--upload-pack=x",
    "CON",
    "nul",
    "com1",
    "name.",
    "a" * 300,
    "cafe\u0301",  # NFD
    "caf\u00e9",  # NFC
    "\u0430cme",  # the first letter is Cyrillic
    "\uff41cme",  # full width
    "\u202eemca",
    "ac\u200bme",
    "\U0001f680",
    "a\0b",
    "a\tb",
    "a\r\nb",
    "Acme",
    "{{7*7}}",
    "$(id)",
    "`id`",
    "%s",
    "a b",
    "test",
]
# Good for a command, but not for an import …
PACKAGES = [*NAMES, "1shop", "_shop", "a-b", "class", "none", "match", "json", "fastapi", "yaml", "migrations"]
# … and the other way round.
DISTRIBUTIONS = [*NAMES, "a_b", "a--b", "-a", "a-", "a.b", "fastapi", "uv", "python3", "pip", "typing-extensions"]

# Text that no line of text may be.
REFUSED_TEXT = [
    " ",
    " padded",
    "padded ",
    "a\0b",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "a\x1b[31mb",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "a\u202eb",
    "a\u2066b",
    "a\u200bb",
    "\ufeffa",
    "\u200da",
    "a\u200d",
    "a\ud800b",
    "a\ue000b",
    "a\U0010ffffb",
    "a" * 300,
]

# Text that has to come back as it was given.
TEXT = [
    "Acme Shop API",
    "it's",
    '"quoted"',
    "it's \"both\" 'ways'",
    "back\\slash",
    "ends with \\",
    '"""',
    "'''",
    "]\\n[tool.evil]",
    "a: b # c",
    "- x",
    "!!python/object:os.system",
    "{{7*7}}",
    "{% raw %}",
    "# <% if x %>",
    "%>",
    "{#",
    "${{ secrets.X }}",
    "$(id)",
    "`id`",
    "%s %(x)s",
    "<script>alert(1)</script>",
    "&lt;b&gt;",
    "# heading",
    "*bold* _em_ [a](b) ![c](d)",
    "~~gone~~",
    "1. first",
    "| a | b |",
    "yes",
    "null",
    "1e3",
    "0x1F",
    "2026-11-22",
    "=",
    "---",
    "...",
    "&anchor",
    "*alias",
    "@at",
    "Ünïcödé",
    "cafe\u0301",
    "東京 商店",
    "متجر",
    "\U0001f680 rocket",
    "\U0001f469\u200d\U0001f4bb",
    "no\u00a0break",
    "wide\u3000space",
]

EMAILS = ["a", "a@b", "a@@b.c", "a b@c.de", "a@b.c\n", "@b.cd", "a@", "a@-b.cd", "a@b..cd", ".a@b.cd", "<a@b.cd>"]
