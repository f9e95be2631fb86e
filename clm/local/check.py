"""`make check`: everything that can be said about the code without running its tests, each step timed."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from clm.local.places import CHECKOUT

# As in production, so that `check --deploy` has nothing to forgive.
PRODUCTION = {
    "SECRET_KEY": "made-for-checking-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DEBUG": "0",
    "SITE_URL": "https://clm.example.com",
    "ALLOWED_HOSTS": "clm.example.com",
    "DATABASE_URL": "postgres://clm@127.0.0.1:1/clm",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://clm:clm@127.0.0.1:1",
    # The database is not asked here, and says so.
    "PYTHONWARNINGS": "ignore:Got an error checking a consistent migration history",
}


class Step(NamedTuple):
    name: str
    command: list[str]


STEPS = [
    Step("format", ["ruff", "format", "--check", "--quiet", "."]),
    Step("lint", ["ruff", "check", "--quiet", "."]),
    Step("types", ["mypy"]),
    Step("layers", ["lint-imports", "--no-cache"]),
    Step("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run"]),
    Step("deploy", ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]),
    Step("templates", ["djlint", "--lint", "--quiet", "templates"]),
    Step("texts", ["python", "-m", "clm.local.translations", "check"]),
]


def main(names: list[str]) -> int:
    chosen = [step for step in STEPS if not names or step.name in names]
    failed = [step.name for step in chosen if not passes(step)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def passes(step: Step) -> bool:
    """Prints one line, and what the tool said when it found something."""
    started = time.monotonic()
    program = Path(sys.executable).parent / step.command[0]
    done = subprocess.run(
        [str(program), *step.command[1:]],
        cwd=CHECKOUT,
        env=os.environ | PRODUCTION,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(
        f"{step.name:<12}{'ok' if done.returncode == 0 else 'FAILED':<8}{time.monotonic() - started:5.1f} s",
        flush=True,
    )
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
