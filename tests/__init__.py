"""The tests, in folders that mirror the source; what several need is in `tests.helpers`."""
