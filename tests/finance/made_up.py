"""Contracts made up for tests."""

from dataclasses import replace
from datetime import date

from overbuild.finance.contract import (
    FIXED,
    Buyer,
    Contract,
    Equipment,
    Loan,
    Opex,
    Prepayment,
    Renewal,
    Shell,
    Tranche,
)
from overbuild.finance.contract_draws import Priors

PRIORS = Priors(
    delay=3.0,
    delay_correlation=0.5,
    availability=300.0,
    opex=0.15,
    residual=8.0,
    price_sd=0.3,
    wrong_way=(0.3, 0.7),
    residual_correlation=(0.3, 0.7),
    hazard_sd=0.5,
    recovery=6.0,
    void=6,
    build_failure=(0.03, 0.08),
    resale=0.65,
    switching=0.1,
)


def plain(**changes):
    """Return a contract of five years whose payments are all that moves: 5 now, 1.2 a year."""
    made = Contract(
        name="plain",
        title="Plain",
        parties={"b": "Buyer", "s": "Seller"},
        buyer="b",
        seller="s",
        supplier="s",
        value=6.0,
        start=date(2026, 1, 1),
        term=60,
        tranches=(Tranche(1.0, 0),),
        equipment=Equipment(5.0),
        opex=Opex(FIXED, 0.0),
        terms_of_buyer=Buyer(0.08),
    )
    return replace(made, **changes)


def full(**changes):
    """Return a contract with everything in it."""
    made = plain(
        value=12.0,
        tranches=(Tranche(0.5, 3), Tranche(0.3, 6, 1), Tranche(0.2, 12)),
        equipment=Equipment(6.0, lead=1, life=84, residual=0.2),
        shell=Shell(2.0, lead=2, recovered=0.5),
        opex=Opex(FIXED, 0.3),
        prepayment=Prepayment(0.2, 2, (0.0, 0.0, 1.0, 1.0, 1.0)),
        loans=(
            Loan("s", 2.0, 0.06, 3, 72, 9, "sculpted"),
            Loan("s", 1.0, 0.08, 6, 60, 0, "level", "ACT_360"),
            Loan("s", 0.5, 0.07, 6, 48, 0, "bullet", "ACT_365F"),
        ),
        renewal=Renewal(24, 0.5, 0.5),
        terms_of_buyer=Buyer(0.08, 0.05, 0.4),
        availability=0.97,
        gpus=80_000,
        min_dscr=1.1,
        grace=6,
    )
    return replace(made, **changes)
