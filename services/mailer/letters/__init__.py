"""What each mail is about: from an event to the fields, proofs and link of one mail to one recipient.

The words stand in templates/, how they become a mail in composing.py.
"""
