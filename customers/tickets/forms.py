"""Shapes of what people type about a ticket."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team, User
from customers.leads.forms import ToldForm
from customers.models import Priority, Ticket, TicketStatus, TicketType
from customers.models.tickets.target import LONGEST
from customers.models.tickets.ticket import LONGEST_TEXT
from customers.tickets.handling import EDITABLE
from customers.tickets.targets import Target, Targets


class TicketForm(ToldForm):
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=200,
        help_text=gettext_lazy("What the customer asks for, in a few words."),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("In the customer's words."),
    )
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=TicketType.choices)
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=Priority.choices)
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.all(), required=False, empty_label="–"
    )
    # What was read of a ticket there is; and pressing the button twice opens one.
    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)

    def __init__(self, data: Any, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        people = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        people.queryset = User.objects.filter(Q(is_active=True) | Q(pk=initial.get("owner")))

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in EDITABLE}

    def read_at(self) -> datetime | None:
        """The version that was read; None when the form came without one."""
        try:
            return datetime.fromisoformat(self.cleaned_data.get("expected", ""))
        except ValueError:
            return None


def for_new(owner: User | None, team: Team | None) -> dict[str, Any]:
    return {
        "type": TicketType.QUESTION,
        "priority": Priority.NORMAL,
        "owner": owner.pk if owner else None,
        "team": team.pk if team else None,
    }


def for_edit(ticket: Ticket) -> dict[str, Any]:
    plain = {name: getattr(ticket, name) for name in ("subject", "text", "type", "priority")}
    ids = {"owner": ticket.owner_id, "team": ticket.team_id}
    return plain | ids | {"expected": ticket.changed_at.isoformat()}


def differences(form: TicketForm, current: Ticket) -> Iterable[tuple[str, str, str]]:
    """(label, what it is now, what was typed), for the fields in which they differ."""
    for name in EDITABLE:
        now, typed = getattr(current, name), form.cleaned_data.get(name)
        if now != typed:
            choices = dict(getattr(form.fields[name], "choices", ())) if isinstance(typed, str) else {}
            said = [str(choices.get(each, each or "")) for each in (now, typed)]
            yield str(form.fields[name].label), said[0], said[1]


def read_anew(form: TicketForm, current: Ticket) -> None:
    """Let the form's next sending replace what is there now."""
    form.data = cast(QueryDict, form.data).copy()
    form.data["expected"] = current.changed_at.isoformat()


def _note(label: Any, *, is_required: bool) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=is_required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AnswerForm(ToldForm):
    """`then` says what the button meant: what the ticket is after the answer."""

    note = _note(gettext_lazy("What you answered"), is_required=True)
    then = forms.ChoiceField(
        choices=[(one.value, one.label) for one in TicketStatus if one != TicketStatus.CLOSED],
        required=False,
        widget=forms.HiddenInput,
    )


class NoteForm(ToldForm):
    note = _note(gettext_lazy("Note"), is_required=False)


class MergeForm(ToldForm):
    into = forms.ModelChoiceField(
        label=gettext_lazy("Goes on in"),
        queryset=Ticket.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Ticket]", self.fields["into"]).queryset = others


def _hours() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=LONGEST)


class TargetsForm(ToldForm):
    """Two fields a priority: "high-answer" and "high-solve"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for priority in Priority:
            for what, label in (
                ("answer", gettext_lazy("First answer within (hours), priority %(priority)s")),
                ("solve", gettext_lazy("Solved within (hours), priority %(priority)s")),
            ):
                self.fields[f"{priority}-{what}"] = _hours()
                self.fields[f"{priority}-{what}"].label = label % {"priority": priority.label}

    def rows(self) -> list[tuple[str, Any, Any]]:
        """The most pressing first."""
        return [
            (str(priority.label), self[f"{priority}-answer"], self[f"{priority}-solve"])
            for priority in reversed(Priority)
        ]

    def targets(self) -> dict[str, Target]:
        given = self.cleaned_data
        return {one.value: Target(given[f"{one}-answer"], given[f"{one}-solve"]) for one in Priority}

    def take(self, errors: ValidationError) -> None:
        """A priority's error stands beside its first field."""
        for priority, messages in errors.message_dict.items():
            name = f"{priority}-answer"
            self.add_error(name if name in self.fields else None, cast(Any, list(messages)))

    @staticmethod
    def initial_of(targets: Targets) -> dict[str, int | None]:
        told = {f"{priority}-answer": one.answer_within_hours for priority, one in targets.items()}
        return told | {f"{priority}-solve": one.solve_within_hours for priority, one in targets.items()}
