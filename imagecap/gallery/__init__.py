"""Pictures with their captions as a web site of files, which needs no server."""
