"""What several test modules need: `from tests.helpers.<idea> import …`, one module an idea."""
