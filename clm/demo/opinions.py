"""Who is asked how likely they are to recommend the shop, what they answer, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from clm.demo.life import Life

ASKED_AFTER = 18  # days after an order
ASKED_EVERY = 115
ANSWERS = 0.3
COMMENTS = 0.45

# By language: what promoters, passives and detractors write.
_WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "da": (
        ("Den bedste kaffe, jeg har fået leveret hjem.", "Hurtig levering og altid friskristet.",
         "Jeg har allerede anbefalet jer til mine kolleger.", "Tehyldens udvalg er fantastisk."),
        ("God kaffe, men lidt dyr.", "Fint, men der må gerne være flere slags te.", "Alt var som aftalt."),
        ("Pakken kom en uge for sent.", "Posen var gået op, da den kom.", "Jeg fik aldrig svar fra kundeservice."),
    ),
    "sv": (
        ("Bästa bönorna på nätet.", "Snabb leverans och fint paketerat.", "Hela kontoret är nöjt!",
         "Bra tips om hur man brygger."),
        ("Bra, men frakten är dyr.", "Gott kaffe, sidan kunde vara tydligare.", "Helt okej."),
        ("Leveransen tog nästan två veckor.", "Fel sort i paketet.", "Kvarnen gick sönder direkt."),
    ),
    "nl": (
        ("Heerlijke koffie en snel bezorgd.", "De proefdoos was een schot in de roos.",
         "Fijne winkel, ik raad hem iedereen aan.", "Altijd vers gebrand."),
        ("Lekker, maar aan de prijs.", "Prima, meer keuze in thee mag wel.", "Ging goed, niets bijzonders."),
        ("Pakket kwam veel te laat.", "Doos beschadigd en lang wachten op antwoord.", "Verkeerde maling gekregen."),
    ),
    "de": (
        ("Der beste Kaffee, den ich online gefunden habe.", "Schnelle Lieferung, freundliche Antworten.",
         "Das Büro will nichts anderes mehr trinken.", "Die Anleitung zum Handfilter ist großartig."),
        ("Gut, aber der Versand ist teuer.", "Geschmacklich top, die Auswahl an Tee ist klein.", "Alles in Ordnung."),
        ("Die Lieferung kam zehn Tage zu spät.", "Die Packung war aufgerissen.", "Niemand hat auf meine Mail geantwortet."),
    ),
    "en": (
        ("Best beans I have ever had delivered.", "Arrived the next day and smelled wonderful.",
         "Told all my friends already.", "The brewing webinar was great fun."),
        ("Nice coffee, a little pricey.", "Good, but I would like more teas.", "Fine, nothing to complain about."),
        ("Parcel was more than a week late.", "Bag had split in the post.", "Still waiting for an answer to my e-mail."),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Asking:
    """One invitation; `score` is None where nobody answered."""

    customer: str
    key: str
    asked_at: datetime
    answered_at: datetime | None = None
    score: int | None = None
    text: str = ""
    language: str = ""


def askings(life: Life, until: datetime, rng: Random) -> list[Asking]:
    """Some weeks after an order, and not again for months."""
    found: list[Asking] = []
    last: datetime | None = None
    for purchase in life.purchases:
        at = purchase.at + timedelta(days=ASKED_AFTER, minutes=rng.randrange(600))
        if at >= until or (last and at < last + timedelta(days=ASKED_EVERY)):
            continue
        last = at
        found.append(_asked(life, at, until, len(found), rng))
    return found


def _asked(life: Life, at: datetime, until: datetime, number: int, rng: Random) -> Asking:
    person, key = life.person, f"{life.person.key}-nps{number}"
    answered = at + timedelta(hours=rng.lognormvariate(2.2, 1.2))
    if rng.random() > ANSWERS or answered >= until:
        return Asking(person.key, key, at)
    score = min(10, max(0, round(8.15 + 1.35 * life.mood_at(at) + rng.gauss(0, 1.15))))
    band = 0 if score >= 9 else 1 if score >= 7 else 2
    text = rng.choice(_WORDS[person.market.language][band]) if rng.random() < COMMENTS else ""
    return Asking(person.key, key, at, answered.replace(microsecond=0), score, text, person.market.language)
