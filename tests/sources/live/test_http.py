from __future__ import annotations

import dataclasses
import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from overbuild.errors import InputError, ServiceError
from overbuild.sources.http import Manners, Pace, Service, Session


def ask(service: Any, manners: Manners, **more: Any) -> Any:
    with Session(Service("the service", service.url, manners, **more)) as session:
        return session.get("/thing", {}, what="the thing")


def test_a_document_is_returned_and_the_caller_is_declared(
    service: Any, manners: Manners, reply: Any
) -> None:
    service.routes["/thing"] = [reply({"a": [1, 2.5]})]
    assert ask(service, manners, headers={"User-Agent": "Jane jane@example.org"}) == {"a": [1, 2.5]}
    assert service.asked[0].headers["User-Agent"] == "Jane jane@example.org"


@pytest.mark.parametrize(
    "bad",
    [
        {"status": 500},
        {"status": 502, "body": "<html>Bad gateway</html>"},
        {"status": 503},
        {"status": 429},
        {"body": '{"a": [1, 2'},
        {"body": ""},
        {"body": '{"a": 1}', "cut": 3},
        {"body": "<!DOCTYPE html><html><body>Maintenance</body></html>"},
        {"body": b"\xff\xfe\x00nonsense"},
        {"body": '{"a": NaN}'},
        {"body": "[" * 100_000},
        {"body": b"not gzip", "headers": {"Content-Encoding": "gzip"}},
        {"closed": True},
        {"body": "{}", "slow": 0.8},
    ],
    ids=lambda b: " ".join(f"{k}={str(v)[:12]}" for k, v in b.items()),
)
def test_a_passing_fault_is_asked_again(
    bad: dict[str, Any], service: Any, manners: Manners, reply: Any, naps: list[float]
) -> None:
    service.routes["/thing"] = [reply(**bad), reply({"a": 1})]
    assert ask(service, manners) == {"a": 1}
    assert len(service.asked) == 2
    assert len(naps) >= 1


def test_waits_grow_and_end(service: Any, manners: Manners, reply: Any, naps: list[float]) -> None:
    service.routes["/thing"] = [reply(status=500)]
    with pytest.raises(
        ServiceError, match=r"Asked the service for the thing: the answer was HTTP 500 \(asked 4 times\)\."
    ):
        ask(service, manners)
    waits = [n for n in naps if n > 1e-5]
    assert len(service.asked) == 4
    assert len(waits) == 3
    assert 0.01 <= waits[0] <= 0.02 <= waits[1] <= 0.03
    assert 0.04 <= waits[2] <= 0.05


@pytest.mark.parametrize("seconds", [7, 30])
def test_retry_after_is_honoured(
    seconds: int, service: Any, manners: Manners, reply: Any, naps: list[float]
) -> None:
    service.routes["/thing"] = [reply(status=429, headers={"Retry-After": str(seconds)}), reply({})]
    ask(service, manners)
    assert max(naps) == seconds


def test_retry_after_may_be_a_date_or_nonsense(
    service: Any, manners: Manners, reply: Any, naps: list[float]
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    service.routes["/thing"] = [
        reply(status=503, headers={"Retry-After": soon}),
        reply(status=503, headers={"Retry-After": "soon"}),
        reply({}),
    ]
    ask(service, manners)
    assert 15 < max(naps) <= 20


def test_a_wait_beyond_patience_is_told_at_once(service: Any, manners: Manners, reply: Any) -> None:
    service.routes["/thing"] = [reply(status=429, headers={"Retry-After": "600"})]
    with pytest.raises(ServiceError, match="wait 600 seconds; try again later"):
        ask(service, manners)
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(status: int, service: Any, manners: Manners, reply: Any) -> None:
    service.routes["/thing"] = [reply({"error_message": "No such  thing"}, status=status)]
    with pytest.raises(ServiceError, match=rf'HTTP {status} \("No such thing"\); look elsewhere\.'):
        ask(service, manners, advice={status: "look elsewhere"})
    assert len(service.asked) == 1


def test_a_document_that_drips_is_given_up(service: Any, manners: Manners, reply: Any) -> None:
    ticks = iter(range(0, 10_000, 10))
    hurried = dataclasses.replace(manners, clock=lambda: float(next(ticks)))
    service.routes["/thing"] = [reply({})]
    with pytest.raises(ServiceError, match="not complete after 5 seconds"):
        ask(service, hurried)


def test_no_network_is_said_in_one_line(service: Any, manners: Manners) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = Service("SEC EDGAR", f"http://127.0.0.1:{port}", manners)
    with Session(nobody) as session, pytest.raises(ServiceError) as error:
        session.get("/thing", {}, what="the facts of Oracle")
    told = "Asked SEC EDGAR for the facts of Oracle: no connection to 127.0.0.1; is there a network?"
    assert str(error.value) == f"{told} (asked 4 times)."


def test_the_pace_keeps_every_second_within_the_limit(service: Any, reply: Any) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    service.clock = lambda: now[0]
    service.routes["/thing"] = [reply({})]
    manners = Manners(per_second=10, sleep=sleep, clock=lambda: now[0])
    with Session(Service("the service", service.url, manners)) as session:
        for _ in range(35):
            session.get("/thing", {}, what="the thing")
    starts = [a.at for a in service.asked]
    assert max(sum(s <= t < s + 1 - 1e-9 for t in starts) for s in starts) == 10
    assert 3.3 < starts[-1] < 3.5


def test_retries_keep_the_pace_too() -> None:
    now = [0.0]
    pace = Pace(2, lambda s: now.__setitem__(0, now[0] + s), lambda: now[0])
    starts = []
    for busy in (0.0, 3.0, 0.1, 0.0):
        pace.wait()
        starts.append(now[0])
        now[0] += busy
    assert starts == pytest.approx([0.0, 0.5, 3.5, 4.0])


@pytest.mark.parametrize(
    "bad",
    [{"status": 500}, {"status": 400}, {"body": "nonsense"}, {"closed": True}, {"body": "{}", "slow": 0.8}],
)
def test_the_key_is_sent_and_told_nowhere(
    bad: dict[str, Any],
    service: Any,
    manners: Manners,
    reply: Any,
    key: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    service.routes["/thing"] = [reply(**({"body": {"error_message": f"key {key} is bad"}} | bad))]
    spec = Service("FRED", service.url, dataclasses.replace(manners, attempts=2), secret={"api_key": key})
    with pytest.raises(ServiceError) as error, Session(spec) as session:
        session.get("/thing", {}, what="the thing")
    assert service.asked[0].query["api_key"] == key
    chain, told = error.value, []
    while chain is not None:
        told += [str(chain), repr(chain), *map(str, chain.args)]
        chain = chain.__cause__ or chain.__context__
    assert key not in " ".join([*told, caplog.text, repr(spec), str(spec)])
    assert logging.getLogger("httpx").level == logging.DEBUG


@pytest.mark.parametrize("address", ["", "ftp://x.org", "data.sec.gov", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused(address: str, manners: Manners) -> None:
    with pytest.raises(InputError, match="is not an address for the service"):
        Service("the service", address, manners)
