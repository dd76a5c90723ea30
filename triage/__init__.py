"""Flags, queue, verdicts, memory."""
