"""The settings page of the demo company, and the start page beside it."""

from clm.accounts import jobs
from clm.accounts.models import Job
from clm.demo.models import Demo, DemoState
from customers.models import Customer


def test_an_administrator_loads_it_with_one_button(sign_in, administrator):
    client = sign_in(administrator)

    offered, asked = client.get("/settings/demo/"), client.post("/settings/demo/loading/")
    shown = client.get("/settings/demo/")

    assert "Load the demo company" in offered.content.decode()
    assert asked.headers["Location"] == "/settings/demo/"
    assert 'hx-get="/settings/demo/"' in shown.content.decode()
    assert [job.kind for job in Job.objects.all()] == ["demo.load"]


def test_pressing_twice_makes_one(sign_in, administrator):
    client = sign_in(administrator)

    client.post("/settings/demo/loading/")
    client.post("/settings/demo/loading/")

    assert Job.objects.count() == Demo.objects.count() == 1


def test_it_is_not_offered_beside_data_of_ones_own(sign_in, administrator):
    Customer.objects.create(name="Ada")
    client = sign_in(administrator)

    page, asked = client.get("/settings/demo/"), client.post("/settings/demo/loading/", follow=True)

    assert "Load the demo company" not in page.content.decode()
    assert "data of your own" in asked.content.decode()
    assert not Demo.objects.exists()


def test_a_banner_tells_everybody_how_far_it_is(sign_in, administrator, analyst):
    sign_in(administrator).post("/settings/demo/loading/")
    Job.objects.update(done=43, total=100)

    page = sign_in(analyst).get("/lifecycle/")

    assert "The demo company is being loaded (43%)" in page.content.decode()


def test_no_banner_for_one_that_is_here(sign_in, administrator):
    Demo.objects.create(pk=1, seed=1, size=1, last_day="2026-01-01", state=DemoState.LOADED)

    page = sign_in(administrator).get("/customers/")

    assert "demo company is being" not in page.content.decode()


def test_removing_asks_for_a_job_and_says_so(sign_in, administrator):
    Demo.objects.create(pk=1, seed=1, size=1, last_day="2026-01-01", state=DemoState.LOADED)
    client = sign_in(administrator)

    client.post("/settings/demo/removal/")
    job = Job.objects.get()
    jobs.drive(job)

    assert job.kind == "demo.removal"
    assert not Demo.objects.exists()
    assert "Load the demo company" in client.get("/settings/demo/").content.decode()


def test_removing_nothing_is_told(sign_in, administrator):
    page = sign_in(administrator).post("/settings/demo/removal/", follow=True)

    assert "There is no demo company here." in page.content.decode()
    assert not Job.objects.exists()


def test_one_that_stopped_can_go_on(sign_in, administrator):
    client = sign_in(administrator)
    client.post("/settings/demo/loading/")
    Job.objects.get().cancel(by=administrator)

    page = client.get("/settings/demo/")

    assert "Go on loading" in page.content.decode()


def test_the_start_page_leads_round_the_demo(sign_in, administrator):
    Demo.objects.create(pk=1, seed=1, size=1, last_day="2026-01-01", state=DemoState.LOADED)

    page = sign_in(administrator).get("/")

    assert [place.href for place in page.context["tour"]][:3] == ["/lifecycle/", "/customers/", "/leads/"]
    assert "Remove the demo company" in page.content.decode()


def test_the_first_minutes_in_a_browser(administrator, sign_in_page):
    page = sign_in_page(administrator)

    page.goto("/")
    page.get_by_role("button", name="Load the demo company").click()
    page.get_by_text("None of its people").wait_for(state="detached")
    page.goto("/start/")
    page.get_by_text("The demo company is being loaded").first.wait_for()
    page.get_by_role("button", name="Put these steps away").click()

    page.wait_for_url("**/lifecycle/")
    administrator.refresh_from_db()
    assert administrator.started_at is not None
