"""What every view about people does: answer a form, and know who asks."""

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from upstander.web.accounts.models import Person


def with_form(request: HttpRequest, template: str, form: forms.Form, **context: object) -> HttpResponse:
    """A page with a form: 422 where what was sent will not do."""
    return render(request, template, {"form": form, **context}, status=422 if request.method == "POST" else 200)


def person_of(request: HttpRequest) -> Person:
    """Who asks, on a page that nobody reaches unless signed in."""
    return cast("Person", request.user)
