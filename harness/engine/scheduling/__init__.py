"""What is run next: `protocol` states the interface, and each policy has a file of its own."""
