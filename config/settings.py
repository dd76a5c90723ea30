"""Django settings. Everything an operator changes comes from the environment; see docs/how-to/operate.md."""

from __future__ import annotations

from pathlib import Path

import environ

env = environ.Env()

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(env.str("JIKIMI_HOME", str(ROOT / "var"))).resolve()
EVIDENCE_DIR = HOME / "evidence"
SPOOL_DIR = HOME / "spool"
INDEX_DIR = HOME / "index"
MEDIA_ROOT = HOME / "media"

DEBUG = env.bool("JIKIMI_DEBUG", False)
# A key made per installation by `jikimi` (config/secret.py) unless the operator sets one; never committed.
SECRET_KEY = env.str("JIKIMI_SECRET_KEY", "") or __import__("config.secret", fromlist=["key"]).key(HOME)
ALLOWED_HOSTS = env.list("JIKIMI_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("JIKIMI_CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("JIKIMI_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "jikimi",  # these two come first: their templates replace allauth's
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "rules.apps.AutodiscoverRulesConfig",
    "django_filters",
    "django_htmx",
    "csp",
    "registry",
    "jobs",
    "listings",
    "triage",
    "takedown",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "jikimi.urls"
WSGI_APPLICATION = "jikimi.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

DATABASES = {"default": env.db_url("JIKIMI_DATABASE_URL", default=f"sqlite:///{HOME / 'jikimi.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # One writer at a time: take the write lock at BEGIN, wait for it, and let readers go on (WAL).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [  # argon2 for new ones, PBKDF2 so that old ones stay readable
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"

LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_CODE = env.str("JIKIMI_LANGUAGE", "ko")
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("JIKIMI_TIME_ZONE", "Asia/Seoul")
LOCALE_PATHS = [ROOT / room / "locale" for room in INSTALLED_APPS if (ROOT / room / "locale").is_dir()]

STATIC_URL = "/static/"
STATIC_ROOT = env.str("JIKIMI_STATIC_DIR", "") or None  # where collectstatic writes; not needed with the finders
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# Distributed engine; the embedded default drains the outbox itself (`jikimi work`).
CELERY_BROKER_URL = env.str("JIKIMI_REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True

# The outbox: how long a worker may take over one message before it counts as dead, how often a message is tried, and
# how long until it is tried again (doubled each time).
OUTBOX_LEASE_SECONDS = env.float("JIKIMI_OUTBOX_LEASE_SECONDS", 900)
OUTBOX_ATTEMPTS = env.int("JIKIMI_OUTBOX_ATTEMPTS", 8)
OUTBOX_RETRY_SECONDS = env.float("JIKIMI_OUTBOX_RETRY_SECONDS", 10)
OUTBOX_POLL_SECONDS = env.float("JIKIMI_OUTBOX_POLL_SECONDS", 2)

# "embedded" (SQLite FTS5 and a binary index below JIKIMI_HOME) or the address of an Elasticsearch cluster.
SEARCH_URL = env.str("JIKIMI_SEARCH_URL", "embedded")
SEARCH_PREFIX = env.str("JIKIMI_SEARCH_PREFIX", "jikimi")
SEARCH_API_KEY = env.str("JIKIMI_SEARCH_API_KEY", "")

# Who a crawl says it is. A marketplace must be able to write to somebody.
CRAWL_CONTACT = env.str("JIKIMI_CONTACT", "")
# How long a crawl may go without a sign of life before another worker may take its run over.
CRAWL_LEASE_SECONDS = env.float("JIKIMI_CRAWL_LEASE_SECONDS", 600)
# Exact host:port pairs on private networks that may be fetched (the sandbox); nothing else private ever is.
FETCH_ALLOWED_PRIVATE = env.list("JIKIMI_FETCH_ALLOWED_PRIVATE", default=[])
CHROMIUM = env.str("JIKIMI_CHROMIUM", "")  # empty: looked for on the machine

# Who is told when a market's health changes: a webhook (JSON, signed with the secret) and addresses a mail goes to.
HEALTH_WEBHOOK = env.str("JIKIMI_HEALTH_WEBHOOK", "")
HEALTH_SECRET = env.str("JIKIMI_HEALTH_SECRET", "")
HEALTH_MAIL_TO = env.list("JIKIMI_HEALTH_MAIL_TO", default=[])
DEFAULT_FROM_EMAIL = env.str("JIKIMI_MAIL_FROM", "jikimi@localhost")
vars().update(env.email_url_config(env.str("JIKIMI_MAIL_URL", "") or "consolemail://"))  # the EMAIL_ settings

# Flags at or above this probability enter the queue.
QUEUE_THRESHOLD = env.float("JIKIMI_QUEUE_THRESHOLD", 0.5)

# Matches below the threshold that people of each organisation are shown a day, to tell what is missed; 0: none.
SPOT_CHECKS_A_DAY = env.int("JIKIMI_SPOT_CHECKS_A_DAY", 0)

# The rights gate: how long a look into the register, and an evidence screenshot, stay good enough for a notice.
RIGHT_STATUS_MAX_DAYS = env.int("JIKIMI_RIGHT_STATUS_MAX_DAYS", 90)
EVIDENCE_MAX_HOURS = env.int("JIKIMI_EVIDENCE_MAX_HOURS", 24)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("JIKIMI_LOG_LEVEL", "WARNING")},
}
