"""Bring feeds in."""
