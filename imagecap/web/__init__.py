"""The library as pages in a browser, and the same for programs."""
