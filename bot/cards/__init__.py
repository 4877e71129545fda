"""Cards and posters for print: what stands on one, how it is set, and the files that a printer gets."""
