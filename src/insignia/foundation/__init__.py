"""What every domain stands on: ids, errors, sealing, files, waking work. No noun of the domain lives here."""
