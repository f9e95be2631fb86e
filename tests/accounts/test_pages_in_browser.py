import pytest
from playwright.sync_api import expect

from clm.accounts.models import ApiKey, Job
from clm.accounts.models.api_key import Scope
from clm.accounts.models.job import JobStatus
from clm.accounts.permissions import Capability, may
from tests.accounts.codes import code_of


def test_a_job_page_follows_the_job_until_it_ends(sign_in_page, owner):
    job = Job.objects.create(
        kind="import", title="Import of orders.csv", owner=owner, done=30, total=120, status=JobStatus.RUNNING
    )
    page = sign_in_page(owner)
    page.goto(f"/jobs/{job.pk}/")
    expect(page.locator("progress")).to_have_attribute("value", "30")

    Job.objects.filter(pk=job.pk).update(done=90)
    expect(page.locator("progress")).to_have_attribute("value", "90")

    Job.objects.filter(pk=job.pk).update(done=120, status=JobStatus.DONE)
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Cancel the job")).to_have_count(0)


def test_a_key_is_revoked_after_a_question(sign_in_page, administrator):
    ApiKey.objects.issue(name="Shop", scope=Scope.READ, owner=administrator, by=administrator)
    page = sign_in_page(administrator)
    page.on("dialog", lambda dialog: dialog.accept())

    page.goto("/settings/api-keys/")
    page.get_by_role("button", name="Revoke").click()
    if page.locator("dialog[open]").count():
        page.locator("dialog[open]").get_by_role("button").last.click()

    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()


def test_a_role_is_given_less(sign_in_page, administrator, analyst):
    page = sign_in_page(administrator)
    page.goto("/settings/roles/")
    page.get_by_role("link", name="Analyst").click()

    page.get_by_label("Take data out as files").uncheck()
    page.get_by_role("button", name="Save").click()

    row = page.get_by_role("row", name="Take data out as files")
    expect(row.get_by_text("changed")).to_have_count(1)
    assert not may(analyst, Capability.EXPORT)


@pytest.mark.parametrize(
    "path",
    [
        "/settings/users/",
        "/settings/users/new/",
        "/settings/teams/",
        "/settings/roles/",
        "/settings/roles/manager/",
        "/settings/api-keys/",
        "/settings/organisation/",
        "/settings/audit/",
        "/settings/profile/",
        "/jobs/",
        "/search/?q=us",
        "/",
    ],
)
def test_a_settings_page_fits_the_phone(sign_in_page, administrator, owner, path):
    ApiKey.objects.issue(name="Shop", scope=Scope.READ, owner=owner, by=administrator)
    page = sign_in_page(administrator)
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_two_factor_sign_in_is_set_up_on_a_phone_sized_screen(sign_in_page, owner):
    page = sign_in_page(owner)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/settings/profile/")
    page.get_by_role("link", name="Two-factor sign-in").click()
    page.get_by_role("link", name="Set it up").click()
    picture = page.locator("#two-factor-picture")
    assert picture.evaluate("image => image.naturalWidth") > 100
    secret = page.locator("#two-factor-key").inner_text()

    page.get_by_label("Code").fill("12")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("This code is wrong")).to_be_visible()
    assert page.locator("#two-factor-key").inner_text() == secret
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()

    expect(page.locator("#recovery-codes li")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Done").click()
    page.goto("/account/two-factor/")
    expect(page.get_by_text("10 codes are left.")).to_be_visible()
    page.get_by_role("link", name="Switch it off").click()
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text("You sign in with the password alone.")).to_be_visible()
