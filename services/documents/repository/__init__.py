"""All SQL of documents.

Batches travel as one JSON parameter: one statement writes hundreds of rows, and takes only the columns
that it names.
"""
