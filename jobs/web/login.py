"""The one page to log in at, for the dashboard and for the admin, with a limit to guessing."""

from __future__ import annotations

from functools import cache
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from jobs.access.address import client_address
from jobs.access.throttle import LoginThrottle
from jobs.access.wait import Wait
from jobs.api.gateway import get_gateway
from jobs.store.buckets import Bucket, Taken


class ThrottledLogin(LoginView):
    """Django's login; who has guessed too often gets 429 and hears how long to wait, whether the name exists or not."""

    http_method_names = ["get", "head", "post", "options"]  # Django's forms take PUT as well

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try to log in."""
        wait = throttle().wait(client_address(request), self._name)
        if wait.seconds:
            return self._too_often(wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password was right."""
        throttle().forgive(client_address(self.request), self._name)
        return super().form_valid(form)

    @property
    def _name(self) -> str:
        return self.request.POST.get("username", "")

    def _too_often(self, wait: Wait) -> HttpResponse:
        # An unbound form: one with data would check the password.
        form = self.get_form_class()(self.request, initial={"username": self._name[:150]})
        context = self.get_context_data(form=form, wait_seconds=wait.seconds)
        return self.render_to_response(context, status=429, headers=wait.headers)


def to_login(request: HttpRequest) -> HttpResponse:
    """Send those whom the admin asks to log in to the one page for that."""
    wanted = request.GET.get("next") or reverse("admin:index")
    return redirect_to_login(wanted, reverse(settings.LOGIN_URL))


@cache
def throttle() -> LoginThrottle:
    """This process's throttle."""
    return LoginThrottle(_take)


def _take(bucket: Bucket, cost: int) -> Taken:
    return async_to_sync(get_gateway().run)(lambda store: store.buckets.take(bucket, cost))
