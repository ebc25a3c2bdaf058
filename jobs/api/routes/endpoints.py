"""The engine's endpoints."""

from __future__ import annotations

from jobs.api.endpoints import Endpoints

endpoints = Endpoints()
