"""Two people publish one draft at the same time: one does, the other is told, and nothing is in force twice."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from clm.accounts.models import AuditEntry
from lifecycle.designing.steps import move_stage
from lifecycle.drafting import NoDraft, edit, fingerprint, in_work, publish_as_read
from lifecycle.models import ModelVersion
from tests.lifecycle.shop import six_stages


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_publishes_and_the_other_is_told() -> None:
    model = six_stages()
    edit(model, lambda plan: move_stage(plan, "churned", -1), read="*", by=None)
    read, barrier, told = fingerprint(in_work(model)), Barrier(2), list[str]()

    def publish() -> None:
        try:
            barrier.wait()
            publish_as_read(model, read=read, by=None, replay=False)
            told.append("done")
        except NoDraft as refusal:
            told.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=publish) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == [
        "There is no draft to publish: it was published or discarded meanwhile.",
        "done",
    ]
    assert ModelVersion.objects.filter(status="published").get().number == 2
    assert AuditEntry.objects.filter(action="version.published", details__version=2).count() == 1
