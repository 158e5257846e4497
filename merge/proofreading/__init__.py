"""Proofreading: check finished letters, and report possible mistakes."""
