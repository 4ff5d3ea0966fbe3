"""Badges that can be earned: lineages, versions, rubrics, alignments, pictures, checks before publishing."""
