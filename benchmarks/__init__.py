"""Programs that measure every figure that the README quotes."""
