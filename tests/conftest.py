"""Fixtures that every test may ask for, and how Hypothesis looks for examples."""

from hypothesis import HealthCheck, settings

from tests.postgres import any_database, postgres_database, postgres_url

__all__ = ["any_database", "postgres_database", "postgres_url"]

# The same code gets the same verdict: examples follow from the test alone, and a busy machine fails nothing.
settings.register_profile("floorhand", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("floorhand")
