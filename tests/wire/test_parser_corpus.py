"""The corpus over both cores: each case whole, split in two everywhere, and byte by byte."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.corpora import CORPUS
from tests.corpora.case import Case, Message

GROUPS = sorted(CORPUS)


class Listener:
    """A sink that writes down what it hears; pieces of a body that touch are joined."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_head(self, head: Any) -> None:
        start = (head.method, head.target) if hasattr(head, "method") else (head.status, head.reason)
        length = head.content_length
        facts = (tuple(head.version), head.raw_headers, head.keep_alive, head.upgrade, head.chunked, length)
        self.heard.append(("head", start, *facts))

    def on_body(self, data: bytes) -> None:
        assert type(data) is bytes
        assert data
        if self.heard[-1][0] == "body":
            self.heard[-1][1].append(data)
        else:
            self.heard.append(("body", [data]))

    def on_end(self, trailers: Any) -> None:
        self.heard.append(("end", trailers))

    def events(self) -> list[Any]:
        return [("body", b"".join(event[1])) if event[0] == "body" else event for event in self.heard]


def run(module: Any, case: Case, pieces: Iterable[bytes]) -> tuple[list[Any], tuple[str, str], bytes]:
    """Return events, class and text of the error, and what was left over after an upgrade."""
    listener = Listener()
    parser = (module.RequestParser if case.direction == "request" else module.ResponseParser)(listener, **case.options)
    if case.prepare:
        parser.prepare(*case.prepare)
    rest = []
    error = ("", "")
    try:
        for piece in pieces:
            if parser.upgraded:
                rest.append(piece)
            else:
                rest.append(piece[parser.feed(piece) :])
        if case.eof:
            parser.feed_eof()
    except Exception as exc:
        error = (type(exc).__name__, str(exc))
        with pytest.raises(type(exc)) as again:
            parser.feed(b"x")
        assert str(again.value) == error[1]
    return listener.events(), error, b"".join(rest)


def expected(messages: Iterable[Message]) -> list[Any]:
    """Return the events that a sink is to hear."""
    events: list[Any] = []
    for message in messages:
        length = [int(value) for name, value in message.headers if name.lower() == b"content-length"]
        facts = (message.keep_alive, message.upgrade, message.chunked, length[0] if length else None)
        events.append(("head", message.start, message.version, message.headers, *facts))
        if message.body:
            events.append(("body", message.body))
        if message.complete:
            events.append(("end", message.trailers))
    return events


def cuts(size: int) -> Iterable[int]:
    """Every place to cut; of long inputs both ends, and a sample of what lies between."""
    if size <= 400:
        return range(1, size)
    return [*range(1, 12), *range(12, size - 12, max(1, size // 24)), *range(size - 12, size)]


def test_corpus_is_large_and_ids_are_unique() -> None:
    cases = [case for group in CORPUS.values() for case in group]
    assert len(cases) >= 600
    ids = [(case.direction, case.id) for case in cases]
    assert len(set(ids)) == len(ids), sorted({id for id in ids if ids.count(id) > 1})


@pytest.mark.parametrize("group", GROUPS)
def test_whole(lib: Any, group: str) -> None:
    module = lib.load("_wire.http.parser")
    wrong = []
    for case in CORPUS[group]:
        events, (kind, text), rest = run(module, case, [case.data])
        good = events == expected(case.messages) and kind in (case.refused.split() or [""]) and rest == case.rest
        if not good or case.says not in text:
            wrong.append(
                f"{case.direction} {case.id}: {case.data[:300]!r}\n  {events}\n  {kind}: {text} {rest!r}\n  {case}"
            )
    assert not wrong, "\n".join([f"{len(wrong)} of {len(CORPUS[group])}", *wrong])


@pytest.mark.parametrize("group", GROUPS)
def test_split_in_two_everywhere(lib: Any, group: str) -> None:
    module = lib.load("_wire.http.parser")
    wrong = []
    for case in CORPUS[group]:
        data = case.data
        whole = run(module, case, [data])
        for cut in cuts(len(data)):
            split = run(module, case, [data[:cut], data[cut:]])
            if split != whole:
                wrong.append(f"{case.direction} {case.id} at {cut}: {data[:cut][-100:]!r}\n  {split}\n  {whole}")
                break
    assert not wrong, "\n".join([f"{len(wrong)} of {len(CORPUS[group])}", *wrong])


@pytest.mark.parametrize("group", GROUPS)
def test_byte_by_byte(lib: Any, group: str) -> None:
    module = lib.load("_wire.http.parser")
    wrong = []
    for case in CORPUS[group]:
        data = case.data
        whole = run(module, case, [data])
        single = run(module, case, [data[i : i + 1] for i in range(len(data))])
        if single != whole:
            wrong.append(f"{case.direction} {case.id}: {data[:200]!r}\n  {single}\n  {whole}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(CORPUS[group])}", *wrong])
