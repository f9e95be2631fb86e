"""What is usual for each kind of stage: a first filling of a journey map, for the company to change.

Stored in English and shown in the reader's language as long as nobody changes it.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from lifecycle.models.stage import Kind


@dataclass(frozen=True)
class Suggestion:
    thoughts: str
    feelings: str
    pain_points: str
    touchpoints: tuple[tuple[str, str], ...]
    actions: str
    playbook: str


SUGGESTIONS = {
    Kind.UNAWARE: Suggestion(
        _("I have a need, but I have not heard of you."),
        _("Busy with other things."),
        _("Too many messages; nothing that speaks to me."),
        ((_("Search engine"), _("Looks for an answer and finds somebody else's")), (_("Social"), _("Sees a post by chance"))),
        _("Be found: useful content, ads with one clear promise, partners."),
        _("Nothing to sell yet. Help, and leave a good impression."),
    ),
    Kind.AWARE: Suggestion(
        _("What is this, and is it for people like me?"),
        _("Curious, a little doubtful."),
        _("Hard to see what makes you different; too much jargon."),
        ((_("Website"), _("Reads the first page and one article")), (_("Social"), _("Sees an ad or a post")), (_("Search engine"), _("Compares names"))),
        _("Show in one sentence whom you help and how. Offer a guide instead of a sale."),
        _("Do not call yet. Answer questions quickly and link to the guide that fits."),
    ),
    Kind.ENGAGED: Suggestion(
        _("This could be something for me. What would I gain?"),
        _("Interested, open, easily distracted."),
        _("Newsletters that all say the same; no answer to my own question."),
        ((_("E-mail"), _("Opens the newsletter and clicks")), (_("Website"), _("Comes back, reads about products")), (_("Event on site"), _("Joins a webinar"))),
        _("Send content by what they looked at. Invite to try, taste or talk."),
        _("Thank them for their interest, ask what they are looking for, and send one example that fits."),
    ),
    Kind.QUALIFIED: Suggestion(
        _("I want this solved. Can you do it, and for how much?"),
        _("Determined, a little impatient."),
        _("Having to tell my story twice; waiting for an answer."),
        ((_("Telephone"), _("First talk with sales")), (_("E-mail"), _("Gets what was promised"))),
        _("Hand over from marketing to sales with everything known so far."),
        _("Call within a day. Ask about the need, the date and who decides; agree on the next step."),
    ),
    Kind.EVALUATING: Suggestion(
        _("Is it better than what I have, and what if it goes wrong?"),
        _("Hopeful and careful."),
        _("Prices that are hard to compare; no proof from people like me."),
        ((_("Demo"), _("Sees it working")), (_("Trial"), _("Tries it alone")), (_("Website"), _("Reads reviews and terms"))),
        _("Give proof: references, samples, a clear price, an easy way out."),
        _("Find the one doubt that is left and answer it with an example. Never push; set a date for the decision."),
    ),
    Kind.BUYING: Suggestion(
        _("I hope this was the right choice. When does it arrive?"),
        _("Excited, and a little nervous."),
        _("Long checkout, surprise costs, silence after paying."),
        ((_("Shop"), _("Pays")), (_("E-mail"), _("Gets the confirmation and the day of delivery")), (_("Parcel"), _("Unpacks"))),
        _("Take steps out of the checkout. Say thank you, say when it arrives, say how to use it."),
        _("Confirm the choice: thank them, tell what happens next, and offer help with the first use."),
    ),
    Kind.ONBOARDING: Suggestion(
        _("How do I get going without reading everything?"),
        _("Motivated, quickly lost."),
        _("Too many steps; nobody to ask."),
        ((_("E-mail"), _("Welcome series")), (_("Video"), _("First steps")), (_("Support"), _("First question"))),
        _("One step a day, the first success within the first week."),
        _("Ask whether the first success is there. If not, do it together now."),
    ),
    Kind.ACTIVE: Suggestion(
        _("It works for me. Is there more that I could use?"),
        _("Content, used to it."),
        _("Only hears from us when we want to sell; problems take too long."),
        ((_("E-mail"), _("Tips and recommendations")), (_("Support"), _("Asks for help")), (_("Shop"), _("Orders again"))),
        _("Follow up after every order. Recommend from what they bought. Solve problems before they ask."),
        _("Ask how the last order went. Suggest one thing that goes with it, and say why."),
    ),
    Kind.AT_RISK: Suggestion(
        _("I do not need this as much as I did."),
        _("Indifferent, perhaps disappointed."),
        _("A problem that was never solved; a better offer elsewhere."),
        ((_("E-mail"), _("No longer opens")), (_("Telephone"), _("A call that asks"))),
        _("Find out why, and mend it before offering a discount."),
        _("Call. Listen first, then solve the one thing that keeps them from coming back."),
    ),
    Kind.LOYAL: Suggestion(
        _("They know me here. I would miss it."),
        _("At home, appreciated."),
        _("New customers get the better offers; nobody notices my loyalty."),
        ((_("E-mail"), _("Early access and thanks")), (_("Customer club"), _("Points and rewards")), (_("Event on site"), _("Tasting or workshop"))),
        _("Reward loyalty by surprise. Give access before everybody else. Keep the service fast."),
        _("Know their history before you speak. Thank them, and ask what we should do better."),
    ),
    Kind.EXPANDING: Suggestion(
        _("I could use more of this."),
        _("Confident."),
        _("Offers that do not fit what I already have."),
        ((_("Shop"), _("Looks at the larger size")), (_("Telephone"), _("Asks for an offer"))),
        _("Offer what goes with what they have, with the gain in numbers."),
        _("Start from their use, not from our range. One offer, one reason."),
    ),
    Kind.RENEWING: Suggestion(
        _("Is it still worth it for another year?"),
        _("Weighing up."),
        _("A surprise on the invoice; no overview of what I got."),
        ((_("E-mail"), _("Reminder with an overview")), (_("Telephone"), _("Talk about the next year"))),
        _("Show what they got out of it, early, and make staying easy."),
        _("Call 60 days before. Bring the numbers of their year and one idea for the next."),
    ),
    Kind.ADVOCATE: Suggestion(
        _("My friends should know about this."),
        _("Proud, generous."),
        _("Recommending is work; nobody says thank you."),
        ((_("Customer review"), _("Writes what they think")), (_("Referral"), _("Sends a friend a link")), (_("Social"), _("Shows it to others"))),
        _("Make recommending one click, reward both sides, show their stories with their consent."),
        _("Thank them in person. Ask for a review or a story, and tell them what came of it."),
    ),
    Kind.CHURNED: Suggestion(
        _("I have moved on, or forgotten you."),
        _("Neutral; sometimes let down."),
        _("The reason for leaving was never asked."),
        ((_("E-mail"), _("One honest question, then a reason to return")), (_("Survey"), _("Why they left"))),
        _("Ask why, learn from it, and invite back once with something that has changed."),
        _("Do not apologise at length. Ask for the reason, say what is new, and respect a no."),
    ),
    Kind.WON_BACK: Suggestion(
        _("I give it a second chance."),
        _("Watchful."),
        _("The same problem once more would be the last."),
        ((_("Shop"), _("Orders again")), (_("E-mail"), _("Welcome back"))),
        _("Make sure that the old problem is gone. Follow up after the first order."),
        _("Know why they left. Check that it is solved before they have to say it."),
    ),
}  # fmt: skip

SHIPPED = frozenset(
    text
    for told in SUGGESTIONS.values()
    for text in (
        told.thoughts, told.feelings, told.pain_points, told.actions, told.playbook,
        *(part for touchpoint in told.touchpoints for part in touchpoint),
    )
)  # fmt: skip
