"""A process that is killed in the middle of a change leaves the store as it was, or as it was to be."""

import subprocess
import sys
import time
from random import Random

import pytest

from policy_engine.storage import Store

ROUNDS = 4

CHANGES = """
import sys
from itertools import count
from policy_engine.storage import ClientChange, KeyState, StoredKey, open_store

store = open_store(sys.argv[1])
print("ready", flush=True)
for n in count(len(store.clients.all()) // 40):
    some = [ClientChange(client_id=f"c{n}-{i}", document={"n": n, "pad": "x" * 2000}) for i in range(40)]
    store.clients.change(some, expected_version=None, now=float(n))
    keys = [
        StoredKey(
            kid=f"k{n}-{i}", algorithm="ES256", state=KeyState.ACTIVE, public_jwk={"n": n},
            sealed=b"x" * 2000, created_at=float(n), activates_at=0.0,
        )
        for i in range(8)
    ]
    assert store.keys.replace(keys, expected=store.keys.all())
    print(n, flush=True)
"""


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_killed_process_leaves_no_half_change(url: str, store: Store, seed: int) -> None:
    """What it had said was done is there; of what it was doing, all is there, or nothing."""
    chance = Random(seed)
    with subprocess.Popen([sys.executable, "-c", CHANGES, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 0.35))
        process.kill()
        said = process.stdout.read().splitlines()
    done = [int(line) for line in said if line.isdigit()]
    clients, keys = store.clients.all(), store.keys.all()
    numbers = sorted({client.document["n"] for client in clients})
    assert len(clients) == 40 * len(numbers) == 40 * store.version()
    assert numbers == [*range(len(numbers))]
    assert len(numbers) - len(done) in (0, 1)
    assert len(keys) in (0, 8)
    assert len({key.public_jwk["n"] for key in keys}) <= 1
    assert not done or keys[0].public_jwk["n"] >= done[-1]
    store.check()
