"""`rules`: Which of the findings that were fetched the settings put aside. They stay in the store, marked
and not open, so that another setting takes effect without fetching anything again.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
from .filter import Term, kind_term
from .plan import Settings, kind_settings
from .types import Impact, kind_impact
from .types import Timestamp, kind_timestamp


#: A setting that puts findings aside, or leaves assets out.
Rule: TypeAlias = Literal["kernel-filter", "service-filter", "config-filter", "severity", "risk", "certainty", "age", "tag", "asset-group", "os", "unscanned", "unknown", "expression", "fingerprint-only"]
kind_rule = v.STR


class ImportRule(TypedDict):
    """One import rule that is set. What its expression does not select does not belong to the
    inventory: of an asset, neither it nor its findings; else the finding alone.
    """

    rule: Rule
    #: The key that sets it.
    setting: str
    #: Its expression names nothing but fields of assets.
    is_of_asset: bool
    expression: str
    terms: list[Term]


kind_import_rule = v.Record({"rule": kind_rule, "setting": v.STR, "is-of-asset": v.BOOL, "expression": v.STR, "terms": v.List(kind_term)})


class Properties(TypedDict):
    """What the rules look at in a finding."""

    #: A fixed finding is never put aside: otherwise nobody would see that it was fixed.
    is_fixed: bool
    affects_running_kernel: NotRequired[bool | None]
    affects_running_service: NotRequired[bool | None]
    affects_exploitable_config: NotRequired[bool | None]


kind_properties = v.Record({"is-fixed": v.BOOL, "affects-running-kernel": v.Option(v.BOOL), "affects-running-service": v.Option(v.BOOL), "affects-exploitable-config": v.Option(v.BOOL)})


class AssetFacts(TypedDict):
    """What the risk of an asset follows from."""

    #: Open findings by severity.
    open_low: int
    open_medium: int
    open_high: int
    open_critical: int
    #: 1 to 5; without, it counts as Qualys' default of 2.
    criticality: NotRequired[int | None]
    #: The highest of its tags.
    impact: NotRequired[Impact | None]


kind_asset_facts = v.Record({"open-low": v.INT, "open-medium": v.INT, "open-high": v.INT, "open-critical": v.INT, "criticality": v.Option(v.INT), "impact": v.Option(kind_impact)})


class RiskTerm(TypedDict):
    """One step on the way to a risk score."""

    #: `worst`, `volume`, `criticality` or `impact`.
    name: str
    #: Points that are added, or, of `impact`, the factor that they are multiplied with.
    value: float
    #: For people.
    why: str


kind_risk_term = v.Record({"name": v.STR, "value": v.FLOAT, "why": v.STR})


class AssetRisk(TypedDict):
    """The score, 0 to 100, and how it came about."""

    score: float
    terms: list[RiskTerm]


kind_asset_risk = v.Record({"score": v.FLOAT, "terms": v.List(kind_risk_term)})


_FUNCTION_IMPORT_RULES = v.Function("rules", "import-rules", (kind_settings, kind_timestamp,), v.List(kind_import_rule))
_FUNCTION_PUT_ASIDE_BY = v.Function("rules", "put-aside-by", (kind_settings, kind_properties,), v.Option(kind_rule))
_FUNCTION_SITE = v.Function("rules", "site", (kind_settings,), v.Option(v.STR))
_FUNCTION_MAPS_BUSINESS_IMPACT = v.Function("rules", "maps-business-impact", (kind_settings,), v.BOOL)
_FUNCTION_RISK_OF = v.Function("rules", "risk-of", (kind_asset_facts,), kind_asset_risk)


class Rules:
    """Which of the findings that were fetched the settings put aside. They stay in the store, marked
    and not open, so that another setting takes effect without fetching anything again.
    """

    def __init__(self, door: v.Door) -> None:
        self._door = door

    def import_rules(self, settings: Settings, now: Timestamp) -> list[ImportRule]:
        """The import rules that are set, in the order in which they are asked; `now` is for ages."""
        return cast("list[ImportRule]", self._door.call(_FUNCTION_IMPORT_RULES, settings, now))

    def put_aside_by(self, settings: Settings, properties: Properties) -> Rule | None:
        """The first rule that puts aside a finding with these properties."""
        return cast("Rule | None", self._door.call(_FUNCTION_PUT_ASIDE_BY, settings, properties))

    def site(self, settings: Settings) -> str | None:
        """The site of assets that no other source knows."""
        return cast("str | None", self._door.call(_FUNCTION_SITE, settings))

    def maps_business_impact(self, settings: Settings) -> bool:
        """Whether the impact of an asset group is that of its tag, where no person has said otherwise."""
        return cast("bool", self._door.call(_FUNCTION_MAPS_BUSINESS_IMPACT, settings))

    def risk_of(self, facts: AssetFacts) -> AssetRisk:
        """`(worst + volume + criticality) * impact`, from 0 to 100 and rounded to one decimal; 0 without
        an open finding above info.

        - worst: 60 points when the worst open finding is critical, 40 for high, 20 for medium, 10 for low
        - volume: `4 * log2(1 + 8 * critical + 4 * high + 2 * medium + low)` points, at most 20
        - criticality: -5 points for 1, 0 for 2, 5 for 3, 10 for 4, 20 for 5
        - impact: 1.25 for high, 1 for medium or none, 0.75 for low
        """
        return cast("AssetRisk", self._door.call(_FUNCTION_RISK_OF, facts))
