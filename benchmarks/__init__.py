"""What Insignia's claims about speed are measured with, its peers at the same work beside it: `make bench`."""
