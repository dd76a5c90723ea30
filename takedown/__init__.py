"""Notices: the rights gate, duty profiles, drafts."""
