"""Shapes of what people type about a task."""

from datetime import date, datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Organisation, User
from customers.filter_sets import DAY_INPUT
from customers.models import Lead, Task
from customers.tasks_doing import LONGEST_TITLE, reminder

REMINDERS = [
    ("", gettext_lazy("None")),
    ("hour", gettext_lazy("An hour before")),
    ("day", gettext_lazy("On the day, at nine")),
    ("eve", gettext_lazy("The day before, at nine")),
]
KEPT = "kept"


class TaskForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    due_on = forms.DateField(label=gettext_lazy("Day"), **DAY_INPUT)
    due_time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        help_text=gettext_lazy("Empty: some time that day."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    remind = forms.ChoiceField(label=gettext_lazy("Reminder"), choices=REMINDERS, required=False)
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Who"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    # What was read of a task there is.
    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(
        self,
        *args: Any,
        user: User,
        today: date,
        task: Task | None = None,
        lead: Lead | None = None,
        **kwargs: Any,
    ) -> None:
        initial = _initial(task) if task else {"due_on": today, "owner": user.pk}
        super().__init__(*args, **({"initial": initial} | kwargs))
        self.task, self.lead = task, lead
        people = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        people.queryset = User.objects.filter(Q(is_active=True) | Q(pk=task.owner_id if task else None))
        if task and initial["remind"] == KEPT:
            choices = cast(forms.ChoiceField, self.fields["remind"])
            choices.choices = [*REMINDERS, (KEPT, gettext_lazy("As it is"))]

    def values(self) -> dict[str, Any]:
        """For the verbs."""
        given = self.cleaned_data
        at = _at(given["due_on"], given["due_time"])
        due = {"due_at": at, "due_on": None} if at else {"due_on": given["due_on"], "due_at": None}
        values = {"title": given["title"], "owner": given["owner"], **due}
        if given["remind"] != KEPT:
            values["remind_at"] = reminder(given["remind"], due_on=given["due_on"], due_at=at)
        return values | ({"lead": self.lead} if self.lead else {})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("remind") == "hour" and not given.get("due_time"):
            self.add_error("due_time", _("An hour before what? Give a time, or another reminder."))
        return given

    def read_at(self) -> datetime | None:
        """The version that was read; None when the form came without one."""
        try:
            return datetime.fromisoformat(self.cleaned_data.get("expected", ""))
        except ValueError:
            return None

    def take(self, errors: ValidationError) -> None:
        """Show what the verb refused beside the field it is about."""
        told = errors.message_dict if hasattr(errors, "error_dict") else {"__all__": errors.messages}
        for name, messages in told.items():
            shown = {"due_at": "due_on", "remind_at": "remind"}.get(name, name)
            self.add_error(shown if shown in self.fields else None, cast(Any, list(messages)))

    def take_stale(self, current: Task) -> None:
        """Say so; sending the form again then replaces what is there now, knowingly."""
        self.add_error(None, _("Somebody changed it meanwhile. Save again to replace what is there now."))
        self.data = cast(QueryDict, self.data).copy()
        self.data["expected"] = current.changed_at.isoformat()


def _at(day: date, time: Any) -> datetime | None:
    return datetime.combine(day, time, tzinfo=Organisation.objects.current().tz) if time else None


def _initial(task: Task) -> dict[str, Any]:
    at = task.due_at if task.has_time else None
    kinds = [
        key for key, _label in REMINDERS if reminder(key, due_on=task.due_on, due_at=at) == task.remind_at
    ]
    local = at.astimezone(Organisation.objects.current().tz).time() if at else None
    return {
        "title": task.title,
        "due_on": task.due_on,
        "due_time": local,
        "owner": task.owner_id,
        "remind": kinds[0] if kinds else KEPT,
        "expected": task.changed_at.isoformat(),
    }


class PutOffForm(forms.Form):
    """So many days on; or back to a day and, with `due_at`, an hour."""

    days = forms.IntegerField(required=False, min_value=1, max_value=365)
    due_on = forms.DateField(required=False, **DAY_INPUT)
