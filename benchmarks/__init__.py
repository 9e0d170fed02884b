"""Figures as ratios against something run in the same minute. Run: `make bench`."""
