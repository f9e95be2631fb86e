"""Writing templates: making them, saving a text in one language, copying, archiving."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Step, Template, TemplateText, VersionStatus
from campaigns.models.campaign import CampaignStatus
from campaigns.rendering import Problem, plain_text, problems
from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


class UnusableText(ValueError):
    """Not saved: `problems` says where and why."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.where}: {problem.sentence}" for problem in found))
        self.problems = list(found)


class TextChanged(ValueError):
    """Somebody else saved it since it was read."""


class InUse(ValueError):
    """It can't be put away; says which campaign needs it."""


@transaction.atomic
def establish(*, name: str, message_class: str, by: User | None, preset: str = "") -> Template:
    """A new template with an empty text in the organisation's first language."""
    template = Template.objects.create(name=name, message_class=message_class, created_by=by, preset=preset)
    first = next((code for code in Organisation.objects.current().languages if code in LANGUAGES), "en")
    if not preset:
        TemplateText.objects.create(template=template, language=first)
    AuditEntry.objects.record("template.created", template, by=by)
    return template


@transaction.atomic
def rename(template: Template, *, name: str, message_class: str, by: User | None) -> None:
    if (template.name, template.message_class) == (name, message_class):
        return
    template.name, template.message_class = name, message_class
    _touched(template, "name", "message_class")
    AuditEntry.objects.record("template.renamed", template, by=by)


@transaction.atomic
def write(
    template: Template,
    language: str,
    *,
    subject: str,
    preheader: str,
    blocks: Any,
    by: User | None,
    read: str | None = None,
) -> TemplateText:
    """Save the text of one language, which begins to be when it was not there.

    `read` is the fingerprint of what the writer had before their eyes. Raises UnusableText, TextChanged.
    """
    found = problems(plain_text(language=language, subject=subject, preheader=preheader, blocks=blocks))
    if language not in LANGUAGES:
        found.append(Problem("language", _("Choose one of: %(values)s.") % {"values": ", ".join(LANGUAGES)}))
    if found:
        raise UnusableText(found)
    Template.objects.select_for_update().get(pk=template.pk)
    text = TemplateText.objects.filter(template=template, language=language).first()
    if read is not None and text is not None and fingerprint(text) != read:
        raise TextChanged(_("Somebody else saved this text meanwhile. Look at theirs before you save yours."))
    text = text or TemplateText(template=template, language=language)
    if text.pk and (text.subject, text.preheader, text.blocks) == (subject, preheader, blocks):
        return text
    text.subject, text.preheader, text.blocks, text.changed_at = subject, preheader, blocks, clock.now()
    text.save()
    _touched(template)
    AuditEntry.objects.record("template.text_saved", template, by=by, language=language)
    return text


@transaction.atomic
def add_language(template: Template, language: str, *, by: User | None) -> TemplateText:
    """A text in one more language, beginning as a copy of the first one there is. Nothing when it is there."""
    there = {text.language: text for text in template.texts.select_for_update().order_by("pk")}
    if language in there:
        return there[language]
    first = next(iter(there.values()), None)
    text = TemplateText.objects.create(
        template=template,
        language=language,
        subject=first.subject if first else "",
        preheader=first.preheader if first else "",
        blocks=first.blocks if first else [],
    )
    _touched(template)
    AuditEntry.objects.record("template.language_added", template, by=by, language=language)
    return text


@transaction.atomic
def remove_language(template: Template, language: str, *, by: User | None) -> bool:
    """False, and nothing happens, for the only language or one that is not there."""
    languages = list(template.texts.select_for_update().values_list("language", flat=True))
    if language not in languages or len(languages) == 1:
        return False
    template.texts.filter(language=language).delete()
    _touched(template)
    AuditEntry.objects.record("template.language_removed", template, by=by, language=language)
    return True


@transaction.atomic
def copy(template: Template, *, by: User | None) -> Template:
    made = Template.objects.create(
        name=_("Copy of %(name)s") % {"name": template.name[:180]},
        message_class=template.message_class,
        created_by=by,
    )
    TemplateText.objects.bulk_create(
        TemplateText(
            template=made,
            language=text.language,
            subject=text.subject,
            preheader=text.preheader,
            blocks=text.blocks,
        )
        for text in template.texts.all()
    )
    AuditEntry.objects.record("template.copied", made, by=by, source=template.pk)
    return made


@transaction.atomic
def archive(template: Template, *, by: User | None) -> None:
    """Out of the lists; what was frozen for campaigns stays. Raises InUse for one that a draft needs."""
    needed = Step.objects.filter(template=template, version__status=VersionStatus.DRAFT)
    step = (
        needed.exclude(version__campaign__status=CampaignStatus.FINISHED)
        .select_related("version__campaign")
        .first()
    )
    if step:
        raise InUse(_("The draft of “%(campaign)s” uses it.") % {"campaign": step.version.campaign})
    if template.archived_at:
        return
    template.archived_at = clock.now()
    _touched(template, "archived_at")
    AuditEntry.objects.record("template.archived", template, by=by)


@transaction.atomic
def bring_back(template: Template, *, by: User | None) -> None:
    """Undo `archive`."""
    if template.archived_at is None:
        return
    template.archived_at = None
    _touched(template, "archived_at")
    AuditEntry.objects.record("template.brought_back", template, by=by)


def _touched(template: Template, *fields: str) -> None:
    template.changed_at = clock.now()
    template.save(update_fields=[*fields, "changed_at"])


def fingerprint(text: TemplateText) -> str:
    """Tells whether a text is still the one that was read."""
    content = json.dumps([text.subject, text.preheader, text.blocks], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:20]
