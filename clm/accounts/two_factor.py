"""Two-factor sign-in: who has it, who must, how its secrets are kept, and taking it away from who lost the phone."""

import base64
import hashlib
from io import BytesIO

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathFillImage

from clm.accounts.models import AuditEntry, Organisation, Role, User


def is_set_up(user: User) -> bool:
    return _apps().filter(user_id=user.pk).exists()


def must_set_up(user: User) -> bool:
    """One query at most for administrators where the organisation asks for it; none for others."""
    return is_required(user) and not is_set_up(user)


def is_required(user: User) -> bool:
    needed = user.role == Role.ADMINISTRATOR and Organisation.objects.current().administrators_need_two_factor
    return bool(needed)


def with_two_factor(users: "QuerySet[User]") -> "QuerySet[User]":
    """Annotates `has_two_factor`."""
    return users.annotate(has_two_factor=Exists(_apps().filter(user_id=OuterRef("pk"))))


@transaction.atomic
def remove(user: User, *, by: User | None) -> bool:
    """Back to the password alone, for somebody without phone and recovery codes; False when there was nothing."""
    removed, _each = Authenticator.objects.filter(user_id=user.pk).delete()
    if removed:
        AuditEntry.objects.record("user.two_factor_removed", user, by=by)
    return bool(removed)


def _apps() -> "QuerySet[Authenticator]":
    apps: QuerySet[Authenticator] = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    return apps


class TwoFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets encrypted, so that a copy of the database alone makes no codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("Administrators of this organisation need two-factor sign-in."),
        "incorrect_code": _(
            "This code is wrong or was used before. Take the one that the app shows now, and look whether the phone's clock is right."
        ),
    }

    def get_totp_issuer(self) -> str:
        return f"CLM {Organisation.objects.current()}"

    def build_totp_svg(self, url: str) -> str:
        """On white, so that a phone reads it in the dark theme, too."""
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage, box_size=12).save(drawn)
        return drawn.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return _safe().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """After a change of the secret key no code fits any more, until an administrator removes the old."""
        try:
            return _safe().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return str(generate_totp_secret())

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not is_required(authenticator.user)


def _safe() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"two-factor" + key.encode()).digest()))
            for key in keys
        ]
    )
