"""Steps that run inside an installation, each a program: arguments as JSON, its last line is the answer."""
