"""Proof formats, one module each: Data Integrity suites and the 1EdTech VC-JWT."""
