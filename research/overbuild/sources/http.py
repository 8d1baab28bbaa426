"""Ask a web service for JSON: paced, retried with growing waits, and never telling the key."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, quote_plus

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_result,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from overbuild.errors import InputError, ServiceError

TALKATIVE = ("httpx", "httpcore")
"""Loggers that write whole addresses, keys included; they are quiet while a service is open."""


@dataclass(frozen=True)
class Manners:
    """How a service is asked.

    Attributes
    ----------
    per_second
        Requests a second, evenly spaced.
    attempts
        How often one document is asked for before giving up.
    first_wait, longest_wait
        Seconds of the first back-off (doubled, with jitter, each time) and the longest that is accepted.
    timeout
        Seconds without a byte after which a request is given up.
    deadline
        Seconds that one document may take in all.
    sleep, clock
        Injected by tests.
    """

    per_second: float
    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0
    timeout: float = 30.0
    deadline: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


class Pace:
    """Spaces starts evenly, so that no second holds more than ``per_second`` of them."""

    def __init__(self, per_second: float, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._gap = 1.0 / per_second
        self._sleep = sleep
        self._clock = clock
        self._next = float("-inf")

    def wait(self) -> None:
        """Return when the next request may start."""
        now = self._clock()
        while now < self._next:
            self._sleep(self._next - now)
            now = self._clock()
        self._next = now + self._gap


@dataclass(frozen=True)
class Answer:
    """What one attempt gave: a document, or what went wrong and whether to ask again (after some seconds)."""

    document: Any = None
    problem: str = ""
    again: bool = False
    after: float = 0.0


@dataclass(frozen=True)
class Service:
    """A web service that answers in JSON; use it as a context manager.

    Attributes
    ----------
    name
        How messages call it.
    base_url
        Scheme and host; tests give a local server.
    manners
        Pace, retries and time-outs.
    headers
        Sent with every request.
    secret
        Parameters sent with every request that may appear nowhere else (the key).
    advice
        HTTP status to the sentence that tells the user what to do about it.
    """

    name: str
    base_url: str
    manners: Manners
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    advice: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")) or not self.host:
            raise InputError(
                f"'{self.base_url}' is not an address for {self.name}; expected http(s):// and a host. "
                "Correct the variable that sets it, or unset it to ask the public service."
            )

    @property
    def host(self) -> str:
        """The host that is asked; empty where the address is none."""
        try:
            return httpx.URL(self.base_url).host
        except httpx.InvalidURL:
            return ""


class Session:
    """An open connection to a service; ``with Session(service) as session: session.get(...)``."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._client: httpx.Client | None = None
        self._levels: dict[str, int] = {}
        manners = service.manners
        self._pace = Pace(manners.per_second, manners.sleep, manners.clock)
        growing = wait_exponential(multiplier=manners.first_wait, max=manners.longest_wait)
        self._backoff = growing + wait_random(0, manners.first_wait)

    def __enter__(self) -> Self:
        for name in TALKATIVE:
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.setLevel(logging.WARNING)
        service = self._service
        self._client = httpx.Client(
            base_url=service.base_url,
            headers=dict(service.headers),
            params=dict(service.secret),
            timeout=service.manners.timeout,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)

    def get(self, path: str, params: Mapping[str, str | int], *, what: str) -> Any:
        """Return the parsed JSON document at a path.

        Parameters
        ----------
        path, params
            Where and how to ask (without the secret).
        what
            What is asked for, in words, for messages ("the facts of Oracle").

        Raises
        ------
        ServiceError
            When no whole document came after all attempts, or the service refused.
        """
        manners = self._service.manners
        retrying = Retrying(
            stop=stop_after_attempt(manners.attempts),
            wait=self._pause,
            sleep=manners.sleep,
            retry=retry_if_result(lambda answer: answer.again),
            retry_error_callback=_last,
        )
        answer = retrying(self._attempt, path, params)
        if answer.problem:
            tries = f" (asked {manners.attempts} times)" if answer.again else ""
            raise ServiceError(f"Asked {self._service.name} for {what}: {answer.problem}{tries}.")
        return answer.document

    def _pause(self, state: RetryCallState) -> float:
        return max(self._backoff(state), _last(state).after)

    def _attempt(self, path: str, params: Mapping[str, str | int]) -> Answer:
        """Ask once. What httpx raises ends here, since its errors carry the whole address."""
        if self._client is None:
            raise RuntimeError("A Session is used inside its 'with' block.")
        self._pace.wait()
        try:
            with self._client.stream("GET", path, params=dict(params)) as response:
                body = self._body(response)
                status, headers = response.status_code, response.headers
        except httpx.ConnectError:
            return Answer(problem=f"no connection to {self._service.host}; is there a network?", again=True)
        except httpx.TimeoutException:
            return Answer(problem="no answer in time", again=True)
        except httpx.RequestError as error:
            return Answer(problem=f"the answer broke off ({type(error).__name__})", again=True)
        if body is None:
            seconds = self._service.manners.deadline
            return Answer(problem=f"the answer was not complete after {seconds:g} seconds")
        return _document(body) if status == httpx.codes.OK else self._refusal(status, headers, body)

    def _body(self, response: httpx.Response) -> bytes | None:
        clock = self._service.manners.clock
        end = clock() + self._service.manners.deadline
        parts = []
        for part in response.iter_bytes():
            parts.append(part)
            if clock() > end:
                return None
        return b"".join(parts)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        problem = f"the answer was HTTP {status}"
        said = self._scrubbed(_said(body))
        if said:
            problem += f' ("{said}")'
        if status in self._service.advice:
            problem += f"; {self._service.advice[status]}"
        if status not in (408, 429) and status < 500:
            return Answer(problem=problem)
        after = _seconds(headers.get("Retry-After", ""))
        longest = self._service.manners.longest_wait
        if after > longest:
            return Answer(problem=f"{problem}, asking to wait {after:.0f} seconds; try again later")
        return Answer(problem=problem, again=True, after=after)

    def _scrubbed(self, text: str) -> str:
        for value in self._service.secret.values():
            for form in (value, quote(value), quote_plus(value)):
                text = text.replace(form, "***")
        return text


def _last(state: RetryCallState) -> Answer:
    if state.outcome is None:
        raise RuntimeError("No attempt was made.")
    return state.outcome.result()


def _document(body: bytes) -> Answer:
    try:
        return Answer(document=json.loads(body, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        start = body.lstrip()[:1]
        if start == b"<":
            return Answer(problem="the answer was a web page, not JSON", again=True)
        return Answer(
            problem="the answer was cut off or is not JSON" if body else "the answer was empty", again=True
        )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _said(body: bytes) -> str:
    """Return the ``error_message`` of a JSON refusal, or nothing."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    said = content.get("error_message", "") if isinstance(content, dict) else ""
    return " ".join(said.split())[:300] if isinstance(said, str) else ""


def _seconds(retry_after: str) -> float:
    """Return the seconds that ``Retry-After`` asks for: a number, or until a date; 0 for nonsense."""
    text = retry_after.strip()
    if text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)
