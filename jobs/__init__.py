"""Watches, schedules, crawl runs, health of each market."""
