"""What requests carry, as Structs that also describe themselves in OpenAPI."""
