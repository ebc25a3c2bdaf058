"""A WSGI application for hosts that cannot serve ASGI: pages and REST, without live updates."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queueflow_site.settings")

application = get_wsgi_application()
