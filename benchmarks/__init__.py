"""Programs that measure every figure that the README and docs/ quote."""
