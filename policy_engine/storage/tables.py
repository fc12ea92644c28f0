"""The tables, as SQLAlchemy has them; `migrations/` makes them, and a test holds the two together."""

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text

__all__ = ["CHANGES", "CLIENTS", "DENIALS", "METADATA", "RATES", "SIGNING_KEYS", "USED_ASSERTIONS"]

METADATA = MetaData()

CHANGES = Table(
    "changes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("mark", Text, nullable=False),
)
"""One row: how often clients or denials were changed, and a random mark that is new each time."""

CLIENTS = Table(
    "clients",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("removed_at", Double),
)

DENIALS = Table(
    "denials",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double),
)

SIGNING_KEYS = Table(
    "signing_keys",
    METADATA,
    Column("kid", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("public_jwk", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("activates_at", Double, nullable=False),
    Column("removes_at", Double),
)

USED_ASSERTIONS = Table(
    "used_assertions",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", Double, nullable=False),
    sqlite_with_rowid=False,
)
"""By the SHA-256 of their id: of one size, whatever the client wrote. An index by expiry would double what
a token costs to write, and is looked for once in half a minute."""

RATES = Table(
    "rates",
    METADATA,
    Column("bucket", Text, primary_key=True),
    Column("empty_at", Double, nullable=False),
    Index("rates_by_time", "empty_at"),
)
"""When a bucket will be empty again, if nothing more is put into it."""
