"""A local service that answers as SEC EDGAR and FRED do, and misbehaves on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from overbuild.sources.filers import FIRMS
from overbuild.sources.http import Manners

KEY = "0123456789abcdef0123456789abcdef"


@dataclass
class Reply:
    """One answer; ``cut`` bytes are promised and not sent, ``slow`` seconds are waited."""

    body: bytes | str | dict[str, Any] | list[Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    slow: float = 0.0
    closed: bool = False

    @property
    def raw(self) -> bytes:
        body = self.body
        return (
            body
            if isinstance(body, bytes)
            else body.encode()
            if isinstance(body, str)
            else json.dumps(body).encode()
        )


@dataclass
class Asked:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float


class LocalService:
    """Routes of replies; the last reply of a route is repeated."""

    def __init__(self) -> None:
        self.routes: dict[str, list[Reply] | Callable[[Asked], Reply]] = {}
        self.asked: list[Asked] = []
        self.clock: Callable[[], float] = time.monotonic
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers), service.clock())
                service.asked.append(asked)
                self.answer(service.reply(asked))

            def answer(self, reply: Reply) -> None:
                if reply.closed:
                    self.connection.close()
                    return
                time.sleep(reply.slow)
                raw = reply.raw
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(raw)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw[: len(raw) - reply.cut])

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def reply(self, asked: Asked) -> Reply:
        route = self.routes.get(asked.query.get("series_id", asked.path), self.routes.get(asked.path))
        if route is None:
            return Reply("<html><body>Not found</body></html>", status=404)
        if callable(route):
            return route(asked)
        return route.pop(0) if len(route) > 1 else route[0]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalService]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OVERBUILD_USER_AGENT", "Test Reader reader@example.org")
    monkeypatch.setenv("FRED_API_KEY", KEY)
    local = LocalService()
    yield local
    local.close()


@pytest.fixture
def naps() -> list[float]:
    """The seconds that the client would have waited before asking again."""
    return []


@pytest.fixture
def manners(naps: list[float]) -> Manners:
    return Manners(
        1e6, attempts=4, first_wait=0.01, longest_wait=60, timeout=0.5, deadline=5, sleep=naps.append
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass
class Filer:
    """Builds company facts of the real shape, filing by filing."""

    name: str
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def report(
        self, tag: str, start: str, end: str, millions: float, filed: str, form: str = "10-Q"
    ) -> Filer:
        """Add one fact; ``fy``, ``fp`` and ``frame`` are there as in real documents, and mean as little."""
        accession = f"0001193125-{filed[2:4]}-{_day(filed).toordinal() % 1_000_000:06d}"
        fact = {
            "start": start,
            "end": end,
            "val": round(millions * 1e6),
            "accn": accession,
            "fy": int(filed[:4]),
        }
        fact |= {"fp": "FY" if form.startswith("10-K") else "Q2", "form": form, "filed": filed}
        if form == "10-Q":
            fact["frame"] = f"CY{end[:4]}Q{(int(end[5:7]) + 2) // 3}"
        self.facts.setdefault(tag, []).append(fact)
        return self

    def year(self, tag: str, start: str, ends: list[str], quarters: list[float], *, delay: int = 30) -> Filer:
        """Add the year-to-date facts of a fiscal year, each filed some days after its end."""
        total = 0.0
        for i, (end, value) in enumerate(zip(ends, quarters, strict=True)):
            total += value
            filed = (_day(end) + timedelta(days=delay)).isoformat()
            self.report(tag, start, end, total, filed, "10-K" if i == 3 else "10-Q")
        return self

    @property
    def document(self) -> dict[str, Any]:
        cik = next(f.cik for f in FIRMS if f.name == self.name)
        concepts = {
            tag: {"label": tag, "description": "As defined.", "units": {"USD": facts}}
            for tag, facts in self.facts.items()
        }
        shares = {
            "label": "Shares",
            "description": "",
            "units": {"shares": [{"end": "2024-01-31", "val": 1, "accn": "x"}]},
        }
        return {
            "cik": cik,
            "entityName": self.name,
            "facts": {"dei": {"EntityCommonStock": shares}, "us-gaap": concepts},
        }


@pytest.fixture
def filer() -> type[Filer]:
    return Filer


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def facts_path() -> Callable[[str], str]:
    return lambda name: next(f.path for f in FIRMS if f.name == name)


@pytest.fixture
def key() -> str:
    return KEY
