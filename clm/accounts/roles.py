"""What each role may do in this organisation: the usual, and what an administrator gave or took."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import AuditEntry, Organisation, Role, User
from clm.accounts.permissions import CAPABILITIES, Capability, allowed_to
from clm.accounts.stale import Read

IN_WORDS: Mapping[Capability, Promise] = {
    Capability.USE: _("Sign in, see the own jobs and profile"),
    Capability.VIEW_CUSTOMERS: _("See customers, as far as the role sees them"),
    Capability.EDIT_CUSTOMERS: _("Make and change customers and leads, move them to a stage"),
    Capability.IMPORT: _("Bring in files, send facts through the API"),
    Capability.EXPORT: _("Take data out as files"),
    Capability.VIEW_METRICS: _("See the dashboard and every metric"),
    Capability.VIEW_COSTS: _("See spend and acquisition cost"),
    Capability.EDIT_MODELS: _("Choose, change and replay lifecycle models"),
    Capability.EDIT_SEGMENTS: _("Make and change segments, put customers in and take them out"),
    Capability.EDIT_SCORING: _("Say what makes a customer fit, what counts as interest, and what follows"),
    Capability.VIEW_CAMPAIGNS: _("See campaigns, templates, who is in them and what was sent"),
    Capability.EDIT_CAMPAIGNS: _("Write templates, run campaigns, decide about messages in doubt"),
    Capability.ADMINISTER: _("Users, teams, roles, API keys, organisation, audit log"),
}
# Whoever has the first needs the second.
NEEDS = {
    Capability.VIEW_COSTS: Capability.VIEW_METRICS,
    Capability.EDIT_CAMPAIGNS: Capability.VIEW_CAMPAIGNS,
}
_FOR_ALL = {Capability.USE, Capability.VIEW_CUSTOMERS, Capability.ADMINISTER}
# Reps may see only some of the customers; all else tells of everybody's.
_FOR_REPS = {Capability.EDIT_CUSTOMERS, Capability.EXPORT}


class RoleRefused(Exception):
    """The role can't have these capabilities; the text says why."""


def changeable(role: str) -> list[Capability]:
    """What an administrator may give to the role, or take from it."""
    if role == Role.ADMINISTRATOR:
        return []
    return [one for one in Capability if one not in _FOR_ALL and (role != Role.REP or one in _FOR_REPS)]


@transaction.atomic
def change_role(role: str, wanted: Collection[str], *, by: User, read: Read | None = None) -> None:
    """Of what is changeable the role has `wanted` from each user's next request on. Raises RoleRefused, Stale."""
    organisation = Organisation.objects.current()
    organisation.refresh_from_db(from_queryset=Organisation.objects.select_for_update())
    if read:
        read.hold_against(organisation)
    before, free = allowed_to(role, organisation), set(changeable(role))
    after = (before - free) | _known(role, wanted)
    if after == before:
        return
    usual = CAPABILITIES[role]
    organisation.role_changes[role] = {
        "given": sorted(after - usual),
        "taken": sorted(usual - after),
    }
    organisation.save(update_fields=["role_changes"])
    AuditEntry.objects.record(
        "role.changed",
        organisation,
        by=by,
        role=role,
        given=sorted(after - before),
        taken=sorted(before - after),
    )


def _known(role: str, wanted: Collection[str]) -> set[Capability]:
    free = set(changeable(role))
    if strange := set(wanted) - free:
        raise RoleRefused(_t("This role can't be given %(names)s.") % {"names": ", ".join(sorted(strange))})
    chosen = {Capability(one) for one in wanted}
    for one, needed in NEEDS.items():
        if one in chosen and needed not in chosen:
            names = {"one": IN_WORDS[one], "needed": IN_WORDS[needed]}
            raise RoleRefused(_t("“%(one)s” needs “%(needed)s”.") % names)
    return chosen
