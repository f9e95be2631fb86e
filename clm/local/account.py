"""PostgreSQL refuses to run as root, so root runs it as a user without rights."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class RunAs(TypedDict, total=False):
    """What `subprocess` takes to start a program as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The user a server runs as; `uid` None: whoever we are."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_servers(cls) -> "Account":
        if os.geteuid() != 0:
            return cls()
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def run_as(self) -> RunAs:
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """May this user go through every folder down to `path`?"""
        if self.uid is None:
            return path.exists()
        test = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
        return subprocess.call(test, cwd="/", stderr=subprocess.DEVNULL, **self.run_as) == 0

    def give(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
