"""docker-compose.yml, Dockerfile, .env.example and docs/settings.md say what settings and runner do."""

import json
import re
from typing import Any

import pytest
import yaml
from django.conf import settings

from clm.local import environment, programs
from clm.local.check import STEPS
from clm.local.places import CHECKOUT, Places

COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
OF_RUNNER = {program.name: program.command for program in programs.programs(Places(CHECKOUT), 8000)}
OF_SETTINGS = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (CHECKOUT / "clm/settings.py").read_text()))
# Read by the runner, by compose itself, or by Celery.
OF_OTHERS = {
    "PORT",
    "POSTGRES_PASSWORD",
    "CLM_ADMIN_EMAIL",
    "CLM_ADMIN_PASSWORD",
    "CLM_DEMO",
    "REMAP_SIGTERM",
}


def options(command: list[str]) -> set[str]:
    """The flags with their values, without where to listen and where to keep files."""
    text = " ".join(command)
    places = r"--(bind|schedule|worker-tmp-dir) \S+"
    return set(re.findall(r"--[a-z-]+(?: (?!--)\S+)?", re.sub(places, "", text)))


def test_the_production_shape_is_complete() -> None:
    assert set(SERVICES) == {"postgres", "valkey", "migrate", "web", "worker", "beat", "mail"}
    assert SERVICES["mail"]["profiles"] == ["development"]


@pytest.mark.parametrize("name", ["web", "worker"])
def test_erasures_are_written_where_no_restore_takes_them_back(name: str) -> None:
    log = SERVICES[name]["environment"]["ERASURE_LOG"]

    assert "erasures:/erasures" in SERVICES[name]["volumes"]
    assert log.startswith("/erasures/")
    assert "chown clm /media /erasures" in DOCKERFILE
    assert "erasures" in COMPOSE["volumes"]


def test_web_runs_as_the_runner_runs_it() -> None:
    command = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1])

    assert command[:2] == ["gunicorn", "clm.wsgi:application"]
    assert options(command) == options(OF_RUNNER["web"])
    assert "0.0.0.0:8000" in command
    assert "EXPOSE 8000" in DOCKERFILE
    assert SERVICES["web"]["ports"] == ["${PORT:-8000}:8000"]


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_background_work_runs_as_the_runner_runs_it(name: str) -> None:
    assert options(SERVICES[name]["command"]) == options(OF_RUNNER[name])
    assert SERVICES[name]["environment"]["STATEMENT_TIMEOUT"] == environment.WORKER_STATEMENT_TIMEOUT


def test_somebody_listens_to_every_queue() -> None:
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}

    assert set(programs.QUEUES) == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}


def test_a_stop_leaves_celery_its_time() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))

    assert grace > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT
    assert SERVICES["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


def test_there_is_one_scheduler() -> None:
    assert SERVICES["beat"]["deploy"]["replicas"] == 1


def test_the_broker_forgets_nothing() -> None:
    assert options(SERVICES["valkey"]["command"]) == {
        "--appendonly yes",
        "--appendfsync everysec",
        "--maxmemory-policy noeviction",
    }


def test_addresses_name_the_services() -> None:
    given = SERVICES["web"]["environment"]

    assert re.search(r"@(\w+):5432/", given["DATABASE_URL"])[1] in SERVICES
    assert re.search(r"//(\w+):6379/", given["REDIS_URL"])[1] in SERVICES


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "beat"])
def test_every_variable_is_one_that_somebody_reads(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= OF_SETTINGS | OF_OTHERS


def test_the_example_names_only_variables_that_somebody_reads() -> None:
    named = set(re.findall(r"^([A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), re.MULTILINE))

    assert named <= OF_SETTINGS | OF_OTHERS
    assert {"SECRET_KEY", "SITE_URL", "POSTGRES_PASSWORD"} <= named


def test_every_setting_is_in_the_documentation() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)`", (CHECKOUT / "docs/settings.md").read_text(), re.MULTILINE))

    assert OF_SETTINGS - told == set()
    assert told - OF_SETTINGS - OF_OTHERS == {"POSTGRES_BIN", "CLM_LOCAL_DIR"}


def test_the_first_administrator_has_a_password_that_somebody_knows() -> None:
    """Made up in a container it would be told to nobody, and there is no place to keep it."""
    assert SERVICES["migrate"]["environment"]["CLM_ADMIN_PASSWORD"] == "${CLM_ADMIN_PASSWORD:?set it in .env}"


def test_the_image_can_make_the_demo_company_it_offers() -> None:
    assert "CLM_DEMO=0" in (CHECKOUT / ".env.example").read_text()
    assert "uv sync --frozen --no-dev --extra demo\n" in DOCKERFILE


def test_the_image_runs_as_a_user_without_rights() -> None:
    last_stage = DOCKERFILE.rpartition("FROM ")[2]

    assert "USER clm" in last_stage
    assert last_stage.index("USER clm") < last_stage.index('CMD ["gunicorn"')


def test_contributors_read_of_every_check() -> None:
    told = (CHECKOUT / "CONTRIBUTING.md").read_text()

    assert [step.name for step in STEPS if f"`{step.name}`" not in told] == []
