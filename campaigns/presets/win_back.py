"""Two mails, a week apart, to customers who have stopped buying; the next order ends it."""

from campaigns.models import MessageClass
from campaigns.presets.shape import PresetCampaign, PresetMail, PresetText
from lifecycle.models.stage import Kind


def _hello(with_name: str, without: str) -> str:
    return f"{{% if customer.first_name != blank %}}{with_name} {{{{ customer.first_name }}}},{{% else %}}{without},{{% endif %}}"


def _since(words: str) -> str:
    return f"{{% if customer.last_order_on != blank %}} {words} {{{{ customer.last_order_on }}}}{{% endif %}}"


_DATED = "{% if customer.last_order_on != blank %} ({{ customer.last_order_on }}){% endif %}"

MISSED = PresetMail(
    "win-back-missed",
    {"en": "Win-back 1: it has been a while", "da": "Vind tilbage 1: det er længe siden",
     "sv": "Vinn tillbaka 1: det var ett tag sedan", "nl": "Terugwinnen 1: dat is even geleden",
     "de": "Rückgewinnung 1: lange nichts gehört"},
    MessageClass.VALUE,
    {
        "en": PresetText(
            "It has been a while",
            "Is there something we should know?",
            "It has been a while",
            f"{_hello('Hello', 'Hello')}\n\n"
            f"we have not seen you{_since('since')}. Did something go wrong, or did you simply not need us?\n\n"
            "Either way, we would like to know. Two words in reply to this e-mail are enough, and we read every answer.\n\n"
            "Warm regards\n{{ organisation.name }}",
        ),
        "da": PresetText(
            "Det er længe siden",
            "Er der noget, vi bør vide?",
            "Det er længe siden",
            f"{_hello('Hej', 'Hej')}\n\n"
            f"vi har ikke set dig{_since('siden')}. Gik noget galt, eller har du bare ikke haft brug for os?\n\n"
            "Vi vil gerne vide det. Svar på denne mail med et par ord; vi læser alle svar.\n\n"
            "Venlig hilsen\n{{ organisation.name }}",
        ),
        "sv": PresetText(
            "Det var ett tag sedan",
            "Är det något vi borde veta?",
            "Det var ett tag sedan",
            f"{_hello('Hej', 'Hej')}\n\n"
            f"vi har inte sett dig{_since('sedan')}. Blev något fel, eller har du bara inte behövt oss?\n\n"
            "Vi vill gärna veta. Svara på det här mejlet med ett par ord; vi läser alla svar.\n\n"
            "Vänliga hälsningar\n{{ organisation.name }}",
        ),
        "nl": PresetText(
            "Dat is even geleden",
            "Is er iets wat we moeten weten?",
            "Dat is even geleden",
            f"{_hello('Hallo', 'Hallo')}\n\n"
            f"we hebben je{_since('sinds')} niet meer gezien. Ging er iets mis, of had je ons gewoon niet nodig?\n\n"
            "We horen het graag. Een paar woorden als antwoord op deze mail is genoeg; we lezen alles.\n\n"
            "Hartelijke groet\n{{ organisation.name }}",
        ),
        "de": PresetText(
            "Wir haben lange nichts voneinander gehört",
            "Gibt es etwas, das wir wissen sollten?",
            "Wir haben lange nichts voneinander gehört",
            f"{_hello('Guten Tag', 'Guten Tag')}\n\n"
            f"Ihre letzte Bestellung bei uns liegt schon eine Weile zurück{_DATED}. "
            "Ist etwas schiefgegangen, oder haben Sie uns einfach nicht gebraucht?\n\n"
            "Wir möchten es gern wissen. Ein paar Worte als Antwort auf diese E-Mail genügen; wir lesen alles.\n\n"
            "Herzliche Grüße\n{{ organisation.name }}",
        ),
    },
)  # fmt: skip

