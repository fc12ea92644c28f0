"""Audit logs, read."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.audit import Checkpoints, FileSink
from policy_engine.errors import ConfigError
from policy_engine.harness.recording import Exchange, Problem, read_log
from policy_engine.harness.recording.reading import _uid
from policy_engine.jose import SigningKey, sign
from policy_engine.model import EntityUid
from tests.harness.recording.conftest import ANN, BOT, NOW, Record


def test_what_repeats_is_read_once_and_counted(record: Record) -> None:
    """With names of arguments, and nothing of their values."""
    log = record([(BOT, "look", {"item": "a"}), (ANN, "look", {"item": "b"}), (BOT, "look", {"item": "c"})])

    bot, ann = log.exchanges
    assert bot == Exchange(
        principal=EntityUid("Client", "machines/bot"),
        actor=None,
        server="shop",
        method="tools/call",
        action=EntityUid("Action", "shop/look"),
        resource=EntityUid("Tool", "shop/look"),
        arguments=("item",),
        code="allowed",
        detail=None,
        policies=("look",),
        errors=(),
        digest=bot.digest,
    )
    assert (bot.count, bot.line, bot.time, ann.count, ann.line) == (2, 1, NOW, 1, 2)
    assert (log.records, log.problems) == (3, ())


def test_lines_that_are_no_records_are_told(record: Record, shop: Path) -> None:
    """And what never got to the policies is counted by its code."""
    record([(BOT, "look", {"item": "a"}), (BOT, "look", {"item": 1})])
    file = shop / "audit.jsonl"
    file.write_text('{"half": \n\n' + file.read_text() + '{"code": "allowed"}\n[]\n')

    log = read_log(file)

    assert (log.records, dict(log.unasked)) == (2, {"invalid_arguments": 1})
    assert [exchange.line for exchange in log.exchanges] == [3]
    assert log.problems == tuple(Problem(line, "no audit record") for line in (1, 5, 6))


def test_a_chained_and_signed_log_is_read_like_any_other(record: Record, shop: Path) -> None:
    """What chains its lines is passed over, and so are lines that sign it."""
    plain = record([(BOT, "look", {"item": "a"}), (ANN, "look", {"item": "b"})])
    lines = list(map(json.loads, (shop / "audit.jsonl").read_text().splitlines()))
    key = SigningKey.generate("EdDSA")
    signer = SimpleNamespace(sign=lambda payload: sign(payload, key, typ=None))
    sink = FileSink(shop / "chained.jsonl", checkpoints=Checkpoints(signer=signer))
    for line in lines:
        sink.write(line)
    sink.close()

    log = read_log(shop / "chained.jsonl")

    assert len((shop / "chained.jsonl").read_text().splitlines()) == 4
    assert (log.exchanges, log.records, log.problems) == (
        (plain.exchanges[0], replace(plain.exchanges[1], line=3)),
        2,
        (),
    )


def test_a_file_without_a_record_is_refused(tmp_path: Path) -> None:
    """A mistyped name must not look like traffic in which nothing changes."""
    file = tmp_path / "audit.jsonl"
    file.write_text(json.dumps({"level": "info"}) + "\n")

    with pytest.raises(ConfigError, match="it holds no audit record"):
        read_log(file)


@given(st.builds(EntityUid, st.sampled_from(["Tool", "Action"]), st.text()))
def test_a_uid_reads_back_as_it_was_written(uid: EntityUid) -> None:
    """Whatever the name of a tool holds."""
    assert _uid(str(uid)) == uid
