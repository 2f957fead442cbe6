"""A bounded pool of lasting threads for database work behind raw ASGI endpoints."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")
THREADS = 8

_pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="endpoint")


def _run(context: contextvars.Context, work: Callable[[], Result]) -> Result:
    try:
        return context.run(work)
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()


async def run_in_pool(work: Callable[..., Result], *args: object, **kwargs: object) -> Result:
    """Run synchronous work on the pool in the caller's context; its result or exception."""
    call = functools.partial(work, *args, **kwargs)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, _run, contextvars.copy_context(), call)
