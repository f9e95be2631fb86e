from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from clm.accounts.models.team import Team


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    MANAGER = "manager", _("Manager")
    MARKETER = "marketer", _("Marketer")
    REP = "rep", _("Sales rep")
    ANALYST = "analyst", _("Analyst")


class Sees(models.TextChoices):
    """Which customers a sales rep sees, besides those of their own leads."""

    OWN = "own", _("Own customers")
    TEAM = "team", _("Customers of the team")
    ALL = "all", _("All customers")


class Theme(models.TextChoices):
    SYSTEM = "system", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    @transaction.atomic
    def ensure_administrator(self, *, email: str, password: str) -> "User":
        """The administrator with this address; made when missing, left as is when there."""
        existing = self.filter(email=email.lower()).first()
        return existing or self.create_user(email, password, role=Role.ADMINISTRATOR, name="Administrator")

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # knox has no types
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.ANALYST)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, verbose_name=_("team"))
    sees = models.CharField(_("sees"), max_length=10, choices=Sees, default=Sees.TEAM)
    # Empty until chosen: as the browser asks.
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(_("may sign in"), default=True)
    # When they put the first steps away; until then these are an administrator's home page.
    started_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        ordering = ["name", "email"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def written_in(self) -> str:
        """The language of what is written to them while no browser asks: mails, results of background work."""
        return self.language or settings.LANGUAGE_CODE

    @property
    def initials(self) -> str:
        words = (self.name or self.email.partition("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def is_restricted(self) -> bool:
        """Sees only some of the customers, so organisation-wide numbers are not theirs to read."""
        return self.role == Role.REP and self.sees != Sees.ALL
