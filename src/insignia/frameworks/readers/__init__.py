"""One module for each format, each turning bytes into `source.Source`; `sniffing` finds the right one."""
