"""Lay `.venv` from the lock file. Runs on a bare Python, so it imports the standard library only.

python3 clm/local/bootstrap.py [--dev]
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN_UV = ROOT / ".local" / "uv"
OLDEST_UV = (0, 9)


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever calls us may be older
        return refuse(f"CLM needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    uv = installed_uv() or fetched_uv()
    if uv is None:
        return refuse("CLM could not fetch uv: install it (`pip install uv`), then run this again.")
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    return subprocess.call([uv, *sync_arguments("--dev" in arguments)], cwd=ROOT, env=environment)


def sync_arguments(with_tools: bool) -> list[str]:
    """`--inexact`: the try-out must not take the development tools away again."""
    chosen = ["--all-extras"] if with_tools else ["--extra", "local", "--extra", "demo", "--no-dev"]
    return ["sync", "--quiet", "--frozen", "--inexact", "--python", sys.executable, *chosen]


def installed_uv() -> str | None:
    uv = shutil.which("uv")
    return uv if uv and version_of(uv) >= OLDEST_UV else None


def fetched_uv() -> str | None:
    """uv in a tiny environment of its own; where Python came without `venv`, in a plain folder."""
    uv = OWN_UV / "bin" / "uv"
    if version_of(uv) >= OLDEST_UV:
        return str(uv)
    OWN_UV.parent.mkdir(parents=True, exist_ok=True)
    in_environment = [
        [sys.executable, "-m", "venv", "--clear", str(OWN_UV)],
        [str(OWN_UV / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"],
    ]
    in_folder = [[sys.executable, "-m", "pip", "install", "--quiet", "--target", str(OWN_UV), "uv"]]
    fetched = all(map(succeeds, in_environment)) or all(map(succeeds, in_folder))
    return str(uv) if fetched else None


def succeeds(command: list[str]) -> bool:
    try:
        return subprocess.call(command) == 0
    except OSError:
        return False


def version_of(uv: str | Path) -> tuple[int, int]:
    try:
        told = subprocess.run([str(uv), "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    found = re.search(r"(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
