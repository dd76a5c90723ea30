"""Organisations, users, roles, audit log, outbox."""
