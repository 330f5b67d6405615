"""What a user's tools do: one module an interface, each call a step with evidence."""
