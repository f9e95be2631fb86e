"""The processes of `test_eight_at_the_same_customers`: `python tests/stories/movers.py PROCESSES CHANGES`.

Forked from one that has everything imported. Orders come in, people and programs move customers, rules run, all at once;
each prints one line for each change.
"""

import os
import random
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main(processes: int, changes: int) -> None:
    import django

    django.setup()
    from lifecycle import admission, evaluation  # noqa: F401  # once for all

    movers = [pid for seed in range(processes) if (pid := fork(seed, changes))]
    endings = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in movers]
    os._exit(max(endings))


def fork(seed: int, changes: int) -> int:
    pid = os.fork()
    if pid == 0:
        change(seed, changes)
        os._exit(0)
    return pid


def change(seed: int, changes: int) -> None:
    from customers.models import Customer
    from lifecycle.models import Stage

    chance = random.Random(seed)
    customers = list(Customer.objects.order_by("pk"))
    stages = list(Stage.objects.order_by("pk"))
    for number in range(changes):
        customer, stage = chance.choice(customers), chance.choice(stages)
        act = chance.choices([order, move_by_hand, move_many, evaluate], [4, 3, 1, 2])[0]
        try:
            told = act(chance, customer, stage, f"{seed}-{number}")
        except Exception as error:  # noqa: BLE001  # what the person at the screen would get to see
            told = f"error {type(error).__name__}: {error}".replace("\n", " ")
        os.write(1, f"{told[:1000]}\n".encode())  # in one piece, whoever else writes


def order(chance: random.Random, customer, stage, key: str) -> str:  # type: ignore[no-untyped-def]
    """As any door brings one in: the fact and the news of it in one transaction."""
    from django.db import transaction

    from clm.base import clock
    from customers.models import Arrival, Order

    at = clock.now() - timedelta(days=chance.randint(0, 400))
    with transaction.atomic():
        Order.objects.create(
            customer=customer, original_customer=customer, source="race", key=key, occurred_at=at,
            currency="EUR", gross=10, rate=1,
        )  # fmt: skip
        Arrival.objects.note([customer.pk], since=at)
    return "order"


def move_by_hand(chance: random.Random, customer, stage, key: str) -> str:  # type: ignore[no-untyped-def]
    from lifecycle.admission import MoveSet, admit

    admitted = admit(MoveSet([customer.pk], stage, key), source=chance.choice(["person", "api"]))
    return "moved" if admitted.moved else "was there"


def move_many(chance: random.Random, customer, stage, key: str) -> str:  # type: ignore[no-untyped-def]
    from customers.models import Customer
    from lifecycle.admission import MoveSet, admit

    some = chance.sample(list(Customer.objects.values_list("pk", flat=True)), 15)
    admit(MoveSet(some, stage, key, timedelta(0)), source="import")
    return "moved many"


def evaluate(chance: random.Random, customer, stage, key: str) -> str:  # type: ignore[no-untyped-def]
    """In the background: what had to wait for too long is done by the next pass, and nobody sees anything of it."""
    from django.db import OperationalError

    from lifecycle.evaluation import evaluate_changed, walk_each
    from lifecycle.models import LifecycleModel

    try:
        if chance.random() < 0.3:
            walk_each(LifecycleModel.objects.get(), [customer.pk], since=None)
        else:
            evaluate_changed()
    except OperationalError as error:
        return f"put off: {error}".replace("\n", " ")
    return "evaluated"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
    os._exit(0)
