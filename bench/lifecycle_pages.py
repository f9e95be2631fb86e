"""Conditions as people wait for them: the builder's count, and a list narrowed by three."""

import json
import logging
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.figures import Measured, figure
from bench.lifecycle import passes
from bench.runs_pages import _signed_in
from lifecycle.presets.signs import did, test

TURNS = 5
THREE = {
    "all": [
        test("purchase_days", at_least=2, within_days=365),
        {"not": test("lapsed", days=90)},
        did("email.clicked", within_days=180),
    ]
}
# The same as the builder sends it.
BUILT = {
    "conditions-0-join": "all",
    "conditions-0.0-condition": "purchase_days",
    "conditions-0.0-p-at_least": "2",
    "conditions-0.0-p-within_days": "365",
    "conditions-0.1-condition": "lapsed",
    "conditions-0.1-not": "1",
    "conditions-0.1-p-days": "90",
    "conditions-0.2-condition": "event",
    "conditions-0.2-p-names": "email.clicked",
    "conditions-0.2-p-within_days": "180",
}


@figure("live_count_s", topic="lifecycle", unit="s", bar=1.5)
def live_count_s(size: int) -> Measured:
    """What the builder waits for with a group of three: how many match, and five of them with why."""
    passes(size)
    client = _signed_in()
    return _slowest(lambda: client.post("/conditions/preview/", BUILT), says="For example", per_second=1)


@figure("list_three_conditions_ms", topic="lifecycle", unit="ms", bar=300.0)
def list_three_conditions_ms(size: int) -> Measured:
    """The first page of the customer list, narrowed by the same three: all that the view does, and its HTML."""
    passes(size)
    client = _signed_in()
    asked = {"conditions": json.dumps(THREE)}
    return _slowest(
        lambda: client.get("/customers/", asked), says="at least 2 purchase days", per_second=1000
    )


def _slowest(ask: Callable[[], Any], *, says: str, per_second: int) -> Measured:
    """Of a few turns after the first, which compiles and loads what the process then keeps."""
    logging.getLogger("django_structlog").setLevel(logging.WARNING)
    times = []
    for _turn in range(TURNS + 1):
        started = time.perf_counter()
        answer = ask()
        times.append((time.perf_counter() - started) * per_second)
        if answer.status_code != 200 or says not in answer.content.decode():
            raise RuntimeError(f"{says} is not in the answer {answer.status_code}.")
    first, *others = times
    return Measured(median(others), note=f"slowest {max(others):.3g} of {TURNS}, the very first {first:.3g}")
