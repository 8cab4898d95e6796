"""The program behind the Action, without a runner."""
