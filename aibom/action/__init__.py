"""The GitHub Action: what `action.yml` runs. It is told everything in environment variables."""
