"""The HTML report of a class: pages that need nothing but a browser, not even a network."""
