"""Where the try-out keeps its things: all under `.local/` of this checkout."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    root: Path

    @classmethod
    def of_checkout(cls) -> "Places":
        """`CLM_LOCAL_DIR` puts it elsewhere."""
        return cls(Path(os.environ.get("CLM_LOCAL_DIR") or CHECKOUT / ".local").absolute())

    def made(self) -> "Places":
        for folder in (self.root, self.logs, self.processes):
            folder.mkdir(parents=True, exist_ok=True)
        return self

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def processes(self) -> Path:
        """One record per running process."""
        return self.root / "processes"

    @property
    def outside(self) -> Path:
        """Where root keeps what another user must reach, when this checkout is closed to that user."""
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path("/var/lib") / f"clm-{digest}"
