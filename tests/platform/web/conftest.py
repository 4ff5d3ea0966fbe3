"""The tests of pages use the same browser as the journeys."""

from tests.browser import *  # noqa: F403  - pytest finds fixtures by name in this module
