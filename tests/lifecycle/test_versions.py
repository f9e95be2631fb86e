"""Which version is meant: by its number, by a word, or by what is there."""

from lifecycle.designing.versions import Versions
from lifecycle.models import ModelVersion, VersionStatus


def versions(*statuses: VersionStatus) -> Versions:
    """The newest first."""
    numbered = zip(range(len(statuses), 0, -1), statuses, strict=True)
    return Versions([ModelVersion(number=number, status=status) for number, status in numbered])


def test_readers_are_shown_what_is_in_force_and_editors_the_draft():
    found = versions(VersionStatus.DRAFT, VersionStatus.PUBLISHED, VersionStatus.RETIRED)

    assert (found.in_work.number, found.shown.number) == (3, 2)
    assert [found.named(name) for name in ("", "draft", "03", "1", "9", "\x00")] == [
        found.shown, found.draft, found.all[0], found.all[2], None, None,
    ]  # fmt: skip


def test_without_a_draft_editors_see_what_is_in_force_and_without_both_the_newest():
    assert versions(VersionStatus.PUBLISHED, VersionStatus.RETIRED).in_work.number == 2
    assert versions(VersionStatus.RETIRED, VersionStatus.RETIRED).in_work.number == 2
    assert versions(VersionStatus.DRAFT).shown.number == 1
    assert versions().named("") is None
