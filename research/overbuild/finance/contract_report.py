"""What the command ``contract`` says: a contract to both sides, as planned and when things go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from overbuild.finance.buyer import rent_or_own
from overbuild.finance.contract import Contract
from overbuild.finance.contract_draws import Priors
from overbuild.finance.contract_risks import run, summarise
from overbuild.finance.contract_value import least_renewal_price, summary

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ContractFound:
    """What the command finds.

    Attributes
    ----------
    contract
        The contract.
    planned
        Of `contract_value.summary`.
    drawn
        Of `contract_risks.summarise`.
    draws
        How many.
    """

    contract: Contract
    planned: Mapping[str, Any]
    drawn: Mapping[str, Any]
    draws: int

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain types; a stream without a rate of return has None and a reason."""
        c, drawn = self.contract, dict(self.drawn)
        figures = c.figures
        return {
            "contract": c.name,
            "title": c.title,
            "seller": c.parties[c.seller],
            "buyer": c.parties[c.buyer],
            **self.planned,
            "least_renewal_price": least_renewal_price(c),
            "rent_or_own": rent_or_own(c).to_dict(),
            "buyers_options": drawn["buyer"],
            "probability_of_loss": drawn["probability"]["loss"],
            "probability_of_loss_equity": drawn["probability"]["loss_equity"],
            "probability": drawn["probability"],
            "quantiles": drawn["quantiles"],
            "fan": drawn["fan"],
            "draws": self.draws,
            "figures_read": sum(bool(f.source) for f in figures),
            "figures_assumed": sum(not f.source for f in figures),
        }

    def frame(self) -> pd.DataFrame:
        """Return one row a measure: as planned, and quantiles of the draws."""
        import pandas as pd

        names = {
            "irr": "return a year, unlevered",
            "irr_equity": "return a year, equity",
            "npv": "present value, USD billion",
            "npv_equity": "present value to owners",
            "min_dscr": "least debt cover",
        }
        rows = [
            {"measure": said, "planned": self.planned[n], **self.drawn["quantiles"][n]}
            for n, said in names.items()
        ]
        columns = ["measure", "planned", "q05", "q50", "q95", "mean"]
        return pd.DataFrame(rows, columns=pd.Index(columns))

    def sentence(self) -> str:
        """Say what was found."""
        c, p, chance = self.contract, self.planned, self.drawn["probability"]
        rate = f"{p['irr']:.1%} a year" if p["irr"] is not None else "no single rate"
        equity = f"{p['irr_equity']:.1%}" if p["irr_equity"] is not None else "none"
        said = [
            f"{c.title}: USD {c.value:,.1f} billion. As planned the seller earns {rate} before debt and "
            f"{equity} on equity; at {c.required:.0%} the contract is worth {p['npv']:,.2f} billion.",
            *(p[n] for n in ("irr_reason", "irr_equity_reason") if p[n] and p[n].startswith("No ")),
            self._price(),
            f"Of {self.draws:,d} draws {chance['loss']:.0%} fall short of {c.required:.0%} before debt and "
            f"{chance['loss_equity']:.0%} of {c.required_equity:.0%} on equity; owners are wiped out in "
            f"{chance['wiped']:.1%}.",
            self._buyer(),
            f"{sum(not f.source for f in c.figures)} of {len(c.figures)} figures are assumed.",
        ]
        return " ".join(s for s in said if s)

    def _price(self) -> str:
        price, even = self.contract.price, self.planned["break_even_price"]
        if price is None or even is None:
            return "The number of accelerators is not given, so that no price per hour is."
        told = next((f for f in self.contract.figures if f.key == "contract.gpus"), None)
        said = f"An accelerator hour costs USD {price:.2f}; the seller breaks even at {even:.2f}."
        if told is None or told.source:
            return said
        weak = "hearsay" if told.weak else "assumed"
        said = f"{said} Both rest on a count of {self.contract.gpus:,.0f} that is {weak}"
        if told.low is None or told.high is None:
            return f"{said}."
        prices = [replace(self.contract, gpus=g).price for g in (told.high, told.low)]
        return f"{said}: the price is {prices[0]:.2f} to {prices[1]:.2f} over its range."

    def _buyer(self) -> str:
        found = rent_or_own(self.contract)
        does = "gains" if found.advantage >= 0 else "loses"
        return (
            f"Renting costs the buyer {found.rent:,.2f} billion and owning {found.own:,.2f}, at "
            f"{found.cost_of_capital:.0%}: he {does} {abs(found.advantage):,.2f} by renting."
        )


def report(contract: Contract, priors: Priors, *, draws: int, seed: int) -> ContractFound:
    """Value a contract to both sides, as planned and in draws."""
    return ContractFound(
        contract,
        summary(contract),
        summarise(contract, priors, *run(contract, priors, draws, seed)),
        draws,
    )
