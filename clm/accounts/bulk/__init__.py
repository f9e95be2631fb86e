"""Doing one thing to many rows of a list: the rows of a page that are ticked, or all that its filters find.

A list takes part by an app's `bulk_actions.py`: `register_page(BulkPage(…))` says how its address is read, and
`register(Action(…))` what can be done. Every row goes through the same verb as the form of one.
"""

from clm.accounts.bulk.actions import (
    Action,
    BulkPage,
    Outcome,
    Values,
    actions_for,
    one_by_one,
    register,
    register_page,
)
from clm.accounts.bulk.bar import Bar, bar_for
from clm.accounts.bulk.choosing import Chosen, Unreadable
from clm.accounts.bulk.doing import begin
from clm.accounts.bulk.undoing import CannotUndo, undo

__all__ = [
    "Action",
    "Bar",
    "BulkPage",
    "CannotUndo",
    "Chosen",
    "Outcome",
    "Unreadable",
    "Values",
    "actions_for",
    "bar_for",
    "begin",
    "one_by_one",
    "register",
    "register_page",
    "undo",
]
