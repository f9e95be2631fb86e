"""Who works at the company. Nobody of them has a password: an administrator can give them one."""

from dataclasses import dataclass

from django.db import transaction

from clm.accounts.models import Role, Sees, Team, User
from clm.demo.models import Made


@dataclass(frozen=True)
class DemoUser:
    name: str
    role: Role
    language: str
    team: str = ""
    sees: Sees = Sees.TEAM

    @property
    def email(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@example.com"


NORDIC, CONTINENT, BRITISH = "Nordic sales", "Continental sales", "British sales"
TEAMS = {"DK": NORDIC, "SE": NORDIC, "NL": CONTINENT, "DE": CONTINENT, "GB": BRITISH}
MARKETER = DemoUser("Jonas Berg", Role.MARKETER, "sv")
STAFF = (
    DemoUser("Mette Holm", Role.MANAGER, "da"),
    MARKETER,
    DemoUser("Lotte Visser", Role.MARKETER, "nl"),
    DemoUser("Anke Sommer", Role.ANALYST, "de"),
    DemoUser("Freja Lund", Role.REP, "da", NORDIC),
    DemoUser("Emil Sandberg", Role.REP, "sv", NORDIC, Sees.OWN),
    DemoUser("Sanne Bakker", Role.REP, "nl", CONTINENT),
    DemoUser("Oliver Hughes", Role.REP, "en", BRITISH),
)
REPS = tuple(user for user in STAFF if user.role == Role.REP)


def rep_for(country: str, number: int) -> DemoUser:
    """Of that country's team, taking turns."""
    team = [rep for rep in REPS if rep.team == TEAMS[country]]
    return team[number % len(team)]


def marketer() -> User:
    """Who keeps segments and runs campaigns."""
    return User.objects.get(email=MARKETER.email)


@transaction.atomic
def take_on() -> None:
    """Those whose address nobody has yet."""
    teams = {name: Team.objects.get_or_create(name=name) for name in dict.fromkeys(TEAMS.values())}
    Made.objects.note(Team, [team.pk for team, is_new in teams.values() if is_new])
    missing = [one for one in STAFF if not User.objects.filter(email=one.email).exists()]
    made = [
        User.objects.create_user(
            one.email,
            name=one.name,
            role=one.role,
            language=one.language,
            team=teams[one.team][0] if one.team else None,
            sees=one.sees,
        )
        for one in missing
    ]
    Made.objects.note(User, [user.pk for user in made])
