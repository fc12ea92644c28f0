"""A store: everything that an authorization server must not forget, in one database."""

from policy_engine.storage import changes
from policy_engine.storage.assertions import StoredAssertions
from policy_engine.storage.clients import StoredClients
from policy_engine.storage.database import Database
from policy_engine.storage.denials import StoredDenials
from policy_engine.storage.keys import StoredKeySet
from policy_engine.storage.migrating import migrate
from policy_engine.storage.rates import StoredRates

__all__ = ["Store", "open_store"]


class Store:
    """One store; threads may share it, and processes may share its database.

    Args:
        database: up to date.

    Attributes:
        clients: registered clients.
        keys: signing keys.
        assertions: used assertions.
        rates: what happened how often.
        denials: tokens that count no longer.
    """

    __slots__ = ("_database", "assertions", "clients", "denials", "keys", "rates")

    def __init__(self, database: Database) -> None:
        self._database = database
        self.clients = StoredClients(database)
        self.keys = StoredKeySet(database)
        self.assertions = StoredAssertions(database)
        self.rates = StoredRates(database)
        self.denials = StoredDenials(database)

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine, which answers at once."""
        return self._database.is_sqlite

    def version(self) -> int:
        """How often clients or denials were changed, for `clients.change`; to tell whether, compare `mark`.

        Raises:
            StorageError: the store can't be asked.
        """
        with self._database.reading() as connection:
            return changes.version(connection)

    def mark(self) -> tuple[int, str]:
        """What stays the same as long as no client and no denial changes; it differs in another database.

        Raises:
            StorageError: the store can't be asked.
        """
        with self._database.reading() as connection:
            return changes.mark(connection)

    def check(self) -> None:
        """Ask it anything.

        Raises:
            StorageError: it can't be asked.
        """
        self.version()

    def close(self) -> None:
        """Give back every connection."""
        self._database.close()


def open_store(url: str, *, create: bool = True, wait: float = 5.0) -> Store:
    """Open a store, and bring its tables up to date, if it may be changed.

    Args:
        url: `sqlite:///file.db`, or `postgresql://user:password@host/name`.
        create: whether it is made, or brought up to date, where that is needed; else it is left as it is.
        wait: seconds that a statement waits for others, or takes, at most.

    Raises:
        ConfigError: the URL can't be used, it isn't there or isn't up to date, or a later version made it.
        StorageError: it can't be reached.
    """
    database = Database(url, create=create, wait=wait)
    try:
        migrate(database, create=create)
    except BaseException:
        database.close()
        raise
    return Store(database)
