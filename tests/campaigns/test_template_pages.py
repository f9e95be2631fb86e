"""The pages of templates without a browser: what is refused, what is kept, what two people do at once."""

from html import unescape

import pytest
from django.core import mail as outbox
from django.test import Client

from campaigns import texts
from campaigns.models import Template, TemplateText
from campaigns.suppressing import suppress
from clm.accounts.models import AuditEntry
from clm.base.limits import Limit
from tests.campaigns.hostile import SCRIPTS
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
BLOCKS = [{"kind": "text", "text": "Hello"}, {"kind": "divider"}]


@pytest.fixture
def template(marketer) -> Template:
    made = texts.establish(name="News", message_class="value", by=marketer)
    texts.write(made, "en", subject="News", preheader="", blocks=BLOCKS, by=marketer)
    return made


@pytest.fixture
def client(sign_in, marketer) -> Client:
    return sign_in(marketer)


def form(template: Template, **changes: str) -> dict[str, str]:
    text = template.texts.get(language="en")
    return {
        "language": "en",
        "read": texts.fingerprint(text),
        "subject": "News",
        "preheader": "",
        "blocks-0-kind": "text",
        "blocks-0-text": "Hello",
        "blocks-1-kind": "divider",
        "do": "save",
    } | changes


def blocks_of(template: Template) -> list[dict[str, str]]:
    found: list[dict[str, str]] = template.texts.get(language="en").blocks
    return found


def test_saving_writes_what_was_sent(client, template) -> None:
    answer = client.post(f"/templates/{template.pk}/", form(template, **{"blocks-0-text": "New"}))

    assert answer.status_code == 302
    assert blocks_of(template) == [{"kind": "text", "text": "New"}, {"kind": "divider"}]
    assert AuditEntry.objects.latest("pk").action == "template.text_saved"


@pytest.mark.parametrize(
    ("wish", "kinds"),
    [
        ("down:0", ["divider", "text"]),
        ("up:1", ["divider", "text"]),
        ("up:0", ["text", "divider"]),
        ("delete:0", ["divider"]),
        ("add:button", ["text", "divider", "button"]),
        ("add:script", ["text", "divider"]),
        ("delete:99999", ["text", "divider"]),
        ("delete:-1", ["text", "divider"]),
        ("up:x", ["text", "divider"]),
    ],
)
def test_arranging_shows_the_blocks_anew_and_saves_nothing(client, template, wish, kinds) -> None:
    answer = client.post(f"/templates/{template.pk}/", form(template, do=wish))

    assert answer.status_code == 200
    assert [line.kind.name for line in answer.context["form"].lines] == kinds
    assert blocks_of(template) == BLOCKS


@pytest.mark.parametrize("wish", ["up:²", "down:" + "9" * 5000])
def test_a_wish_that_names_no_block_changes_nothing(client, template, wish) -> None:
    answer = client.post(f"/templates/{template.pk}/", form(template, do=wish))

    assert answer.status_code == 200
    assert blocks_of(template) == BLOCKS


@pytest.mark.parametrize("language", ["da", "\x00"])
def test_a_language_that_the_template_does_not_have_is_not_found(client, template, language) -> None:
    answer = client.get(f"/templates/{template.pk}/", {"language": language})

    assert answer.status_code == 404


def test_the_slower_of_two_writers_is_told(client, template, manager) -> None:
    mine = form(template, subject="Mine")
    texts.write(template, "en", subject="Theirs", preheader="", blocks=BLOCKS, by=manager)

    answer = client.post(f"/templates/{template.pk}/", mine)

    assert answer.status_code == 409
    assert "Somebody else saved this text meanwhile" in answer.content.decode()
    assert template.texts.get().subject == "Theirs"


@pytest.mark.parametrize(
    "change",
    [
        {"subject": ""},
        {"subject": "x" * 201},
        {"subject": "a\nBcc: b@example.com"},
        {"blocks-0-text": ""},
        {"blocks-0-text": "{{ frist_name }}"},
        {"blocks-0-text": "[x](javascript:alert(1))"},
        {"blocks-0-text": "x\x00y"},
    ],
)
def test_a_mistake_is_refused_and_nothing_is_saved(client, template, change) -> None:
    answer = client.post(f"/templates/{template.pk}/", form(template, **change))

    assert answer.status_code == 422
    assert (template.texts.get().subject, blocks_of(template)) == ("News", BLOCKS)


def test_a_language_begins_as_a_copy_and_goes_again(client, template) -> None:
    page = f"/templates/{template.pk}/language/"

    client.post(page, {"language": "da"})
    there = list(template.texts.order_by("pk").values_list("language", "subject"))
    client.post(page, {"language": "da", "remove": "yes"})
    client.post(page, {"language": "en", "remove": "yes"})

    assert there == [("en", "News"), ("da", "News")]
    assert list(template.texts.values_list("language", flat=True)) == ["en"]
    assert client.post(page, {"language": "xx"}).status_code == 404


def test_a_copy_has_all_languages(client, template, marketer) -> None:
    texts.add_language(template, "sv", by=marketer)

    client.post(f"/templates/{template.pk}/copy/")

    copied = Template.objects.latest("pk")
    assert copied.name == "Copy of News"
    assert sorted(copied.texts.values_list("language", flat=True)) == ["en", "sv"]


