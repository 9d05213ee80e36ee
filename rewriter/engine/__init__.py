"""Transforms read from data, matched, planned and applied.

It may import the layers up to conversations. Begin with `plan`: it reads a template into statements
(`outline`, `draft`) and hands them to the verbs of each rule. `planner` tries recipes for goals;
`families` and `registry` read the catalogs.
"""
