"""The engine's endpoints."""

from __future__ import annotations

from jobs.api.endpoint import Endpoints

endpoints = Endpoints()