GOODBYE = PresetMail(
    "win-back-stay",
    {"en": "Win-back 2: shall we stay in touch?", "da": "Vind tilbage 2: skal vi holde kontakten?",
     "sv": "Vinn tillbaka 2: ska vi hålla kontakten?", "nl": "Terugwinnen 2: houden we contact?",
     "de": "Rückgewinnung 2: Wollen wir in Kontakt bleiben?"},
    MessageClass.VALUE,
    {
        "en": PresetText(
            "Shall we stay in touch?",
            "You decide what you get from us.",
            "Shall we stay in touch?",
            "We only want to write to you when it is welcome.\n\n"
            "If you would like to hear from us now and then, you don't need to do anything. "
            "If you would rather not, [choose what you get]({{ links.preferences }}); it takes one click.\n\n"
            "And if you want to come back, we would be delighted.\n\n"
            "Warm regards\n{{ organisation.name }}",
        ),
        "da": PresetText(
            "Skal vi holde kontakten?",
            "Du bestemmer, hvad du får fra os.",
            "Skal vi holde kontakten?",
            "Vi vil kun skrive til dig, når du har lyst til at høre fra os.\n\n"
            "Vil du gerne høre fra os en gang imellem, behøver du ikke gøre noget. "
            "Vil du hellere være fri, så [vælg, hvad du får]({{ links.preferences }}); det tager ét klik.\n\n"
            "Og vil du tilbage til os, bliver vi meget glade.\n\n"
            "Venlig hilsen\n{{ organisation.name }}",
        ),
        "sv": PresetText(
            "Ska vi hålla kontakten?",
            "Du bestämmer vad du får från oss.",
            "Ska vi hålla kontakten?",
            "Vi vill bara skriva till dig när du vill höra av oss.\n\n"
            "Vill du få ett mejl då och då behöver du inte göra något. "
            "Vill du hellre slippa, så [välj vad du får]({{ links.preferences }}); det tar ett klick.\n\n"
            "Och om du vill komma tillbaka blir vi väldigt glada.\n\n"
            "Vänliga hälsningar\n{{ organisation.name }}",
        ),
        "nl": PresetText(
            "Houden we contact?",
            "Jij bepaalt wat je van ons krijgt.",
            "Houden we contact?",
            "We willen je alleen schrijven als je dat op prijs stelt.\n\n"
            "Wil je af en toe iets van ons horen, dan hoef je niets te doen. "
            "Liever niet? [Kies dan wat je krijgt]({{ links.preferences }}); dat is één klik.\n\n"
            "En kom je terug, dan zijn we daar heel blij mee.\n\n"
            "Hartelijke groet\n{{ organisation.name }}",
        ),
        "de": PresetText(
            "Wollen wir in Kontakt bleiben?",
            "Sie entscheiden, was Sie von uns bekommen.",
            "Wollen wir in Kontakt bleiben?",
            "Wir möchten Ihnen nur schreiben, wenn es Ihnen recht ist.\n\n"
            "Möchten Sie ab und zu von uns hören, brauchen Sie nichts zu tun. "
            "Möchten Sie das lieber nicht, [wählen Sie aus, was Sie bekommen]({{ links.preferences }}); ein Klick genügt.\n\n"
            "Und wenn Sie wieder zu uns kommen, freuen wir uns sehr.\n\n"
            "Herzliche Grüße\n{{ organisation.name }}",
        ),
    },
)  # fmt: skip

WIN_BACK = PresetCampaign(
    slug="win-back",
    labels={"en": "Win-back", "da": "Vind tilbage", "sv": "Vinn tillbaka", "nl": "Terugwinnen", "de": "Rückgewinnung"},
    about={
        "en": "Two e-mails, a week apart, to customers who have stopped buying. Stops as soon as they order again.",
        "da": "To mails med en uges mellemrum til kunder, der er holdt op med at købe. Stopper, så snart de bestiller igen.",
        "sv": "Två mejl med en veckas mellanrum till kunder som slutat köpa. Slutar så snart de beställer igen.",
        "nl": "Twee mails, een week na elkaar, aan klanten die niet meer kopen. Stopt zodra ze weer bestellen.",
        "de": "Zwei E-Mails im Abstand von einer Woche an Kunden, die nicht mehr kaufen. Endet, sobald sie wieder bestellen.",
    },
    icon="repeat",
    kinds=(Kind.CHURNED,),
    steps=(MISSED, 7, GOODBYE),
    exit_condition={"condition": "orders", "parameters": {"at_least": 1, "within_days": 30}},
    leaves_with_stage=True,
)  # fmt: skip
