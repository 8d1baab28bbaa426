"""What does not fit together in the file of a contract whose form is right."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from overbuild.finance.contract import DELIVERY, SHARE

ROUNDING = 1e-6


def sense_faults(content: Mapping[str, Any], known: Container[str] | None) -> Iterator[str]:
    """Tell what does not fit together in a file of the right form."""
    yield from _party_and_row_faults(content, known)
    value, term = content["contract"]["value"]["is"], content["contract"]["term"]["is"]
    total = sum(t["share"] for t in content["tranches"])
    if total > 1 + ROUNDING:
        yield (
            f"the tranches exceed the value: their shares add up to {total:.6g}, USD {total * value:.6g} "
            f"billion of {value:.6g}; lower them to 1."
        )
    elif total < 1 - ROUNDING:
        yield f"the shares of the tranches add up to {total:.6g}; expected 1."
    runs = content["contract"]["runs_from"] == DELIVERY
    short = False
    for i, t in enumerate(content["tranches"], 1):
        due, late = t["month"], t["month"] + t.get("delay", 0)
        if not runs and term <= late:
            short = True
            yield (
                f"tranches {i}: the term ends in month {term}, not after its delivery in month {late}; "
                f"lengthen the term, deliver earlier, or let it run from '{DELIVERY}'."
            )
        for part in ("equipment", "shell", "prepayment"):
            lead = content.get(part, {}).get("lead", {}).get("is", 0)
            if lead > due:
                yield (
                    f"tranches {i}: is due in month {due} and {part}.lead = {lead} is before the start; "
                    f"expected at most {due}."
                )
    life = content["equipment"]["life"]["is"]
    credit = content.get("prepayment", {}).get("credit", {}).get("is", [1])
    longest = term if runs else term - min((t["month"] for t in content["tranches"]), default=0)
    if not short and 12 * (len(credit) - 1) >= longest:
        yield f"prepayment.credit has {len(credit)} years; expected no more than a term of {term} months."
    renewed = content.get("renewal", {}).get("months", {}).get("is", 0)
    if renewed and term + renewed > life:
        yield (
            f"renewal.months = {renewed} goes beyond the useful life of {life} months after a term of "
            f"{term}; expected at most {max(life - term, 0)}."
        )
    yield from _loan_faults(content)
    if content["opex"]["basis"] == SHARE and content["opex"]["amount"]["is"] > 1:
        yield f"opex.amount = {content['opex']['amount']['is']:g}; expected a share between 0 and 1."


def _party_and_row_faults(content: Mapping[str, Any], known: Container[str] | None) -> Iterator[str]:
    buyer, seller = content["contract"]["buyer"], content["contract"]["seller"]
    if buyer == seller:
        yield f"contract.buyer and contract.seller are both '{buyer}'; expected two parties."
    if known is None:
        return
    held = [e for s in content.values() if isinstance(s, dict) for e in s.values() if isinstance(e, dict)]
    held += [row for s in content.values() if isinstance(s, list) for row in s if isinstance(row, dict)]
    named = {e["source"] for e in held if "source" in e} | set(content.get("leans_on", []))
    yield from (f"'{s}' is no row of contracts.csv." for s in sorted(named) if s not in known)


def _loan_faults(content: Mapping[str, Any]) -> Iterator[str]:
    loans = content.get("loans", [])
    lent = sum(loan["amount"] for loan in loans)
    outlay = content["equipment"]["cost"]["is"] + content.get("shell", {}).get("cost", {}).get("is", 0)
    if lent > outlay:
        yield f"the loans add up to {lent:g} and equipment and shell cost {outlay:g}; expected no more."
    for i, loan in enumerate(loans, 1):
        first = loan["draw"] + loan.get("interest_only", 0)
        if loan["maturity"] <= first:
            yield (
                f"loans {i}: matures in month {loan['maturity']}; expected after month {first}, when it is "
                "drawn and interest alone is paid no longer."
            )
