"""The ASGI application that the web process serves."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queueflow_site.settings")
site = get_asgi_application()

# What follows needs Django's apps to be ready.
from django.conf import settings  # noqa: E402

from jobs.api.body_limit import BodyLimit  # noqa: E402
from jobs.api.short_way import ShortWay  # noqa: E402
from jobs.web.asgi import no_sockets  # noqa: E402
from jobs.web.compressed import Compressed  # noqa: E402
from jobs.web.headers import SecurityHeaders  # noqa: E402
from jobs.web.proxied import Proxied  # noqa: E402
from monitoring.consumers import Live  # noqa: E402
from monitoring.probes import Probes  # noqa: E402
from queueflow_site.api import endpoints  # noqa: E402

config = settings.QUEUEFLOW
answering = Compressed(Probes(BodyLimit(ShortWay(site, endpoints.all), config.max_body_bytes)))
http = SecurityHeaders(answering, settings.SECURE_HSTS_SECONDS)
application = Proxied(ProtocolTypeRouter({"http": http, "websocket": Live(no_sockets)}), config.trusted_proxies)
