# Two stages: uv and its cache stay in the first, the second runs as a user without rights.
FROM python:3.11-slim-bookworm AS build
RUN pip install --no-cache-dir "uv>=0.9"
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
# With what the demo company is made of: CLM_DEMO=1 loads it.
RUN uv sync --frozen --no-dev --extra demo
COPY . .
# Only so that the settings load: nothing is signed with it, and nothing of it is kept.
RUN SECRET_KEY=while-building .venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app clm && mkdir -p /media /erasures && chown clm /media /erasures
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=clm.settings MEDIA_ROOT=/media
USER clm
VOLUME ["/media", "/erasures"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "clm.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload", "--max-requests", "2000", "--max-requests-jitter", "200", "--limit-request-line", "8190", "--log-level", "warning", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
