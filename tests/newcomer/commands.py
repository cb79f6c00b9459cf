"""The commands that the documents tell their readers to type."""

import fnmatch
import os
import re
import subprocess
from pathlib import Path

from play import fail

ROOT = Path(__file__).resolve().parent.parent.parent

# What begins as one of these, in a text between backticks, is a command.
INLINE = re.compile(
    r"^(?:[A-Z_]+=\S+ )*(?:cargo (?:run|test|bench|\+nightly|deny)\b|\.ci/run\b|make\b"
    r"|(?:cd [\w/]+ && .*|\"\$\(infra/.*|(?:infra|tests)/[\w-]+/[a-z-]+(?: .*|$))|curl |sam (?:build|deploy|validate) -)"
)
# What `run` plays of the pages that it plays: a server's answers, and an operator's commands.
PLAYED = re.compile(r"(?s).*\bcurl |cargo run (--release )?-- (replay|rebuild|audit|catalog)")
SHELL = {"sh", "bash", "console"}


def documents(project):
    """Every page of ours but the records of decisions and changes, which tell of their own time."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=project, check=True, capture_output=True, text=True
    ).stdout.split()
    return [name for name in listed if not name.startswith("docs/adr/") and name != "CHANGELOG.md"]


def parts(page):
    """The blocks of commands of a page, and what stands between backticks outside of blocks."""
    blocks, inline, language, block = [], [], None, []
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            if language in SHELL:
                blocks.append("\n".join(block))
            language, block = (line[3:].strip() or "text", []) if language is None else (None, [])
        elif language is None:
            inline += re.findall(r"`([^`]+)`", line)
        else:
            block.append(line)
    return blocks, [text for text in inline if INLINE.match(text) and is_program(text)]


def is_program(text):
    """A path is a command if what it names can be run; the others begin with one."""
    path = ROOT / text.split(" ")[0]
    return not re.match(r"(infra|tests)/", text) or (path.is_file() and os.access(path, os.X_OK))


def blocks(page):
    return parts(page)[0]


def split(block):
    """One command a line, continued lines joined, prompts and comments taken away."""
    joined = re.sub(r"\\\n\s*", "", block)
    lines = (re.sub(r"^\$ |\s+#(?!['\"]).*$", "", line).strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def filled(command, values):
    """Puts in what a document leaves to its reader: `<creator>`, a table's name, an id."""
    tables = {r"<LedgerTableName[^>]*>": "recharge-ledger", r"<ViewsTableName[^>]*>": "recharge-views"}
    for mark, value in tables.items():
        command = re.sub(mark, value, command)
    for mark, value in values.items():
        command = command.replace(mark, value)
    return command


def literal(pattern):
    """A pattern in which only a star at its end stands for anything."""
    begin = pattern.removesuffix("*")
    return re.sub(r"([*?[])", r"[\1]", begin) + pattern[len(begin) :]


def assert_all_known(project, elsewhere):
    """Each command is of a page that is played, or `elsewhere` says what plays it: a file that has
    these words in it, or a reason."""
    known = {}
    for line in elsewhere.read_text().splitlines():
        if line and not line.startswith("#"):
            command, _, where = line.partition(" => ")
            known[command.strip()] = where.strip()
    played = {"README.md", "docs/stripe-simulator.md", "infra/stripe-sim/README.md"}
    unknown, used = [], set()
    for name in documents(project):
        of_blocks, inline = parts(project / name)
        inline += [command for block in of_blocks for command in split(block)]
        inline = [it for it in inline if not (name in played and PLAYED.match(it))]
        for command in inline:
            matching = [it for it in known if fnmatch.fnmatchcase(command, literal(it))]
            used.update(matching)
            if not matching:
                unknown.append(command)
    for command in sorted(set(known) - used):
        fail(f"{elsewhere.name}: no document says `{command}`")
    for command, where in known.items():
        file, _, words = where.partition(": ")
        if file == "reason":
            continue
        if words not in (project / file).read_text():
            fail(f"{elsewhere.name}: {file} does not say `{words}`")
    if unknown:
        fail("nothing plays these:\n  " + "\n  ".join(sorted(set(unknown))))
