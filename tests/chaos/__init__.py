"""A long round of deaths over many awards: `make chaos`. No part of `make test`, which runs a short one."""
