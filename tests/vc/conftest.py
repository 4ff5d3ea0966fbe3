"""How property tests run: the same cases each time, and no deadline, since machines differ and are shared."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "insignia", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("insignia")
