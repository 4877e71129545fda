"""What an officer's browser gets: a page and its scripts, which open the key and the reports there and nowhere else."""
