"""What both the command line and the HTTP routes do, one task a file."""
