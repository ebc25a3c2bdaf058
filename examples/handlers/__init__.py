"""Every handler of the examples: load them with ``QUEUEFLOW_HANDLERS=examples.handlers``.

Some need a package that is an extra. Where it is missing the handler is left out, so that this machine's workers do not
announce its type; the rest works as ever.
"""

import logging
from importlib import import_module
from importlib.util import find_spec

logger = logging.getLogger(__name__)

MODULES = ("analytics", "crm", "etl", "mail", "notifications", "orders", "payments", "reports", "shipping")
# Looked for, not imported: numpy starts threads when it is imported, and a pool can only fork while it has one thread.
NEEDS_EXTRA = {
    "thumbnails": ("PIL", "examples"),
    "training": ("numpy", "examples"),
    "video": ("imageio_ffmpeg", "video"),
}


def _load() -> None:
    for module in MODULES:
        import_module(f"{__name__}.{module}")
    for module, (package, extra) in NEEDS_EXTRA.items():
        if find_spec(package):
            import_module(f"{__name__}.{module}")
        else:
            logger.warning("%s is not installed: no %s handler; pip install '.[%s]' brings it", package, module, extra)


_load()
