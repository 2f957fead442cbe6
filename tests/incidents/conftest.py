"""A clinic with a lost phone and its case, as in the tests of response."""

from tests.response.conftest import _mail_server, case, clinic, phone, second

__all__ = ("_mail_server", "case", "clinic", "phone", "second")
