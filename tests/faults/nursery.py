"""Senders that may be killed: forked from one process that has everything imported, so that the next starts at once.

`python tests/faults/nursery.py COUNT LEASE_SECONDS` prints the id of each sender as it starts, and starts another for
each that ends.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main(count: int, lease: timedelta) -> None:
    import django

    django.setup()
    _warm_up()
    senders: set[int] = set()
    while True:
        while len(senders) < count:
            parent = os.getpid()
            pid = os.fork()
            if pid == 0:
                _send_until_orphaned(parent, lease)
            senders.add(pid)
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
        senders.discard(os.wait()[0])


def _warm_up() -> None:
    """Import, compile and plan what every sender needs, and leave no connection that two would share."""
    from django.db import connection

    from campaigns.delivery import marking
    from campaigns.delivery.composing import Composer
    from campaigns.models import Message
    from clm.accounts.models import Organisation
    from clm.base import clock

    messages = list(Message.objects.select_related("customer")[:1])
    composer = Composer(messages, Organisation.objects.current(), clock.now())
    for message in messages:
        composer.mail(message)
    marking.BACKOFF = [timedelta(seconds=0.3)]
    connection.close()


def _send_until_orphaned(parent: int, lease: timedelta) -> None:
    import psycopg
    from django.db import DatabaseError, connection

    from campaigns.delivery.claiming import recover
    from campaigns.delivery.sending import deliver
    from clm.base import clock

    while os.getppid() == parent:
        try:
            recover(clock.now())
            deliver(seconds=2, batch=5, lease=lease)
            time.sleep(0.02)
        except (psycopg.Error, DatabaseError):  # the database is down: what workers do then
            connection.close()
            time.sleep(0.1)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), timedelta(seconds=float(sys.argv[2])))
