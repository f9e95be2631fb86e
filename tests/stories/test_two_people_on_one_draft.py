"""Two marketers edit one draft: who saves second is told what the first changed, and keeps what was typed."""

from tests.lifecycle.test_designer import PAGE, client, draft, model, press, read, stage_fields

__all__ = ["client", "model"]


def test_who_saves_second_is_told_what_the_first_changed_and_loses_nothing_typed(client):
    stale = read()
    press(client, "stages/loyalty/", **stage_fields(name_en="Fans", kind="loyal"))

    answer = client.post(
        f"{PAGE}draft/stages/churned/",
        {"read": stale} | stage_fields(name_en="Sleepers", kind="churned", colour="0"),
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Name of Loyalty (en): Loyalty → Fans" in page
    assert 'value="Sleepers"' in page
    assert draft().stage("churned").labels["en"] == "Churned"
    assert f'value="{read()}"' in page
