from lifecycle.models.component import Component, ComponentPeriod, ComponentRule
from lifecycle.models.current import CurrentStage, NextDue, Parking
from lifecycle.models.journey_map import JourneyMap, Touchpoint
from lifecycle.models.lifecycle_model import LifecycleModel, NotInForce
from lifecycle.models.moment import Moment, Walker
from lifecycle.models.period import Cause, StagePeriod
from lifecycle.models.playbook import Asset, Playbook
from lifecycle.models.refusal import Refusal
from lifecycle.models.simulation import (
    SimulatedFlow,
    SimulatedMove,
    SimulatedPeriod,
    Simulation,
    Span,
)
from lifecycle.models.stage import Kind, Stage
from lifecycle.models.version import EdgePolicy, ModelVersion, Policy, Rule, VersionStage, VersionStatus

__all__ = [
    "Asset",
    "Cause",
    "Component",
    "ComponentPeriod",
    "ComponentRule",
    "CurrentStage",
    "EdgePolicy",
    "JourneyMap",
    "Kind",
    "LifecycleModel",
    "ModelVersion",
    "Moment",
    "NextDue",
    "NotInForce",
    "Parking",
    "Playbook",
    "Policy",
    "Refusal",
    "Rule",
    "SimulatedFlow",
    "SimulatedMove",
    "SimulatedPeriod",
    "Simulation",
    "Span",
    "Stage",
    "StagePeriod",
    "Touchpoint",
    "VersionStage",
    "VersionStatus",
    "Walker",
]
