"""Mails to deliver: written in the transaction that causes them, sent afterwards, at least once."""
