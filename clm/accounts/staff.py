"""Who works here: making users, changing what they may do, and their teams. One administrator always stays."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Role, SavedView, Sees, Team, User
from clm.accounts.stale import Read
from clm.base.facts import Fact


class NoAdministratorLeft(Exception):
    """Nobody could manage users any more."""

    def __str__(self) -> str:
        return _("This is the last administrator who may sign in. Make somebody else administrator first.")


@transaction.atomic
def take_on(
    *, email: str, name: str, role: Role, team: Team | None, sees: Sees, by: User
) -> tuple[User, str]:
    """A new user and the temporary password, which nobody can read again."""
    password = _temporary_password()
    user = User.objects.create_user(
        email, password, name=name, role=role, team=team, sees=sees, language=by.language
    )
    AuditEntry.objects.record(
        "user.created", user, by=by, role=role, team=team.name if team else "", sees=sees
    )
    return user, password


@transaction.atomic
def change(user: User, *, name: str, by: User, read: Read, **access: Any) -> None:
    """Name and access as one. Raises Stale, NoAdministratorLeft."""
    change_access(user, by=by, read=read, **access)
    rename(user, name=name, by=by)


@transaction.atomic
def change_access(
    user: User,
    *,
    role: Role,
    team: Team | None,
    sees: Sees,
    is_active: bool,
    by: User,
    read: Read | None = None,
) -> None:
    """Takes effect at the user's next request; one who may not sign in is signed out, and their keys stop working.

    Raises Stale, NoAdministratorLeft.
    """
    administrators = list(
        User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).select_for_update().order_by("pk")
    )
    user.refresh_from_db(from_queryset=User.objects.select_for_update())
    if read:
        read.hold_against(user)
    if administrators == [user] and not (role == Role.ADMINISTRATOR and is_active):
        raise NoAdministratorLeft
    wanted = {
        "role": str(role),
        "team_id": team.pk if team else None,
        "sees": str(sees),
        "is_active": is_active,
    }
    changes = {
        name: [getattr(user, name), value] for name, value in wanted.items() if getattr(user, name) != value
    }
    if changes:
        _write(user, {name: value for name, (_old, value) in changes.items()})
        AuditEntry.objects.record("user.access_changed", user, by=by, changes=changes)


@transaction.atomic
def reset_password(user: User, *, by: User) -> str:
    """A new temporary password, which nobody can read again; the user's sessions end."""
    password = _temporary_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    AuditEntry.objects.record("user.password_reset", user, by=by)
    return password


@transaction.atomic
def rename(user: User, *, name: str, by: User) -> None:
    if user.name != name:
        _write(user, {"name": name})
        AuditEntry.objects.record("user.renamed", user, by=by)


@transaction.atomic
def prefer(user: User, *, name: str, language: str, theme: str, read: Read) -> None:
    """One's own name and look. Raises Stale."""
    user.refresh_from_db(from_queryset=User.objects.select_for_update())
    read.hold_against(user)
    rename(user, name=name, by=user)
    _write(user, {"language": language, "theme": theme})


@transaction.atomic
def found_team(*, name: str, by: User) -> Team:
    team = Team.objects.create(name=name)
    AuditEntry.objects.record("team.created", team, by=by)
    return team


@transaction.atomic
def rename_team(team: Team, *, name: str, by: User) -> None:
    before, team.name = Team.objects.select_for_update().get(pk=team.pk).name, name
    team.save(update_fields=["name"])
    AuditEntry.objects.record("team.renamed", team, by=by, before=before)


class TeamInUse(Exception):
    def __str__(self) -> str:
        return _(
            "Members, customers, leads or something else still belongs to this team. Give them another team first."
        )


@transaction.atomic
def dissolve(team: Team, *, by: User) -> None:
    """Raises TeamInUse while anything names the team."""
    if any(
        relation.related_model.objects.filter(**{relation.field.name: team}).exists()
        for relation in _naming(team)
    ):
        raise TeamInUse
    AuditEntry.objects.record("team.dissolved", team, by=by)
    team.delete()


def _naming(team: Team) -> Iterable[Any]:
    """Rows that would lose their team, or be deleted with it; not the history, which says what was, nor
    views of lists, which become their owner's alone.
    """
    related: list[Any] = [
        one
        for one in team._meta.get_fields(include_hidden=True)
        if one.auto_created and not one.concrete and one.related_model
    ]
    return [one for one in related if not issubclass(one.related_model, (Fact, SavedView))]


def _write(user: User, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=list(values))


def _temporary_password() -> str:
    return secrets.token_urlsafe(12)
