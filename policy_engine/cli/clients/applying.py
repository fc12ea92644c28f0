"""`policy-engine clients apply`: make the registered machines those of a file."""

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.authserver import (
    Action,
    Plan,
    Secret,
    generate_secret,
    given_secret,
    make_plan,
    read_clients,
)
from policy_engine.cli.clients.kept_files import shared_secret_text
from policy_engine.cli.clients.opened import Registry, opened
from policy_engine.cli.clients.options import CONFIG, GraceOption, read_grace
from policy_engine.cli.clients.plan_lines import plan_lines, plan_record
from policy_engine.cli.clients.switching import confirmed
from policy_engine.cli.clients.told import done_already
from policy_engine.cli.console import (
    EXIT_DENY,
    EXIT_YES,
    Format,
    errors_explained,
    out,
    print_error,
    print_json,
    visible,
)
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.errors import StaleError

__all__ = ["apply"]

FileOption = Annotated[Path, typer.Option("--file", "-f", help="The file: clients.yaml.")]
PruneOption = Annotated[
    bool, typer.Option("--prune", help="Remove machines that aren't in the file, for good.")
]
SecretFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--secret-folder",
        help="Write generated secrets to files here, ID.secret, before they are registered, unprinted.",
    ),
]


def apply(
    file: FileOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell the plan, and change nothing.")] = False,
    prune: PruneOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before removing.")] = False,
    secret_folder: SecretFolderOption = None,
    grace: GraceOption = "24h",
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Make the registered machines those of a file, all or none; a second time there is nothing to do.

    The plan is told first. Machines that aren't in the file stay, unless --prune is given. One that was
    disabled stays so, unless the file says `enabled: true`. A generated secret is made and printed when its
    machine is registered, and not again; with --secret-folder it is in a file before that, so that it can't
    be lost, and applying again after a crash goes on with it.

    Exits with 0 if all is as in the file now; with --dry-run 1 if something would change; 1 also if somebody
    else changed something meanwhile, or the answer was no: then nothing was changed. 2: the file or the
    configuration can't be used.

    Example: policy-engine clients apply -f clients.yaml --dry-run
    """
    with errors_explained(), opened(config, create=not dry_run, may_be_absent=dry_run) as registry:
        planned, version = _planner(registry, file, prune, read_grace(grace))
        plan = planned(lambda _: generate_secret())
        if format is Format.text:
            _print_plan(plan)
        if plan.changes and not dry_run:
            if plan.count(Action.REMOVED):
                confirmed(f"remove {plan.count(Action.REMOVED)} for good?", yes=yes)
            # Only now: where it is refused, or the answer is no, no file is left behind.
            plan = planned(_maker(secret_folder))
            _change(registry, plan, version)
        with nullcontext() if dry_run else done_already(*_done(plan, secret_folder)):
            _tell(plan, dry_run=dry_run, secret_folder=secret_folder, as_json=format is Format.json)
    raise typer.Exit(EXIT_DENY if plan.changes and dry_run else EXIT_YES)


def _planner(
    registry: Registry, file: Path, prune: bool, grace: int
) -> tuple[Callable[[Callable[[str], Secret]], Plan], int]:
    """What makes the plan, given what makes secrets; and the version of the store that it is for."""
    wanted = read_clients(file, registry.catalogue, registry.servers)
    version, stored = registry.snapshot([client.client_id for client in wanted])
    planned = partial(make_plan, wanted, stored, prune=prune, now=time.time(), grace=grace)
    return (lambda new_secret: planned(new_secret=new_secret)), version


def _maker(folder: Path | None) -> Callable[[str], Secret]:
    """What makes secrets; with a folder each is one that is in there, now if not before."""

    def make(client_id: str) -> Secret:
        made = generate_secret()
        if folder is None:
            return made
        # Ids may be `.` or `..`; with an end these are names of files like any other.
        return given_secret(shared_secret_text(folder / f"{client_id}.secret", f"{made.reveal()}\n"))

    return make


def _done(plan: Plan, folder: Path | None) -> tuple[str, str]:
    """What was done, and what to do where nobody was told."""
    lost = sorted(plan.secrets) if folder is None else ()
    if not lost:
        return "applied", "see the plan again: add --dry-run"
    remedy = "; ".join(f"policy-engine clients rotate {each}" for each in lost)
    return f"applied; secrets were lost of {', '.join(lost)}", remedy


def _change(registry: Registry, plan: Plan, version: int) -> None:
    try:
        registry.change(plan.changes, expected_version=version)
    except StaleError:
        print_error("somebody else changed the clients meanwhile, so nothing was changed (run it again)")
        raise typer.Exit(EXIT_DENY) from None


def _print_plan(plan: Plan) -> None:
    console = out()
    for line, style in plan_lines(plan):
        console.print(visible(line), style=style)


def _tell(plan: Plan, *, dry_run: bool, secret_folder: Path | None, as_json: bool) -> None:
    secrets: Mapping[str, Secret] = {} if dry_run else plan.secrets
    printed = {} if secret_folder else {name: secret.reveal() for name, secret in sorted(secrets.items())}
    if as_json:
        files = {name: str(secret_folder / f"{name}.secret") for name in secrets} if secret_folder else {}
        told = plan_record(plan, applied=bool(plan.changes) and not dry_run)
        print_json({**told, "client_secrets": printed, "secret_files": files})
        return
    console = out()
    if not plan.changes:
        console.print("nothing to do")
    elif dry_run:
        console.print("nothing was changed (--dry-run)", style="bold yellow")
    else:
        console.print("applied", style="bold green")
    for name, text in printed.items():
        console.print(f"secret of {name}: {text}")
    if printed:
        console.print("shown this once; only hashes are kept")
    if secrets and secret_folder:
        console.print(f"secrets are in {secret_folder}, for their owner alone: {', '.join(sorted(secrets))}")
