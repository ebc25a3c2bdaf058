"""QueueFlow's configuration: one frozen object, read once from environment variables.

`read` never raises: it returns every problem at once, so that `manage.py check` can list them; `load` and
`get_config` raise.
"""

from .config import SECRET_NAMES, Config
from .reading import ConfigProblem, get_config, load, read, with_secret_files

__all__ = ["SECRET_NAMES", "Config", "ConfigProblem", "get_config", "load", "read", "with_secret_files"]
