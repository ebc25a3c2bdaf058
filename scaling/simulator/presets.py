"""The guards that suit each strategy, as the simulations use them."""

from __future__ import annotations

from scaling.policy import Policy

DEPTH_COOLDOWNS = {"default": 60.0, "predictive": 60.0, "aggressive": 30.0, "conservative": 120.0}


def preset(strategy: str, startup: float) -> Policy:
    """A policy with thresholds of 50 and 10; `startup` is that of a worker in seconds.

    The rules of depth have one cooldown for both directions and nothing else. The latency target holds by itself, and
    shrinks at most every 30 s or every two start-ups. Others have the 300 s of the Horizontal Pod Autoscaler.
    """
    if strategy in DEPTH_COOLDOWNS:
        wait = DEPTH_COOLDOWNS[strategy]
        return Policy(strategy=strategy, cooldown_up=wait, cooldown_down=wait, stabilization=0, tolerance=0)
    if strategy == "latency_target":
        return Policy(strategy=strategy, cooldown_down=max(30.0, 2 * startup), stabilization=0)
    return Policy(strategy=strategy, cooldown_down=0, stabilization=300, tolerance=0.1)
