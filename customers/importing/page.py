"""What the page of one import shows."""

from dataclasses import dataclass
from functools import cached_property

from customers.importing.emptied import JOB_KIND
from customers.importing.encodings import UnusableFile
from customers.importing.preview import Preview, preview
from customers.importing.setup import Setup, missing, setup_of
from customers.intake.kinds import kind_named
from customers.models import Import, ImportProblem
from customers.models.import_run import ImportStatus

PROBLEMS_SHOWN = 100
NOT_UNDONE = ("rates",)


@dataclass
class ImportPage:
    """`unusable` says why the file can't be read as decided so far."""

    run: Import
    setup: Setup | None = None
    unusable: str = ""

    @property
    def kind(self) -> str:
        return str(kind_named(self.run.kind).label)

    @property
    def is_draft(self) -> bool:
        return self.run.status == ImportStatus.DRAFT

    @property
    def step(self) -> int:
        """1 the file, 2 its columns, 3 the check, 4 the result."""
        if not self.is_draft:
            return 4
        if self.setup is None:
            return 1
        return 3 if self.checked or not self.missing else 2

    @cached_property
    def missing(self) -> list[str]:
        return missing(self.setup) if self.setup else []

    @cached_property
    def preview(self) -> Preview | None:
        return preview(self.setup) if self.setup else None

    @property
    def checked(self) -> dict[str, object]:
        """The result of the last check of a draft; empty without one."""
        job = self.run.job
        return job.result if self.is_draft and job is not None and job.kind == "import-check" else {}

    @property
    def is_undoing(self) -> bool:
        return self.run.is_busy and self.run.job is not None and self.run.job.kind == "import-undo"

    @property
    def is_removing(self) -> bool:
        return self.run.is_busy and self.run.job is not None and self.run.job.kind == JOB_KIND

    @property
    def may_undo(self) -> bool:
        ended = self.run.status == ImportStatus.DONE or self.run.has_stopped
        return ended and not self.run.is_busy and self.run.kind not in NOT_UNDONE

    @cached_property
    def problems(self) -> list[ImportProblem]:
        return list(self.run.problems.all()[:PROBLEMS_SHOWN])


def page_of(run: Import) -> ImportPage:
    if run.status != ImportStatus.DRAFT:
        return ImportPage(run)
    try:
        setup = setup_of(run)
    except UnusableFile as error:
        return ImportPage(run, unusable=str(error))
    return ImportPage(run, setup)
