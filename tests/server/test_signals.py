"""Ctrl-C reaches everything in the terminal but the server."""

import os
import signal

from jobs.server import find_server


def test_ctrl_c_leaves_the_server_until_the_starter_has_drained(var_dir, starter):
    running = starter()
    running.hear()
    os.killpg(running.process.pid, signal.SIGINT)
    # It pings the server after the interrupt, before it ends it.
    assert running.hear() == {"drained": True, "ended": True}
    assert running.process.wait(10) == 0
    assert find_server(var_dir) is None


def test_a_closed_terminal_leaves_the_server_to_the_next_start(var_dir, starter):
    running = starter()
    first = running.hear()
    os.killpg(running.process.pid, signal.SIGHUP)
    running.process.wait(10)
    assert find_server(var_dir) == first["url"]
    assert os.getsid(first["pid"]) == first["pid"]
