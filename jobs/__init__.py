"""The engine: durable jobs from enqueue to completion."""
