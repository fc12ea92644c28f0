"""Record what real MCP servers list: run by hand, it writes `tests/vectors/servers/`.

    .venv/bin/python tests/vectors/record_servers.py [NAME …]

Each server is installed from its registry into a folder of its own that is thrown away, started there, and
asked over stdio by the code that `schema generate` asks with. It needs network, `npm` and `git`. What is
written holds the items as the server wrote them; only the folder it worked in is called `/srv/files`.
"""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy_engine.integrations.mcp_listing import lists_over_stdio

SERVERS = Path(__file__).parent / "servers"
CALLED = "/srv/files"
"""What a recording calls the folder that a server worked in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A server in a registry.

    Attributes:
        name: of the recording.
        package: in its registry: npm's if `node`, else PyPI's.
        program: what it installs.
        arguments: for it; `{files}` is the folder that it works in.
        beside: further requirements, for packages that name theirs too loosely.
    """

    name: str
    package: str
    program: str
    arguments: tuple[str, ...] = ()
    node: bool = False
    beside: tuple[str, ...] = ()


PACKAGES = (
    Package(name="fetch", package="mcp-server-fetch", program="mcp-server-fetch"),
    Package(
        name="git",
        package="mcp-server-git",
        program="mcp-server-git",
        arguments=("--repository", "{files}"),
    ),
    Package(
        name="sqlite",
        package="mcp-server-sqlite",
        program="mcp-server-sqlite",
        arguments=("--db-path", "{files}/notes.db"),
        beside=("mcp<2",),
    ),
    Package(
        name="time",
        package="mcp-server-time",
        program="mcp-server-time",
        arguments=("--local-timezone", "UTC"),
    ),
    Package(
        name="everything",
        package="@modelcontextprotocol/server-everything",
        program="mcp-server-everything",
        node=True,
    ),
    Package(
        name="filesystem",
        package="@modelcontextprotocol/server-filesystem",
        program="mcp-server-filesystem",
        arguments=("{files}",),
        node=True,
    ),
    Package(
        name="memory",
        package="@modelcontextprotocol/server-memory",
        program="mcp-server-memory",
        node=True,
    ),
    Package(
        name="sequential-thinking",
        package="@modelcontextprotocol/server-sequential-thinking",
        program="mcp-server-sequential-thinking",
        node=True,
    ),
    Package(
        name="notion",
        package="@notionhq/notion-mcp-server",
        program="notion-mcp-server",
        node=True,
    ),
    Package(name="playwright", package="@playwright/mcp", program="playwright-mcp", node=True),
)


def main(names: Sequence[str]) -> None:
    """Record the named servers, or all."""
    SERVERS.mkdir(exist_ok=True)
    for package in PACKAGES:
        if not names or package.name in names:
            record = recorded(package)
            counts = ", ".join(f"{len(items)} {kind}" for kind, items in record["lists"].items())
            sys.stdout.write(f"{package.name} {record['version']}: {counts}\n")
            text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
            (SERVERS / f"{package.name}.json").write_text(text, "utf-8")


def recorded(package: Package) -> dict[str, Any]:
    """Install a server, start it, ask it, and forget it."""
    with _folder("install") as place, _folder("files") as files:
        version = _installed_with_npm(package, place) if package.node else _installed_with_pip(package, place)
        _run("git", "init", "--quiet", str(files))
        program = place / ("node_modules/.bin" if package.node else "bin") / package.program
        arguments = [argument.replace("{files}", str(files)) for argument in package.arguments]
        listed = lists_over_stdio([str(program), *arguments])
        record = {
            "package": package.package,
            "version": version,
            "protocol": listed.protocol,
            "server": {"name": listed.name, "version": listed.version},
            "lists": dict(listed.items),
        }
        text = json.dumps(record, ensure_ascii=False).replace(str(files), CALLED)
    if str(place) in text:
        raise SystemExit(f"{package.name}: an item names the folder that it was installed in")
    neutral: dict[str, Any] = json.loads(text)
    return neutral


def _installed_with_pip(package: Package, place: Path) -> str:
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    _run(python, "-m", "pip", "install", "--quiet", package.package, *package.beside)
    asked = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    return _run(python, "-c", asked, package.package).strip()


def _installed_with_npm(package: Package, place: Path) -> str:
    (place / "package.json").write_text("{}", "utf-8")
    _run("npm", "install", "--prefix", str(place), "--no-audit", "--no-fund", package.package)
    manifest = json.loads((place / "node_modules" / package.package / "package.json").read_text("utf-8"))
    return str(manifest["version"])


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout


@contextmanager
def _folder(purpose: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"recorded-{purpose}-") as name:
        yield Path(name).resolve()


if __name__ == "__main__":
    main(sys.argv[1:])
