"""Answers as figures and pages to look at: one file a command."""
