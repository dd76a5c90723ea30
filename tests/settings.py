"""Settings for tests: a folder of their own for everything written, a fast password hasher, English."""

import os
import tempfile

os.environ.setdefault("JIKIMI_HOME", tempfile.mkdtemp(prefix="jikimi-test-"))
os.environ.setdefault("JIKIMI_SECRET_KEY", "for tests only")
os.environ.setdefault("JIKIMI_LANGUAGE", "en")

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405 (from the settings above)
    # A file, not memory: in memory Django lets a live server's threads share one connection, and their transactions
    # get into each other's way (seen as sporadic 500s on 2026-11-23).
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}  # noqa: F405 (likewise)
