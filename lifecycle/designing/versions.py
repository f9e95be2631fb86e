from lifecycle.models import LifecycleModel, ModelVersion, VersionStatus


def version_of(model: LifecycleModel, number: str) -> ModelVersion | None:
    """The version so numbered, or the draft by that word; without a number the one in force, else the newest."""
    versions = model.versions.select_related("model").order_by("-number")
    if not number:
        return versions.filter(status=VersionStatus.PUBLISHED).first() or versions.first()
    if number == VersionStatus.DRAFT:
        return versions.filter(status=VersionStatus.DRAFT).first()
    if not (number.isascii() and number.isdigit()) or len(number) > 6:
        return None
    return versions.filter(number=int(number)).first()
