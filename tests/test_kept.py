"""What is kept between calls stays within its bound, and what is used stays."""

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.kept import Kept
from tests.plugins.samples import samples

STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40), st.booleans()), max_size=60)
"""Keys, sizes, and whether the key is asked for or kept."""


@settings(max_examples=samples(300))
@given(STEPS, st.integers(0, 12), st.integers(0, 200))
def test_never_keeps_more_than_it_may_and_never_another_value(
    steps: list[tuple[int, int, bool]], most: int, most_bytes: int
) -> None:
    """Whatever is kept and asked for, in whatever order."""
    kept: Kept[int, tuple[int, int]] = Kept(most, most_bytes)
    last: dict[int, tuple[int, int]] = {}
    for key, size, asked in steps:
        if asked:
            assert kept.get(key) in (None, last.get(key))
        else:
            last[key] = (key, size)
            kept.keep(key, last[key], size)
        assert len(kept) <= most
        assert sum(found[1] for key in last if (found := peek(kept, key))) <= most_bytes


def peek(kept: Kept[int, tuple[int, int]], key: int) -> tuple[int, int] | None:
    """What is kept, without asking for it."""
    for half in (kept._young, kept._old):  # noqa: SLF001 -- asking would move it
        if key in half:
            return half[key][0]
    return None


def test_what_is_used_stays_and_what_nobody_asks_for_is_forgotten() -> None:
    """One value is asked for between all others."""
    kept: Kept[str, int] = Kept(10, 1000)
    kept.keep("used", 1, 10)
    for n in range(100):
        kept.keep(f"other {n}", n, 10)
        assert kept.get("used") == 1
    assert kept.get("other 0") is None
    assert kept.get("other 99") == 99


def test_something_too_large_pushes_nothing_out() -> None:
    """It isn't kept, and what was there is."""
    kept: Kept[str, int] = Kept(10, 100)
    kept.keep("small", 1, 10)
    kept.keep("large", 2, 51)
    assert (kept.get("small"), kept.get("large"), len(kept)) == (1, None, 1)


def test_a_value_kept_again_under_its_key_counts_once() -> None:
    """Its new size takes the place of the old one."""
    kept: Kept[str, int] = Kept(100, 100)
    for n in range(50):
        kept.keep("one", n, 40)
    kept.keep("two", 0, 10)
    assert (kept.get("one"), kept.get("two"), len(kept)) == (49, 0, 2)


def test_threads_share_one() -> None:
    """None of them ever gets another key's value."""
    kept: Kept[int, int] = Kept(64, 10_000)
    wrong: list[tuple[int, int]] = []

    def work(seed: int) -> None:
        for n in range(4000):
            key = (n * seed) % 97
            found = kept.get(key)
            if found is None:
                kept.keep(key, key * 3, 50)
            elif found != key * 3:
                wrong.append((key, found))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (3, 5, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (wrong, len(kept) <= 64) == ([], True)
