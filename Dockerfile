# One image for web, worker, crawler and beat; docker-compose.yml says which it is. Set up as any machine is.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/.venv/bin:$PATH
WORKDIR /app
# Written by the set-up, read by every container; JIKIMI_HOME is a volume.
ENV JIKIMI_MODELS=/app/models
COPY . .
RUN scripts/setup \
    && rm -rf /var/lib/apt/lists/* /root/.cache \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/jikimi jikimi \
    && install -d -o jikimi -g jikimi /var/lib/jikimi

ENV JIKIMI_HOME=/var/lib/jikimi
USER jikimi
EXPOSE 8000
CMD ["gunicorn", "jikimi.wsgi:application", "--bind=0.0.0.0:8000", "--workers=3", "--worker-tmp-dir=/dev/shm"]
