"""What is read again once it is old: by one thread, while the others take what there is."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from policy_engine.authserver.renewing import Renewed
from policy_engine.errors import StorageError


def test_one_thread_reads_and_the_others_do_not_wait() -> None:
    """A slow store slows one request a second, not all of them."""
    clock, begun, go_on = [0.0], Event(), Event()

    def read(last: int | None) -> int:
        if last is None:
            return 1
        begun.set()
        assert go_on.wait(10)
        return last + 1

    renewed = Renewed(read, now=lambda: clock[0])
    assert renewed.get() == 1
    clock[0] = 1.0
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(renewed.get)
        assert begun.wait(10)
        assert [renewed.get() for _ in range(3)] == [1, 1, 1]
        go_on.set()
        assert slow.result(10) == 2
    assert renewed.get() == 2


def test_where_there_is_nothing_to_take_threads_wait_for_the_one_that_reads() -> None:
    """All have the same, from one reading."""
    readings, go_on = [], Event()

    def read(_last: object) -> object:
        readings.append(1)
        assert go_on.wait(10)
        return object()

    renewed = Renewed(read, now=lambda: 0.0)
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(renewed.get) for _ in range(4)]
        go_on.set()
        values = {each.result(10) for each in found}

    assert (len(values), len(readings)) == (1, 1)


def test_a_failure_is_not_repeated_by_everybody_who_waited() -> None:
    """The store is asked once a second, though nobody can be answered."""
    readings = []

    def read(_last: object) -> object:
        readings.append(1)
        raise StorageError("lost")

    renewed = Renewed(read, now=lambda: 0.0)
    for note in ("lost", "couldn't be asked a moment ago", "couldn't be asked a moment ago"):
        with pytest.raises(StorageError, match=note):
            renewed.get()

    assert len(readings) == 1


def test_what_was_forgotten_is_read_at_once() -> None:
    """Whatever its age, and whatever failed before."""
    numbers = iter(range(10))
    renewed = Renewed(lambda _last: next(numbers), now=lambda: 0.0)

    assert [renewed.get(), renewed.get()] == [0, 0]
    renewed.forget()
    assert renewed.get() == 1


def test_a_clock_that_is_set_back_makes_nothing_fresh() -> None:
    """A reading from the future is none."""
    clock, numbers = [1000.0], iter(range(10))
    renewed = Renewed(lambda _last: next(numbers), now=lambda: clock[0])

    found = [renewed.get()]
    clock[0] = 10.0
    found += [renewed.get(), renewed.get()]

    assert found == [0, 1, 1]
