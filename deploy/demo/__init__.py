"""The demo: an invented dealer with clerks, customers, two years of documents and proofs."""
