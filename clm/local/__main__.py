"""`python -m clm.local up` and `python -m clm.local manage <command>`; what they do is in README.md."""

import argparse
import subprocess
import sys

from clm.local.binaries import CannotServe
from clm.local.lock import AlreadyRunning
from clm.local.manage import manage
from clm.local.places import Places
from clm.local.up import up


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    places = Places.of_checkout().made()
    try:
        return up(places) if asked.verb == "up" else manage(places, asked.command)
    except CannotServe as refusal:
        return _refuse(str(refusal))
    except AlreadyRunning:
        return _refuse("CLM runs already from this checkout: stop that one first (Ctrl-C in its terminal).")
    except subprocess.CalledProcessError:
        return _refuse("CLM could not prepare its database; the reason is above.")
    except RuntimeError as refusal:
        return _refuse(str(refusal))
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m clm.local", description="CLM on this machine, nothing installed."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="start everything; Ctrl-C stops it")
    command = verbs.add_parser("manage", help="run a management command with the try-out's servers")
    command.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