def test_a_template_that_a_draft_needs_is_not_put_away(client, template, stages) -> None:
    from tests.campaigns.outreach import drafted, message_step

    drafted(message_step(template), name="Tips")

    refused = client.post(f"/templates/{template.pk}/archiving/", follow=True)

    assert "The draft of “Tips” uses it." in refused.content.decode()
    assert Template.objects.usable().count() == 1


def test_a_test_mail_goes_to_nobody_else(client, template) -> None:
    customer = CustomerFactory(email="customer@example.com", first_name="Ada")
    sent = form(template, customer=str(customer.pk), subject="Hi {{ customer.first_name }}", do="")

    client.post(f"/templates/{template.pk}/test/", sent)

    assert [(mail.to, mail.cc, mail.bcc, mail.subject) for mail in outbox.outbox] == [
        (["mark@example.com"], [], [], "[Test] Hi Ada")
    ]


def test_a_test_mail_to_a_blocked_address_does_not_leave(client, template, marketer) -> None:
    suppress("MARK@example.com", by=marketer)

    answer = client.post(f"/templates/{template.pk}/test/", form(template), follow=True)

    assert "must not be written to" in answer.content.decode()
    assert outbox.outbox == []


def test_a_test_mail_takes_the_way_of_all_mails_and_is_audited(client, template, smtp_sink, marketer) -> None:
    client.post(f"/templates/{template.pk}/test/", form(template, subject="Hi"))

    [sent] = smtp_sink.mails
    assert sent["Subject"] == "[Test] Hi"
    assert sent.get_content_type() == "multipart/alternative"
    assert smtp_sink.taken[0].recipients == ("mark@example.com",)
    entry = AuditEntry.objects.get(action="mail.tested")
    assert (entry.actor, entry.details["to"]) == (marketer, "mark@example.com")


def test_a_test_mail_that_the_server_refuses_is_told_with_its_words(client, template, smtp_sink) -> None:
    smtp_sink.refusals["mark@example.com"] = "550 5.1.1 No such user"

    answer = client.post(f"/templates/{template.pk}/test/", form(template), follow=True)

    assert "The mail server did not take it: 5.1.1 No such user" in answer.content.decode()
    assert not AuditEntry.objects.filter(action="mail.tested").exists()


def test_test_mails_are_limited(client, template, monkeypatch) -> None:
    monkeypatch.setattr("campaigns.previewing.TESTS", Limit("test-mail", most=2))

    answers = [client.post(f"/templates/{template.pk}/test/", form(template), follow=True) for _ in range(3)]

    assert "You have sent 2 test mails within a minute." in answers[-1].content.decode()
    assert len(outbox.outbox) == 2


def test_no_test_mail_goes_to_an_address_that_is_nobodys(client, template, smtp_sink, settings) -> None:
    settings.CAUGHT_MAIL_DIR = ""

    answer = client.post(f"/templates/{template.pk}/test/", form(template), follow=True)

    said = unescape(answer.content.decode())
    assert "No mail can be sent to mark@example.com. You sign in with it, so it can't be changed" in said
    assert "ask an administrator to add you as a user with a real address (Settings, Users)" in said
    assert client.get("/settings/profile/").context["form"].fields.keys().isdisjoint({"email", "address"})
    assert smtp_sink.taken == []


def test_a_preview_opens_for_the_one_who_asked_under_a_policy_of_its_own(
    client, template, sign_in, manager
) -> None:
    page = client.post(f"/templates/{template.pk}/preview/", form(template))
    address = f"/templates/previews/{page.context['preview'].key}/"

    mail = client.get(address)

    policy = mail.headers["Content-Security-Policy"]
    assert mail.status_code == 200
    assert "Hello" in mail.content.decode()
    assert {"script-src 'none'", "frame-ancestors 'self'", "sandbox"} <= set(policy.split("; "))
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert sign_in(manager).get(address).status_code == 404


def test_a_rep_previews_as_nobody_they_may_not_see(template, sign_in, marketer, owner) -> None:
    hidden = CustomerFactory(name="Hidden Person")

    found = sign_in(owner).get("/templates/customers/?q=Hidden")

    assert found.status_code == 200
    assert "Hidden Person" not in found.content.decode()
    assert str(hidden.pk) not in found.content.decode()


def test_hostile_texts_stay_texts_in_the_editor(client, template) -> None:
    blocks = [{"kind": "text", "text": text} for text in SCRIPTS]
    TemplateText.objects.update(subject=SCRIPTS[0], blocks=blocks)

    page = client.get(f"/templates/{template.pk}/").content.decode()

    assert "alert(1)</script>" not in page
    assert "<img src=x" not in page


def test_the_list_costs_the_same_for_any_number(
    client, template, marketer, django_assert_max_num_queries
) -> None:
    for number in range(12):
        texts.establish(name=f"T{number}", message_class="value", by=marketer)

    with django_assert_max_num_queries(12):
        assert client.get("/templates/").status_code == 200
