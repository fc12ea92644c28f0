"""Whether a configuration would load with an issuer in it, and whether the engine would have its keys."""

from dataclasses import replace
from pathlib import Path

from policy_engine.cli.issuers.answers import described, fitting, published_keys
from policy_engine.cli.issuers.patience import PatientFetcher
from policy_engine.config import LoadedConfig, examine, load_config, verified_issuers
from policy_engine.errors import ConfigError
from policy_engine.files import Edit
from policy_engine.tokens import Fetcher, Issuer

__all__ = ["Trial", "verified_issuer", "with_only"]


class Trial:
    """Tries an edited configuration where it is written; raises for one that mustn't replace the old one.

    Args:
        config: the configuration as it is.
        name: the issuer that was added.
        edit: what was done to the file.
        fetcher: asks for its keys; None asks only files.
    """

    def __init__(self, config: Path, name: str, edit: Edit, fetcher: Fetcher | None) -> None:
        self._config = config
        self._name = name
        self.edit = edit
        self._fetcher = fetcher
        self.keys: str | None = None
        """What was found, in words; None if it wasn't looked for."""

    def __call__(self, written: Path) -> None:
        """Load everything, and look for the issuer's keys.

        Raises:
            ConfigError: it doesn't load, or (`issuer_unusable`) there is no key that fits.
        """
        self._must_load(written)
        loaded = load_config(written)
        configured = loaded.config.issuers[self._name].keys
        if self._fetcher is None and (configured is None or configured.file is None):
            return
        issuer = verified_issuer(loaded, self._name)
        algorithms = issuer.rules.algorithms
        # Where keys are in a file, nothing is fetched.
        keys = published_keys(issuer, self._fetcher or PatientFetcher())
        self.keys = described(fitting(keys, algorithms), algorithms)

    def _must_load(self, written: Path) -> None:
        after = [self._placed(error, written) for error in _problems(written)]
        if not after:
            return
        known = {error.problem for error in _problems(self._config)}
        if new := [error for error in after if error.problem not in known]:
            raise ConfigError.first_of(new)
        first = ConfigError(
            "the configuration doesn't load as it is, so nothing is added to it",
            remedy="mend this first",
            file=self._config,
        )
        raise ConfigError.first_of([first, *after])

    def _placed(self, error: ConfigError, written: Path) -> ConfigError:
        """The error with its place in the operator's own file; what is new has none there."""
        if error.file != str(written):
            return error
        start, removed, added = self.edit.lines()
        line = error.line
        inside = line is None or start <= line < start + len(added)
        error.file = str(self._config)
        error.line = None if inside or line is None else _line_before(line, start, len(added) - len(removed))
        error.column = None if inside else error.column
        return error


def with_only(loaded: LoadedConfig, name: str, **changed: object) -> LoadedConfig:
    """The configuration with one issuer alone, so that others' faults aren't in the way.

    Args:
        loaded: the configuration.
        name: the issuer.
        changed: settings of it that are to be others, so that faults of its own aren't in the way either.
    """
    one = {name: loaded.config.issuers[name].model_copy(update=changed)}
    return replace(loaded, config=loaded.config.model_copy(update={"issuers": one}))


def verified_issuer(loaded: LoadedConfig, name: str, **changed: object) -> Issuer:
    """What stage 1 makes of one issuer, alone, and with some settings changed.

    Raises:
        ConfigError: its profile or its keys can't be used.
    """
    (issuer,) = verified_issuers(with_only(loaded, name, **changed), lambda: 0.0, {})
    return issuer


def _line_before(line: int, start: int, more: int) -> int:
    return line - more if line >= start else line


def _problems(config: Path) -> list[ConfigError]:
    """Everything that is wrong with a configuration, each error by itself."""
    try:
        loaded = load_config(config)
    except ConfigError as error:
        found = [error, *error.others]
    else:
        found = list(examine(loaded).errors)
    for each in found:
        each.others = ()
    return found
