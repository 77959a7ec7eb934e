"""Whether an invoice or credit note is open, paid or overdue: one rule for lists and pages."""

STATE = """
    CASE WHEN kind NOT IN ('invoice', 'credit_note') THEN status_group_id
         WHEN open_amount IS NULL THEN ''
         WHEN kind = 'credit_note' AND open_amount <> 0 THEN 'open'
         WHEN open_amount <= 0 THEN 'paid'
         WHEN kind = 'invoice' AND due_date < $1 THEN 'overdue'
         ELSE 'open' END
"""
"""By what a document is filtered; $1 is today.

On the due date an invoice is open. A credit note is open until it is settled, whatever its sign is, and never
overdue: the dealer owes it. Empty where the data says nothing.
"""
