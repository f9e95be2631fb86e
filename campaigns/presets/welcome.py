"""Two friendly mails to people who have just shown interest, three days apart; the first order ends it."""

from campaigns.models import MessageClass
from campaigns.presets.shape import PresetCampaign, PresetMail, PresetText
from lifecycle.models.stage import Kind

_NAME = "{% if customer.first_name != blank %}, {{ customer.first_name }}{% endif %}"

HELLO = PresetMail(
    "welcome-hello",
    {"en": "Welcome 1: hello", "da": "Velkomst 1: goddag", "sv": "Välkommen 1: hej", "nl": "Welkom 1: hallo",
     "de": "Willkommen 1: Begrüßung"},
    MessageClass.VALUE,
    {
        "en": PresetText(
            f"Welcome{_NAME}",
            "Good to have you with us.",
            f"Welcome{_NAME}",
            "Thank you for taking an interest in {{ organisation.name }}. It is good to have you with us.\n\n"
            "In a few days we will send you one more e-mail, with what newcomers ask us most. "
            "Do you have a question before that? Just reply to this e-mail.\n\n"
            "Warm regards\n{{ organisation.name }}",
        ),
        "da": PresetText(
            f"Velkommen{_NAME}",
            "Godt at have dig med.",
            f"Velkommen{_NAME}",
            "Tak for din interesse for {{ organisation.name }}. Det er godt at have dig med.\n\n"
            "Om et par dage sender vi dig én mail mere med svar på det, som nye kunder oftest spørger om. "
            "Har du et spørgsmål inden da? Så svar bare på denne mail.\n\n"
            "Venlig hilsen\n{{ organisation.name }}",
        ),
        "sv": PresetText(
            f"Välkommen{_NAME}",
            "Kul att du är här.",
            f"Välkommen{_NAME}",
            "Tack för att du är intresserad av {{ organisation.name }}. Kul att du är här.\n\n"
            "Om några dagar skickar vi ett mejl till, med svar på det som nya kunder oftast undrar över. "
            "Har du en fråga redan nu? Svara bara på det här mejlet.\n\n"
            "Vänliga hälsningar\n{{ organisation.name }}",
        ),
        "nl": PresetText(
            f"Welkom{_NAME}",
            "Fijn dat je er bent.",
            f"Welkom{_NAME}",
            "Bedankt voor je interesse in {{ organisation.name }}. Fijn dat je er bent.\n\n"
            "Over een paar dagen sturen we je nog één mail, met antwoorden op wat nieuwe klanten ons het vaakst vragen. "
            "Heb je nu al een vraag? Beantwoord dan gewoon deze mail.\n\n"
            "Hartelijke groet\n{{ organisation.name }}",
        ),
        "de": PresetText(
            f"Willkommen{_NAME}",
            "Schön, dass Sie da sind.",
            f"Willkommen{_NAME}",
            "Vielen Dank für Ihr Interesse an {{ organisation.name }}. Schön, dass Sie da sind.\n\n"
            "In ein paar Tagen schicken wir Ihnen noch eine E-Mail mit Antworten auf das, was uns neue Kunden am "
            "häufigsten fragen. Haben Sie schon jetzt eine Frage? Antworten Sie einfach auf diese E-Mail.\n\n"
            "Herzliche Grüße\n{{ organisation.name }}",
        ),
    },
)  # fmt: skip

