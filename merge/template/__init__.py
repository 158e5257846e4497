"""A Word template: its tags found, checked, compiled once and filled for every pair."""
