"""All SQL of sync. What two events may write at once is written in one order, so that neither waits for
the other in a circle."""
