"""What is measured, and against what: `./run bench`."""