HELP = PresetMail(
    "welcome-help",
    {"en": "Welcome 2: can we help?", "da": "Velkomst 2: kan vi hjælpe?", "sv": "Välkommen 2: kan vi hjälpa till?",
     "nl": "Welkom 2: kunnen we helpen?", "de": "Willkommen 2: Können wir helfen?"},
    MessageClass.VALUE,
    {
        "en": PresetText(
            "Can we help you choose?",
            "The three questions we hear most.",
            "What newcomers ask us most",
            "- **What suits me?** Tell us in a sentence what you need, and we suggest something.\n"
            "- **What if it is not right?** Tell us, and we will sort it out together.\n"
            "- **Can I talk to somebody?** Yes. Reply to this e-mail, and one of us answers.\n\n"
            "Whatever you decide: take your time.\n\n"
            "Warm regards\n{{ organisation.name }}",
        ),
        "da": PresetText(
            "Kan vi hjælpe dig med at vælge?",
            "De tre spørgsmål, vi oftest får.",
            "Det spørger nye kunder oftest om",
            "- **Hvad passer til mig?** Skriv med en enkelt sætning, hvad du har brug for, så kommer vi med et forslag.\n"
            "- **Hvad nu, hvis det ikke er det rigtige?** Så sig til. Vi finder en løsning sammen.\n"
            "- **Kan jeg tale med nogen?** Ja. Svar på denne mail, så svarer en af os.\n\n"
            "Tag dig den tid, du har brug for.\n\n"
            "Venlig hilsen\n{{ organisation.name }}",
        ),
        "sv": PresetText(
            "Ska vi hjälpa dig att välja?",
            "De tre vanligaste frågorna.",
            "Det här undrar nya kunder oftast",
            "- **Vad passar mig?** Berätta med en mening vad du behöver, så ger vi ett förslag.\n"
            "- **Tänk om det inte blir rätt?** Hör av dig, så löser vi det tillsammans.\n"
            "- **Kan jag prata med någon?** Ja. Svara på det här mejlet, så hör någon av oss av sig.\n\n"
            "Ta den tid du behöver.\n\n"
            "Vänliga hälsningar\n{{ organisation.name }}",
        ),
        "nl": PresetText(
            "Kunnen we je helpen kiezen?",
            "De drie vragen die we het vaakst krijgen.",
            "Wat nieuwe klanten ons het vaakst vragen",
            "- **Wat past bij mij?** Vertel in één zin wat je nodig hebt, dan doen we een voorstel.\n"
            "- **En als het toch niet bevalt?** Laat het weten, dan lossen we het samen op.\n"
            "- **Kan ik iemand spreken?** Ja. Beantwoord deze mail, dan reageert een van ons.\n\n"
            "Neem gerust de tijd.\n\n"
            "Hartelijke groet\n{{ organisation.name }}",
        ),
        "de": PresetText(
            "Können wir Ihnen bei der Wahl helfen?",
            "Die drei häufigsten Fragen.",
            "Was uns neue Kunden am häufigsten fragen",
            "- **Was passt zu mir?** Schreiben Sie uns in einem Satz, was Sie brauchen, und wir machen einen Vorschlag.\n"
            "- **Und wenn es nicht das Richtige ist?** Sagen Sie es uns, dann finden wir gemeinsam eine Lösung.\n"
            "- **Kann ich mit jemandem sprechen?** Ja. Antworten Sie auf diese E-Mail, dann meldet sich jemand von uns.\n\n"
            "Nehmen Sie sich die Zeit, die Sie brauchen.\n\n"
            "Herzliche Grüße\n{{ organisation.name }}",
        ),
    },
)  # fmt: skip

WELCOME = PresetCampaign(
    slug="welcome",
    labels={"en": "Welcome", "da": "Velkommen", "sv": "Välkommen", "nl": "Welkom", "de": "Willkommen"},
    about={
        "en": "Two friendly e-mails, three days apart, to people who are new: from the first stage on, or once they engage. Stops at the first order.",
        "da": "To venlige mails med tre dages mellemrum til dem, der er nye: fra den første fase, eller når de engagerer sig. Stopper ved den første ordre.",
        "sv": "Två vänliga mejl med tre dagars mellanrum till dem som är nya: från den första fasen, eller när de engagerar sig. Slutar vid den första ordern.",
        "nl": "Twee vriendelijke mails, drie dagen na elkaar, aan wie nieuw is: vanaf de eerste fase, of zodra iemand betrokken raakt. Stopt bij de eerste bestelling.",
        "de": "Zwei freundliche E-Mails im Abstand von drei Tagen an alle, die neu sind: ab der ersten Phase, oder sobald sie aktiv werden. Endet mit der ersten Bestellung.",
    },
    icon="handshake",
    kinds=(Kind.ENGAGED,),
    for_newcomers=True,
    steps=(HELLO, 3, HELP),
    exit_condition={"condition": "orders", "parameters": {"at_least": 1}},
    leaves_with_stage=False,
)  # fmt: skip
