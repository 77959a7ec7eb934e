"""What approvals can do: one function each. Time and who is asking come in; the edge commits."""
