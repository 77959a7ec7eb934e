"""The rules of approvals without input or output."""
