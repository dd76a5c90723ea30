# One image for web, worker, crawler and beat; docker-compose.yml says which it is.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/.venv/bin:$PATH
WORKDIR /app

# First what changes seldom: system packages and Python packages, both by the same set-up as on a developer's machine.
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY scripts scripts
RUN mkdir accounts && scripts/setup && rm -rf /var/lib/apt/lists/* /root/.cache

COPY . .
# Compiles the catalogues, and the static files WhiteNoise serves; the key is used for nothing else and not kept.
RUN scripts/setup \
    && JIKIMI_HOME=/tmp/build JIKIMI_SECRET_KEY=for-the-build-only jikimi manage collectstatic --noinput \
    && rm -rf /tmp/build /root/.cache \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/jikimi jikimi \
    && install -d -o jikimi -g jikimi /var/lib/jikimi

ENV JIKIMI_HOME=/var/lib/jikimi
USER jikimi
EXPOSE 8000
CMD ["gunicorn", "jikimi.wsgi:application", "--bind=0.0.0.0:8000", "--workers=3", "--worker-tmp-dir=/dev/shm"]
