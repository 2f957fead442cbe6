"""What a model is called in the shop: a phone tells only "iPhone" and a number such as iPhone15,4."""

import json
from functools import cache
from importlib.resources import files
from typing import cast


@cache
def _names() -> dict[str, str]:
    """Model number -> name, as Apple's "Identify your iPhone" and "Identify your iPad" pages call them."""
    text = files("pocketward.web.phones").joinpath("models.json").read_text(encoding="utf-8")
    return cast("dict[str, str]", json.loads(text))


def model_words(product_name: str, otherwise: str) -> str:
    """The model's name; for a number that is not known, `otherwise` with the number behind it."""
    known = _names().get(product_name)
    if known is not None:
        return known
    return f"{otherwise} ({product_name})" if product_name and product_name != otherwise else otherwise
