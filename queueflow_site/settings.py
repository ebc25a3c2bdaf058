"""Django settings, all from environment variables; .env.example lists them with a line each."""

import sys
from pathlib import Path

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from jobs import conf, logs
from jobs.proxies import local_only
from queueflow_site.env import database, flag, kept_secret_key, origins, read_environment

BASE_DIR = Path(__file__).resolve().parent.parent

env, _file_problems = read_environment(BASE_DIR)
env.ENVIRON.setdefault("QUEUEFLOW_VAR_DIR", str(BASE_DIR / "var"))

QUEUEFLOW, _problems = conf.read(env.ENVIRON)
DEBUG, _debug_problems = flag(env, "DEBUG")
_database, _database_problems = database(env, QUEUEFLOW.var_dir)

# An installation that brings its own store keeps its own key too. One that is given a store may have several hosts,
# which must share a key, so it has to be given one.
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY and (DEBUG or QUEUEFLOW.is_embedded):
    SECRET_KEY = kept_secret_key(QUEUEFLOW.var_dir / "secret_key")
_key_hint = "it is needed with REDIS_URL; give 50 random characters, the same on every host (or set SECRET_KEY_FILE)"
_key_problems = () if SECRET_KEY else (conf.ConfigProblem("SECRET_KEY", "", _key_hint),)

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS, _csrf_problems = origins(env, "CSRF_TRUSTED_ORIGINS", subdomains=True)
CORS_ALLOWED_ORIGINS, _cors_problems = origins(env, "CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key"]
CORS_EXPOSE_HEADERS = ["Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"]

# jobs.checks reports them; nothing that needs the configuration starts while there are any.
QUEUEFLOW_PROBLEMS = (
    *_file_problems, *_problems, *_debug_problems, *_database_problems, *_key_problems,
    *_csrf_problems, *_cors_problems,
)  # fmt: skip

# Those that work start a quarter sooner without what pages are made of. Where a handler asks for an address all the
# same, the site's addresses bring the admin's with them.
WORKS = sys.argv[1:2] in (["worker"], ["workerpool"], ["scaler"], ["scheduler"])
INSTALLED_APPS = [
    # Before staticfiles: its runserver speaks ASGI. Any other command would only start a fifth later for it.
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "django.contrib.admin.apps.SimpleAdminConfig" if WORKS else "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "queueflow_site.apps.StaticFilesConfig",
    "channels",
    "corsheaders",
    "csp",
    "django_htmx",
    "django_prometheus",
    *([] if WORKS else ["ninja"]),  # its documentation page then comes from our own static files
    "jobs",
    "scaling",
    "schedules",
    "monitoring",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "jobs.web.methods.MethodsFirst",  # Django's check of CSRF tokens
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "queueflow_site.urls"
ASGI_APPLICATION = "queueflow_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "monitoring.context.frame",
            ],
        },
    },
]

# Bodies are limited by the API itself; Django's own limit would answer the larger ones with a bare 400.
DATA_UPLOAD_MAX_MEMORY_SIZE = QUEUEFLOW.max_body_bytes

DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# What /health says a word on; each class is a monitoring.health_part.HealthPart.
QUEUEFLOW_HEALTH_PARTS = [
    "monitoring.health_parts.StoreHealth",
    "monitoring.health_parts.WorkersHealth",
    "monitoring.health_parts.MaintenanceHealth",
    "monitoring.scaling_health.ScalingHealth",
    "monitoring.schedule_health.SchedulerHealth",
    "monitoring.health_parts.OutboxHealth",
    "monitoring.health_parts.DatabaseHealth",
]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = QUEUEFLOW.var_dir / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "queueflow_site.vendor.VendorFinder",
]
_static_storage = "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "queueflow_site.static.Storage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}
MEDIA_ROOT = QUEUEFLOW.var_dir / "media"

LOGGING_CONFIG = "jobs.logs.configure"
LOGGING = logs.logging_config(QUEUEFLOW.log_level, QUEUEFLOW.log_format)

# Cookies go over https only. A site that answers to names of its own machine alone is reached without it, as by
# `make run`: what browsers send there does not leave the machine.
_by_https = any(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG and (_by_https or not local_only(ALLOWED_HOSTS))
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Django and jobs.web.headers send it to those who came by https (TRUSTED_PROXIES says so), and to nobody else.
SECURE_HSTS_SECONDS = 31_536_000  # a year
X_FRAME_OPTIONS = "DENY"
# What `check --deploy` would have otherwise, and why it is as it is.
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # jobs.web.methods.MethodsFirst is Django's check of CSRF tokens
    "security.W005",  # HSTS is about this host: others of the domain are not ours to speak for
    "security.W008",  # the proxy that ends TLS redirects; probes inside come without it
    "security.W021",  # for the same reason nobody is asked to preload it
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
