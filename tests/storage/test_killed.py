"""A process that is killed in the middle of a change leaves the store as it was, or as it was to be."""

import os
import subprocess
import sys
import time
from functools import partial
from random import Random
from signal import SIGKILL

from policy_engine.storage import AssertionUse, Store
from tests.plugins.samples import samples

AT_ONCE = 40

WRITER = """
import os, sys
from itertools import count
from policy_engine.storage import ClientChange, KeyState, StoredKey, open_store

def write(url):
    store = open_store(url)
    print("ready", os.getpid(), flush=True)
    for n in count(store.version()):
        some = [ClientChange(client_id=f"c{n}-{i}", document={"n": n, "pad": "x" * 2000}) for i in range(40)]
        store.clients.change(some, expected_version=n, now=float(n))
        keys = [
            StoredKey(
                kid=f"k{n}-{i}", algorithm="ES256", state=KeyState.ACTIVE, public_jwk={"n": n},
                sealed=b"x" * 2000, created_at=float(n), activates_at=0.0,
            )
            for i in range(8)
        ]
        assert store.keys.replace(keys, expected=store.keys.all())
        store.assertions.use("c", str(n), expires_at=2e9, now=1e9, per_client=10**6)
        print(n, flush=True)

for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        write(sys.argv[1])
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


def test_a_killed_process_leaves_no_half_change(url: str, store: Store) -> None:
    """What it had said was done is there; of what it was doing, all is there, or nothing."""
    chance = Random(5)
    command = [sys.executable, "-c", WRITER, url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        for _ in range(samples(6)):
            writer.stdin.write("go\n")
            said = writer.stdout.readline().split()
            assert said[0] == "ready"
            time.sleep(chance.uniform(0, 0.15))
            os.kill(int(said[1]), SIGKILL)
            done = [int(line) for line in iter(writer.stdout.readline, "gone\n")]
            check(store, done)
        writer.stdin.close()


def check(store: Store, done: list[int]) -> None:
    """The store is whole, and has what was done."""
    version, numbers = -1, list[int]()
    while version != store.version():  # a server may still be doing what it was told to
        version = store.version()
        numbers = sorted(client.document["n"] for client in store.clients.all())
    assert numbers == [n for n in range(version) for _ in range(AT_ONCE)]
    of_keys = [key.public_jwk["n"] for key in store.keys.all()]
    assert len(of_keys) == (8 if of_keys else 0)
    assert len(set(of_keys)) <= 1
    if done:
        assert done == [*range(done[0], done[-1] + 1)]
        assert version - 1 - done[-1] in (0, 1)
        assert of_keys[0] - done[-1] in (0, 1)
        use = partial(store.assertions.use, "c", expires_at=2e9, now=1e9, per_client=10**6)
        assert [use(str(n)) for n in done] == [AssertionUse.REPEATED] * len(done)
