"""The pytest plugin of the scenarios: routes, users and services as fixtures; recording."""
