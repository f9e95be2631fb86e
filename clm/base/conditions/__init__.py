"""The one language for rules, segments, scoring, branches and goals: a tree of conditions stored as JSON.

    {"all": [{"condition": "purchase_days", "parameters": {"at_least": 3, "within_days": 365}},
             {"not": {"condition": "lapsed", "parameters": {"days": 180}}}]}

Each leaf is a `Condition` class that an app offers in its `conditions.py`. One implementation says who matches
(as SQL), whether one customer does, why, in words, and at which instants the answer may change by itself.
"""

from clm.base.conditions.leaf import WITHIN, Asked, Condition, Detail, Evidence, FactRef, parameter
from clm.base.conditions.leaving import Felt, Leaving
from clm.base.conditions.parsing import InvalidCondition, Unfit, number_of, parse
from clm.base.conditions.registry import offer, offered
from clm.base.conditions.tree import All, Any, Leaf, Node, Not, Verdict
from clm.base.conditions.vetting import misfits_of, refuse_misfits, vet

__all__ = [
    "WITHIN",
    "All",
    "Any",
    "Asked",
    "Condition",
    "Detail",
    "Evidence",
    "FactRef",
    "Felt",
    "InvalidCondition",
    "Leaf",
    "Leaving",
    "Node",
    "Not",
    "Unfit",
    "Verdict",
    "misfits_of",
    "number_of",
    "offer",
    "offered",
    "parameter",
    "parse",
    "refuse_misfits",
    "vet",
]
