"""Django's settings, derived from ours; nothing here is set by hand elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pocketward.config.settings import database_password, load_settings
from pocketward.kernel import clock
from pocketward.kernel.settings import Settings

POCKETWARD: Settings = load_settings(
    Path(os.environ.get("POCKETWARD_HOME", "var/dev")).resolve(), os.environ.get("POCKETWARD_WORLD", "real")
)
if POCKETWARD.world == "demo":
    clock.set_offset_file(POCKETWARD.clock_offset_file)

SECRET_KEY = POCKETWARD.secret_key
DEBUG = POCKETWARD.debug
ALLOWED_HOSTS = list(POCKETWARD.trusted_hosts)
ROOT_URLCONF = "pocketward.config.urls"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
SOURCE = Path(__file__).resolve().parent.parent
LOCALE_PATHS = [SOURCE / "locale"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the order in which their events are handled, the ground first.
_DOMAINS = (
    "ledger", "practice", "pki", "policy", "fleet", "posture", "access", "rollout", "response", "incidents",
    "overview",
)  # fmt: skip

INSTALLED_APPS = [
    "pocketward.spine",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    *(f"pocketward.{name}" for name in _DOMAINS),
    "pocketward.config",
]

AUTH_USER_MODEL = "practice.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "pocketward.web.too_large.TooLarge",
    "pocketward.web.components.asked.OnlyWrittenText",
    "pocketward.web.form_addresses.FormAddresses",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Pages keep their templates beside their views.
        "DIRS": sorted((SOURCE / "web").glob("**/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["pocketward.web.components.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


def _sqlite() -> dict[str, Any]:
    path = POCKETWARD.home / "db" / "pocketward.sqlite3"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "ENGINE": "pocketward.spine.backends.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            # What was erased leaves no trace in free pages.
            "PRAGMA secure_delete=ON;",
        },
        # In memory a second thread would see another database; the writer is one.
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


# A server that hangs inside a transaction must not keep the others waiting for ever.
_PATIENCE = {"options": "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"}


def _postgresql(role: str) -> dict[str, Any]:
    base = POCKETWARD.database
    return {
        "ENGINE": "pocketward.spine.backends.postgresql",
        "NAME": base.name,
        "HOST": base.host,
        "PORT": base.port,
        "USER": getattr(base, role),
        "PASSWORD": database_password(POCKETWARD, role),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"application_name": f"pocketward {role}"} | ({} if role == "owner" else _PATIENCE),
    }


if POCKETWARD.database.engine == "postgresql":
    # `migrate` alone runs as the owner, in a process of its own.
    DATABASES = (
        {"default": _postgresql("owner")}
        if os.environ.get("POCKETWARD_DATABASE_ROLE") == "owner"
        else {"default": _postgresql("app"), "worker": _postgresql("worker")}
    )
else:
    DATABASES = {"default": _sqlite()}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

STATIC_URL = "/static/"
STATICFILES_DIRS = [SOURCE / "web" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = POCKETWARD.people_url.startswith("https://")
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_TRUSTED_ORIGINS = [POCKETWARD.people_url]
CSRF_FAILURE_VIEW = "pocketward.web.notices.from_elsewhere"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = POCKETWARD.mail.host
EMAIL_PORT = POCKETWARD.mail.port
EMAIL_HOST_USER = POCKETWARD.mail.user
EMAIL_HOST_PASSWORD = POCKETWARD.mail.password
EMAIL_USE_TLS = POCKETWARD.mail.starttls
DEFAULT_FROM_EMAIL = POCKETWARD.mail.sender

from pocketward.config.sign_in_settings import *  # noqa: E402, F403
