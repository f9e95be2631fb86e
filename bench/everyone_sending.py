"""Letting customers into a campaign, and sending them its mail with every guard on."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from statistics import median
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from bench import sink
from bench.figures import Measured, figure

ENTRANTS = 100_000
ROUNDS, MAILS = 5, 600


class Enrolled(NamedTuple):
    seconds: float
    queueing_seconds: float


@figure("enroll_100k_s", topic="everyone", unit="s", bar=10.0)
def enroll_100k_s(size: int) -> Measured:
    """100,000 customers who are in a stage when a campaign is launched to them."""
    found = enrolled()
    return Measured(found.seconds, note=f"{found.queueing_seconds:.1f} s more until all their messages wait")


@figure("send_share", topic="everyone", unit="of raw smtplib", bar=0.25, better="over")
def send_share(size: int) -> Measured:
    """Messages per second of one process, over those of smtplib with mails that were built before, into one sink."""
    enrolled()
    with sink.running() as port:
        rounds = [(_raw(port), _ours(port)) for _ in range(ROUNDS)]
    raw, ours = (median(rates) for rates in zip(*rounds, strict=True))
    return Measured(ours / raw, note=f"{ours:.0f} of {raw:.0f} messages per second")


def _ours(port: int) -> float:
    from campaigns.delivery.sending import deliver

    connection.close()
    with _mail_goes_to(port):
        started = time.perf_counter()
        sent = deliver(seconds=120, most=MAILS).sent
        if sent != MAILS:
            raise RuntimeError(f"Sent {sent}.")
        return sent / (time.perf_counter() - started)


def _raw(port: int) -> float:
    mails = [(f"person{number}@example.com", _sample(number)) for number in range(MAILS)]
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.ehlo()
        started = time.perf_counter()
        for recipient, mail in mails:
            server.sendmail("bench@example.com", [recipient], mail)
        return MAILS / (time.perf_counter() - started)


@cache
def _sample(_number: int = 0) -> bytes:
    """One of our own mails: as long as those that it is compared with."""
    from campaigns.delivery.composing import Composer, Unreadable
    from campaigns.models import Message
    from clm.accounts.models import Organisation
    from clm.base import clock

    message = Message.objects.select_related("customer").order_by("pk")[0]
    mail = Composer([message], Organisation.objects.current(), clock.now()).mail(message)
    if isinstance(mail, Unreadable):
        raise RuntimeError(mail.words)
    return mail.lines(allows_8bit=True)


@contextmanager
def _mail_goes_to(port: int) -> Iterator[None]:
    before = settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.CAUGHT_MAIL_DIR = "here"  # nobody gets what the sink takes
    yield
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = before


@cache
def enrolled() -> Enrolled:
    """A company of 100,000, its welcome campaign launched to all of them, and their messages waiting."""
    from campaigns.advancing import advance
    from campaigns.enrolling import enroll

    _company()
    _campaign()
    started = time.perf_counter()
    if (entered := enroll()) != ENTRANTS:
        raise RuntimeError(f"{entered} were let in.")
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    advance()
    return Enrolled(seconds, time.perf_counter() - started)


def _company() -> None:
    from lifecycle.models import Stage
    from lifecycle.presets import install

    with connection.cursor() as cursor:
        people = "customers_customer, customers_identity, customers_profilechange"
        cursor.execute(f"TRUNCATE lifecycle_lifecyclemodel, {people} RESTART IDENTITY CASCADE")
        cursor.execute("TRUNCATE campaigns_campaign, campaigns_template RESTART IDENTITY CASCADE")
    install("swedish-six", by=None)
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [ENTRANTS])
        cursor.execute(_STAYS, [Stage.objects.get(slug="discovery").pk])
        cursor.execute("ANALYZE")


def _campaign() -> None:
    from campaigns.models import Campaign, CampaignVersion, SendingRules, Step, Template, TemplateText
    from campaigns.publishing import publish
    from campaigns.running import launch

    SendingRules.objects.update_or_create(pk=1, defaults={"quiet_from": "08:00", "quiet_until": "08:00"})
    template = Template.objects.create(name="Welcome")
    TemplateText.objects.create(template=template, language="en", subject=_SUBJECT, blocks=_BLOCKS)
    campaign = Campaign.objects.create(name="Welcome")
    version = CampaignVersion.objects.create(
        campaign=campaign,
        number=1,
        trigger={"kind": "stage_entered", "model": None, "stages": ["discovery"]},
        exit_condition={"condition": "purchase_days", "parameters": {"at_least": 1}},
    )
    Step.objects.create(version=version, position=0, kind="message", template=template)
    Step.objects.create(version=version, position=1, kind="wait", wait_amount=3)
    Step.objects.create(version=version, position=2, kind="message", template=template)
    publish(campaign, by=None)
    launch(campaign, by=None, includes_present=True)


_SUBJECT = "Welcome to {{ organisation.name }}, {{ customer.first_name }}"
_BLOCKS = [
    {"kind": "heading", "text": "Hello {{ customer.first_name }}"},
    {
        "kind": "text",
        "text": "It is good to have you **here**. In our shop you find what others in {{ customer.country }} like,"
        " and on every page you can ask us whatever you want to know. We answer within a day.",
    },
    {"kind": "button", "label": "To the shop", "url": "https://shop.example/?c={{ customer.external_id }}"},
    {"kind": "text", "text": "Until soon,\n\nall of {{ organisation.name }}"},
]
_PEOPLE = """
WITH people AS (
    INSERT INTO customers_customer (kind, name, first_name, last_name, email, phone, external_id, country, language,
        zone, fields, first_seen_at)
    SELECT 'person', 'Person ' || n, 'Person', n::text, 'person' || n || '@example.com', '', 'C' || n, 'DK', 'en', '',
        '{}', now() - interval '90 days'
    FROM generate_series(1, %s) AS n RETURNING id)
INSERT INTO customers_consent (customer_id, original_customer_id, source, key, purpose, is_given, text_version, proof,
    occurred_at)
SELECT id, id, 'bench', id::text, 'marketing', true, '', '{}', now() - interval '60 days' FROM people
"""
_STAYS = """
INSERT INTO lifecycle_stageperiod (customer_id, original_customer_id, model_id, stage_id, version_id, entered_at, cause,
    reason)
SELECT c.id, c.id, s.model_id, s.id, v.id, now() - interval '30 days', 'initial', ''
FROM customers_customer AS c, lifecycle_stage AS s
JOIN lifecycle_modelversion AS v ON v.model_id = s.model_id AND v.status = 'published'
WHERE s.id = %s
"""
