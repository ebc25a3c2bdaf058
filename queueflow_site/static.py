"""Where static files go: hashed names and compressed copies, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """Whitenoise's storage, which also rewrites the imports inside ES modules to hashed names."""

    support_js_module_import_aggregation = True
