"""What a live connection is made of: topics, frames, who may look, and for how long."""
