"""The GitHub Action, run by act as GitHub's runner runs it."""
