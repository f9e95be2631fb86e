"""What is usual for each kind of stage: a first filling of a journey map, in English, for the company to change."""

from dataclasses import dataclass

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
        "I have a need, but I have not heard of you.",
        "Busy with other things.",
        "Too many messages; nothing that speaks to me.",
        (("Search", "Looks for an answer and finds somebody else's"), ("Social", "Sees a post by chance")),
        "Be found: useful content, ads with one clear promise, partners.",
        "Nothing to sell yet. Help, and leave a good impression.",
    ),
    Kind.AWARE: Suggestion(
        "What is this, and is it for people like me?",
        "Curious, a little doubtful.",
        "Hard to see what makes you different; too much jargon.",
        (("Website", "Reads the first page and one article"), ("Social", "Sees an ad or a post"), ("Search", "Compares names")),
        "Show in one sentence whom you help and how. Offer a guide instead of a sale.",
        "Do not call yet. Answer questions quickly and link to the guide that fits.",
    ),
    Kind.ENGAGED: Suggestion(
        "This could be something for me. What would I gain?",
        "Interested, open, easily distracted.",
        "Newsletters that all say the same; no answer to my own question.",
        (("E-mail", "Opens the newsletter and clicks"), ("Website", "Comes back, reads about products"), ("Event", "Joins a webinar")),
        "Send content by what they looked at. Invite to try, taste or talk.",
        "Thank them for their interest, ask what they are looking for, and send one example that fits.",
    ),
    Kind.QUALIFIED: Suggestion(
        "I want this solved. Can you do it, and for how much?",
        "Determined, a little impatient.",
        "Having to tell my story twice; waiting for an answer.",
        (("Telephone", "First talk with sales"), ("E-mail", "Gets what was promised")),
        "Hand over from marketing to sales with everything known so far.",
        "Call within a day. Ask about the need, the date and who decides; agree on the next step.",
    ),
    Kind.EVALUATING: Suggestion(
        "Is it better than what I have, and what if it goes wrong?",
        "Hopeful and careful.",
        "Prices that are hard to compare; no proof from people like me.",
        (("Demo", "Sees it working"), ("Trial", "Tries it alone"), ("Website", "Reads reviews and terms")),
        "Give proof: references, samples, a clear price, an easy way out.",
        "Find the one doubt that is left and answer it with an example. Never push; set a date for the decision.",
    ),
    Kind.BUYING: Suggestion(
        "I hope this was the right choice. When does it arrive?",
        "Excited, and a little nervous.",
        "Long checkout, surprise costs, silence after paying.",
        (("Shop", "Pays"), ("E-mail", "Gets the confirmation and the day of delivery"), ("Parcel", "Unpacks")),
        "Take steps out of the checkout. Say thank you, say when it arrives, say how to use it.",
        "Confirm the choice: thank them, tell what happens next, and offer help with the first use.",
    ),
    Kind.ONBOARDING: Suggestion(
        "How do I get going without reading everything?",
        "Motivated, quickly lost.",
        "Too many steps; nobody to ask.",
        (("E-mail", "Welcome series"), ("Video", "First steps"), ("Support", "First question")),
        "One step a day, the first success within the first week.",
        "Ask whether the first success is there. If not, do it together now.",
    ),
    Kind.ACTIVE: Suggestion(
        "It works for me. Is there more that I could use?",
        "Content, used to it.",
        "Only hears from us when we want to sell; problems take too long.",
        (("E-mail", "Tips and recommendations"), ("Support", "Asks for help"), ("Shop", "Orders again")),
        "Follow up after every order. Recommend from what they bought. Solve problems before they ask.",
        "Ask how the last order went. Suggest one thing that goes with it, and say why.",
    ),
    Kind.AT_RISK: Suggestion(
        "I do not need this as much as I did.",
        "Indifferent, perhaps disappointed.",
        "A problem that was never solved; a better offer elsewhere.",
        (("E-mail", "No longer opens"), ("Telephone", "A call that asks")),
        "Find out why, and mend it before offering a discount.",
        "Call. Listen first, then solve the one thing that keeps them from coming back.",
    ),
    Kind.LOYAL: Suggestion(
        "They know me here. I would miss it.",
        "At home, appreciated.",
        "New customers get the better offers; nobody notices my loyalty.",
        (("E-mail", "Early access and thanks"), ("Club", "Points and rewards"), ("Event", "Tasting or workshop")),
        "Reward loyalty by surprise. Give access before everybody else. Keep the service fast.",
        "Know their history before you speak. Thank them, and ask what we should do better.",
    ),
    Kind.EXPANDING: Suggestion(
        "I could use more of this.",
        "Confident.",
        "Offers that do not fit what I already have.",
        (("Shop", "Looks at the larger size"), ("Telephone", "Asks for an offer")),
        "Offer what goes with what they have, with the gain in numbers.",
        "Start from their use, not from our range. One offer, one reason.",
    ),
    Kind.RENEWING: Suggestion(
        "Is it still worth it for another year?",
        "Weighing up.",
        "A surprise on the invoice; no overview of what I got.",
        (("E-mail", "Reminder with an overview"), ("Telephone", "Talk about the next year")),
        "Show what they got out of it, early, and make staying easy.",
        "Call 60 days before. Bring the numbers of their year and one idea for the next.",
    ),
    Kind.ADVOCATE: Suggestion(
        "My friends should know about this.",
        "Proud, generous.",
        "Recommending is work; nobody says thank you.",
        (("Review", "Writes what they think"), ("Referral", "Sends a friend a link"), ("Social", "Shows it to others")),
        "Make recommending one click, reward both sides, show their stories with their consent.",
        "Thank them in person. Ask for a review or a story, and tell them what came of it.",
    ),
    Kind.CHURNED: Suggestion(
        "I have moved on, or forgotten you.",
        "Neutral; sometimes let down.",
        "The reason for leaving was never asked.",
        (("E-mail", "One honest question, then a reason to return"), ("Survey", "Why they left")),
        "Ask why, learn from it, and invite back once with something that has changed.",
        "Do not apologise at length. Ask for the reason, say what is new, and respect a no.",
    ),
    Kind.WON_BACK: Suggestion(
        "I give it a second chance.",
        "Watchful.",
        "The same problem once more would be the last.",
        (("Shop", "Orders again"), ("E-mail", "Welcome back")),
        "Make sure that the old problem is gone. Follow up after the first order.",
        "Know why they left. Check that it is solved before they have to say it.",
    ),
}  # fmt: skip
