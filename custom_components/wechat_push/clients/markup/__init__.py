"""Readers of Markdown and HTML, and writers of plain text and HTML.

A reader returns tokens: starts and ends of HTML elements, and text, each with its place
in the source. `tree.balance` adds the ends that may be left out.
"""
