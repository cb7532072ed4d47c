"""Fixtures that every test may ask for, and how Hypothesis looks for examples."""

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.compiled_once import share_what_is_compiled
from tests.postgres import (
    _laid_out,
    any_database,
    empty_database,
    empty_postgres_database,
    postgres_database,
    postgres_url,
)

__all__ = [
    "_laid_out",
    "any_database",
    "empty_database",
    "empty_postgres_database",
    "postgres_database",
    "postgres_url",
]

# The same code gets the same verdict: examples follow from the test alone, and a busy machine fails nothing.
settings.register_profile("floorhand", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("floorhand")
# Other examples each time, to look for what the fixed ones miss: scripts/test --hypothesis-profile=search tests/sync
settings.register_profile(
    "search", derandomize=False, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# Hypothesis also tries the constants of every module that happens to be imported, and that is another set with each
# way of sharing the test files out.
providers._get_local_constants = Constants

share_what_is_compiled()
