"""`make bench SIZE=1000000 ONLY=lifecycle`; see bench/README.md."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable

from bench import database
from bench.figures import Figure, Measured, chosen
from clm.local import environment, lock, servers
from clm.local.places import Places

DEFAULT_SIZE = 100_000


def main(arguments: list[str]) -> int:
    """1 when a figure misses its bar, or none was chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--size", type=int, default=DEFAULT_SIZE)
    parser.add_argument("--only", default=None, help="a topic, or the name of one figure")
    asked = parser.parse_args(arguments)
    places = Places.of_checkout().made()
    running = servers.found(places)
    if running:
        return run(running, places, asked)
    with lock.held(places), servers.running(places) as started:
        return run(started, places, asked)


def run(addresses: servers.Addresses, places: Places, asked: argparse.Namespace) -> int:
    os.environ |= environment.of_django(places, addresses) | {"LOG_LEVEL": "WARNING"}
    database.configure(database.beside(addresses["DATABASE_URL"]))
    lines = [measured(figure, asked.size) for figure in chosen(asked.only)]
    return report(lines)


def measured(figure: Figure, size: int) -> dict[str, object]:
    print(f"{figure.name} ...", file=sys.stderr, flush=True)
    started = time.monotonic()
    found = figure.measure(size)
    result = found if isinstance(found, Measured) else Measured(found)
    print(
        f"{figure.name}: {result.value:.4g} {figure.unit}, took {time.monotonic() - started:.1f} s",
        file=sys.stderr,
    )
    return {
        "name": figure.name,
        "value": round(result.value, 4),
        "unit": figure.unit,
        "bar": figure.bar,
        "ok": figure.holds(result.value),
        "note": result.note,
    }


def report(lines: Iterable[dict[str, object]]) -> int:
    """The figures come last on standard output, one JSON object a line."""
    told = list(lines)
    for line in told:
        print(json.dumps(line))
    return 0 if told and all(line["ok"] for line in told) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
