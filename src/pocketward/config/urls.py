"""The URL table: pages of people; devices and servers are mounted beside Django in `config.asgi`."""

from __future__ import annotations

import importlib.util

from django.urls import include, path

urlpatterns = []
if importlib.util.find_spec("pocketward.web.urls"):
    urlpatterns.append(path("", include("pocketward.web.urls")))
    handler404 = "pocketward.web.notices.not_found"
    handler500 = "pocketward.web.notices.broken"
