"""Settings for tests: a folder of their own for everything written, a fast password hasher, English."""

import os
import tempfile

os.environ.setdefault("JIKIMI_HOME", tempfile.mkdtemp(prefix="jikimi-test-"))
os.environ.setdefault("JIKIMI_SECRET_KEY", "for tests only")
os.environ.setdefault("JIKIMI_LANGUAGE", "en")

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
