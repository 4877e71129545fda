# Two images: `bot` (gateway, worker, migrate, doctor) and `nlu` (the dialogue engine with its trained model in it).
#   docker build --target bot -t faro/bot .     docker build --target nlu -t faro/nlu .
# Every step runs the command that a developer runs.

FROM python:3.12.12-slim-bookworm AS python312
FROM python:3.10.19-slim-bookworm AS python310

# --- bot ----------------------------------------------------------------------------------------------------------------

FROM python312 AS bot-build
WORKDIR /faro
COPY run pyproject.toml requirements.lock requirements-uv.lock ./
COPY bot/console/page/package.json bot/console/page/package-lock.json bot/console/page/.npmrc \
     bot/console/page/bundle.mjs bot/console/page/requirements.lock bot/console/page/
RUN --mount=type=cache,target=/root/.cache/uv ./run setup service console && rm -rf .tools/uv-* .tools/lock

FROM python312 AS bot
RUN useradd --uid 10001 --create-home faro && install --directory --owner faro --mode 700 /faro/var
WORKDIR /faro
COPY --from=bot-build /faro/.venv .venv
COPY --from=bot-build /faro/.tools .tools
COPY LICENSE ./
COPY nlu/questions.yml nlu/
COPY nlu/data nlu/data
COPY storage storage
COPY bot bot
ENV PATH=/faro/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 FARO_HOST=0.0.0.0
USER 10001
VOLUME /faro/var
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot.cli"]
CMD ["gateway"]

# --- nlu ----------------------------------------------------------------------------------------------------------------

FROM python310 AS nlu-build
WORKDIR /faro
COPY run requirements-uv.lock ./
COPY nlu/pyproject.toml nlu/requirements.lock nlu/
RUN --mount=type=cache,target=/root/.cache/uv ./run setup nlu
COPY config.yml ./
COPY nlu nlu
RUN ./run train

FROM python310 AS nlu
RUN useradd --uid 10002 --create-home faro
WORKDIR /faro/nlu
COPY --from=nlu-build /faro/nlu /faro/nlu
COPY config.yml /faro/
ENV PATH=/faro/nlu/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10002
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import json, urllib.request as u; \
assert json.load(u.urlopen('http://127.0.0.1:5005/webhooks/turns/health', timeout=4))['ready']"]
ENTRYPOINT ["python", "-W", "ignore", "serve.py"]
CMD ["--host", "0.0.0.0", "--port", "5005"]
