"""Every code block of the documentation runs: Python as doctest-like blocks, `console` in a shell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from tests.plugins.commands import command_path

ROOT = Path(__file__).parents[2]
SECONDS = 60


def run_console(example: Example) -> str | None:
    """Run each line that begins with `$ `, in the page's own empty folder; compare what it prints."""
    folder: Path = example.namespace["folder"]
    programs = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if Path(example.path) != ROOT / "README.md":  # there, the command starts as it does for its reader
        programs.insert(0, str(command_path().parent))
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(programs),
        "NO_COLOR": "1",
        "COLUMNS": "110",
        "TERM": "dumb",
    }
    for command, expected in commands_of(str(example.parsed)):
        result = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        printed = (result.stdout + result.stderr).rstrip()
        if not matches(expected, printed):
            return f"$ {command}\nexpected:\n{expected}\nprinted (exit {result.returncode}):\n{printed}"
    return None


def commands_of(block: str) -> list[tuple[str, str]]:
    """Each command with the output written below it; a line that ends in a backslash goes on."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    pairs = []
    for part in parts:
        lines = part.splitlines()
        end = next(i for i, line in enumerate(lines) if not line.endswith("\\"))
        pairs.append(("\n".join(lines[: end + 1]), "\n".join(lines[end + 1 :]).strip()))
    return pairs


def matches(expected: str, printed: str) -> bool:
    """Whether output is as written; `…` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, printed.strip(), flags=re.DOTALL) is not None


def setup(namespace: dict[str, Any]) -> None:
    """Give each page a folder of its own; Python blocks run in it too."""
    namespace["folder"] = Path(mkdtemp(prefix="docs-"))
    namespace["before"] = Path.cwd()
    os.chdir(namespace["folder"])


def teardown(namespace: dict[str, Any]) -> None:
    """Leave and remove the page's folder."""
    os.chdir(namespace["before"])
    shutil.rmtree(namespace["folder"])


def save_file(example: Example) -> str | None:
    """Write a block whose first line is `# file: NAME` (or `// file: NAME`) to that file."""
    first, _, rest = str(example.parsed).partition("\n")
    match = re.fullmatch(r"(?:#|//) file: (\S+)", first.strip())
    if match:
        target: Path = example.namespace["folder"] / match[1]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rest, "utf-8")
    return None


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser("py", save_file),
        CodeBlockParser("console", run_console),
        CodeBlockParser("yaml", save_file),
        CodeBlockParser("cedar", save_file),
        CodeBlockParser("json", save_file),
        SkipParser(),
    ],
    path=str(ROOT),
    patterns=["README.md", "docs/**/*.md"],
    setup=setup,
    teardown=teardown,
).pytest()
