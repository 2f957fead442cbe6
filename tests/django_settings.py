"""The product's own Django settings over a home of this test run, in a demo world so clocks may move."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="pocketward-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["POCKETWARD_HOME"] = _home
os.environ["POCKETWARD_WORLD"] = "demo"

from pocketward.config.django_settings import *  # noqa: E402, F403

if POCKETWARD.database.engine == "postgresql":  # noqa: F405
    # One role and one connection for all, since each test is one transaction that is undone; it enters
    # and leaves scopes as it likes. tests/stores tests the true roles and the true rule.
    DATABASES["default"]["ENGINE"] = "tests.factories.postgresql_in_tests"  # noqa: F405
    del DATABASES["worker"]  # noqa: F405
