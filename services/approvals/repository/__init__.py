"""All SQL of approvals, one module per noun."""
