"""The pickle kernel: bytes to opcodes, opcodes to facts. It never builds an object."""
