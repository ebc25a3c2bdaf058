"""Finding handlers in installed apps and in the modules that the configuration lists."""

import sys
from dataclasses import replace

import pytest
from django.test import modify_settings

from jobs.conf import Config
from jobs.errors import ConfigError
from jobs.handlers import discovery, registry

SOURCE = "from jobs import handler\n@handler({name!r})\ndef work(payload): ...\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a function that makes an importable package with a `handlers` module of the given source."""
    before, names = registry.types(), []
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(discovery, "_search", discovery._Search())

    def make(name, source):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "handlers.py").write_text(source)
        names.append(name)
        return f"{name}.handlers"

    yield make
    for name in registry.types() - before:
        registry.remove(name)
    for name in names:
        sys.modules.pop(f"{name}.handlers", None)
        sys.modules.pop(name, None)


def test_handlers_of_installed_apps_are_found(package):
    package("discovered_app", SOURCE.format(name="in-app"))
    with modify_settings(INSTALLED_APPS={"append": "discovered_app"}):
        assert "in-app" in discovery.discover().types()


def test_handlers_of_listed_modules_are_found(package):
    path = package("discovered_module", SOURCE.format(name="in-module"))
    assert "in-module" in discovery.discover([path]).types()
    assert "in-module" in discovery.discover([path]).types()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def", "SyntaxError: "),
    ],
)
def test_a_module_that_cannot_be_imported_is_named_with_the_reason(package, source, reason):
    path = package("broken_module", source)
    with pytest.raises(ConfigError) as caught:
        discovery.discover([path])
    assert str(caught.value).startswith(f"handlers cannot be loaded from broken_module.handlers: {reason}")


def test_a_handler_that_is_refused_says_so_itself(package):
    path = package("refused_module", SOURCE.format(name="a b"))
    with pytest.raises(ConfigError, match="handler 'a b'"):
        discovery.discover([path])


def test_whoever_enqueues_does_without_a_module_that_cannot_be_imported(package, configure, caplog):
    paths = (package("bad_module", "1 / 0"), package("good_module", SOURCE.format(name="in-good-module")))
    configure(replace(Config(), handler_modules=paths))
    assert "in-good-module" in discovery.known_handlers().types()
    assert "handlers cannot be loaded from bad_module.handlers: ZeroDivisionError" in caplog.text
    caplog.clear()
    assert "in-good-module" in discovery.known_handlers().types()
    assert caplog.text == ""


def test_a_module_may_ask_for_handlers_while_it_is_imported(package, configure):
    source = "from jobs.handlers.discovery import known_handlers\nknown_handlers()\n" + SOURCE.format(name="eager")
    configure(replace(Config(), handler_modules=(package("eager_module", source),)))
    assert "eager" in discovery.known_handlers().types()
